"""The noise of the demo brand in Markdown: how often each kind should strike, how often it did, and the limits."""

from __future__ import annotations

from customer_warehouse.demo.brand import Brand
from customer_warehouse.demo.dirt import RATES, Dirt, explanations
from customer_warehouse.demo.limits import limits


def report(brand: Brand, until: int) -> str:
    """Two tables about everything that the systems hold before the moment `until`."""
    dirt, told = Dirt(), explanations()
    found = limits(brand.traces(until, dirt))
    lines = ["| kind | share of, and what happens | rate | struck | measured |", "|---|---|---|---|---|"]
    for kind, rate in RATES.items():
        tried, struck = dirt.tried[kind], dirt.struck[kind]
        share = f"{struck / tried:.2%}" if tried else "-"
        lines.append(f"| {kind} | {told[kind]} | {rate:.2%} | {struck:,} of {tried:,} | {share} |")
    lines += [
        "",
        "| of the records of people | |",
        "|---|---|",
        f"| people, and companies with an account | {found.people:,} |",
        f"| their records | {found.records:,} |",
        f"| records whose person has another one | {found.with_others:,} |",
        "| of these, with nothing but a name in common with any of them"
        f" | {found.unlinkable:,} ({found.unlinkable / found.with_others:.1%}) |",
        f"| best possible pairwise recall | {found.pairwise_recall:.4f} |",
        f"| best possible B³ recall | {found.b_cubed_recall:.4f} |",
    ]
    return "\n".join(lines) + "\n"
