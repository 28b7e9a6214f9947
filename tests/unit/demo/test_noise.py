"""The noise as it is documented, and the ceiling of what any method can find."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import islice
from pathlib import Path

import pytest
from typer.testing import CliRunner

from customer_warehouse.demo.brand import Brand, Traces
from customer_warehouse.demo.commands import app
from customer_warehouse.demo.dirt import RATES
from customer_warehouse.demo.limits import Limits, limits
from customer_warehouse.demo.moments import end_of
from customer_warehouse.demo.truth import Fact

PAGE = Path(__file__).parents[3] / "docs" / "demo.md"


def person(**raw_by_record: dict[str, str]) -> Traces:
    """Somebody whose true phone is 1, mailbox 2 and birth date 3, and the records with what is written in them."""
    true = {"phone": "1", "email": "2", "birth_date": "3"}
    facts = [
        Fact("shop_platform", key, column, raw, true[column])
        for key, written in raw_by_record.items()
        for column, raw in written.items()
    ]
    return Traces("p1", owned=[("shop_platform", key) for key in raw_by_record], facts=facts)


def test_records_hang_together_through_what_they_carry_in_common() -> None:
    chain = person(
        one={"phone": "0912", "email": ""}, both={"phone": "0912 5", "email": "a@b.c"}, other={"email": "A@B.C"}
    )

    assert limits([chain]) == Limits(3, 1, 3, 0, 1.0, 1.0)


@pytest.mark.parametrize("nothing", ["", "0900000000", "02-2345-1188"])
def test_nothing_a_placeholder_and_the_till_s_own_number_carry_nothing(nothing: str) -> None:
    apart = person(one={"phone": nothing}, other={"phone": "0912"}, third={"phone": "0912"})

    found = limits([apart])

    assert (found.with_others, found.unlinkable) == (3, 1)
    assert found.pairwise_recall == pytest.approx(1 / 3)
    assert found.b_cubed_recall == pytest.approx((4 / 3 + 1 / 3) / 3)


def test_a_contact_that_names_an_account_hangs_together_with_it() -> None:
    traces = person(a1={"phone": ""}, other={"phone": "0912"})
    contact = replace(traces, owned=[*traces.owned, ("service_desk", "c1")], desk=[("contacts", "c1,a1,,,\n")])

    assert limits([contact]).unlinkable == 1


def test_a_few_records_of_the_demo_cannot_be_linked_by_anybody() -> None:
    found = limits(islice(Brand().traces(end_of(date(2026, 11, 20))), 600))

    assert 0 < found.unlinkable / found.with_others < 0.06
    assert 0.97 < found.b_cubed_recall < 1


def test_the_page_names_every_kind_with_its_rate() -> None:
    page = PAGE.read_text(encoding="utf-8")

    for kind, rate in RATES.items():
        assert f"| {kind} | " in page
        assert f" | {rate:.2%} | " in page.split(f"| {kind} | ")[1].split("\n")[0]


@pytest.mark.slow
def test_the_page_shows_what_is_measured() -> None:
    _, rest = PAGE.read_text(encoding="utf-8").split("<!-- noise -->\n")
    shown = rest.split("<!-- end -->")[0]

    done = CliRunner().invoke(app, ["noise", "--night", "2026-11-20"], catch_exceptions=False)

    assert shown == done.output, "Run the command that the page names and put its output between the marks."
