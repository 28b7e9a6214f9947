"""What a preview prints."""

from __future__ import annotations

from collections.abc import Iterable

from customer_warehouse.identity.lookup import Days
from customer_warehouse.identity.preview import Example, Preview
from customer_warehouse.identity.tabular import add, print_table, table_of
from customer_warehouse.settings import Settings


def print_preview(found: Preview, examples: int, settings: Settings) -> None:
    """Print what would change."""
    merged, split = found.merged(), found.split()
    days = Days(settings.business_time_zone)
    changed = sum(len(group.before) for group in merged)
    print(f"What the next night would change, against the night of {days.night(found.as_of)}; nothing was written.\n")
    table = table_of("", "#now", "#then")
    add(table, "customers", f"{found.customers_before:,}", f"{found.customers_after:,}")
    add(table, "pairs for people to decide", f"{found.reviews_before:,}", f"{found.reviews_after:,}")
    if found.effects is not None:
        of = found.effects
        add(table, f"net revenue ({settings.base_currency})", f"{of.revenue_before:,.2f}", f"{of.revenue_after:,.2f}")
    print_table(table)
    if found.moves:
        print(
            f"\n{changed:,} customers would be merged into {len(merged):,}, {len(split):,} would be split;"
            f" {found.changed():,} would not keep the same records."
            f" {found.records_moved:,} of {found.records:,} records would move."
        )
    else:
        print("\nEvery customer would keep its records.")
    if found.new_records:
        print(f"{found.new_records:,} records are newer than the last night of identity and come in as well.")
    if found.effects is None:
        print("There are no marts yet, so money, segments and consents cannot be told.")
    elif found.moves:
        print(f"{found.effects.revenue_moved:,.2f} {settings.base_currency} of net revenue would move.")
        _effects(found)
    for title, group in (("Merged", merged), ("Split", split)):
        if group and examples:
            print(f"\n{title}, those first that move most")
            _examples(group[:examples])


def _effects(found: Preview) -> None:
    assert found.effects is not None
    lists = {name: change for name, change in found.effects.segments.items() if change.gained or change.lost}
    if lists:
        print("\nSegments")
        table = table_of("", "#now", "#then", "#come in", "#fall out")
        for name, change in lists.items():
            add(table, name, *(f"{n:,}" for n in (change.before, change.after, change.gained, change.lost)))
        print_table(table)
    consents = [(channel, *way, n) for channel, ways in found.effects.consents.items() for way, n in ways.items()]
    if consents:
        print("\nConsents")
        table = table_of("", "now", "then", "#customers")
        for channel, now, then, customers in consents:
            add(table, channel, now, then, f"{customers:,}")
        print_table(table)
    if not lists and not consents:
        print("No segment and no consent would change.")


def _examples(group: Iterable[Example]) -> None:
    table = table_of("now", "then", "#records", "#revenue moved")
    for example in group:
        revenue = "" if example.revenue is None else f"{example.revenue:,.2f}"
        add(table, _some(example.before), _some(example.after), f"{example.records:,}", revenue)
    print_table(table)


def _some(customers: tuple[str, ...]) -> str:
    more = f" and {len(customers) - 5:,} more" if len(customers) > 5 else ""
    return ", ".join(customers[:5]) + more
