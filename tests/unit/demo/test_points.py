"""The loyalty programme: balances that add up, points that go oldest first and expire on their day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from customer_warehouse.demo.chance import Chance
from customer_warehouse.demo.moments import DAY, EPOCH, day_index
from customer_warehouse.demo.points import EARN, EXPIRE, HOLD_FOR, REDEEM, WORTH, Ledger
from customer_warehouse.demo.world import World
from unit.demo.test_world import bodies, table

PURCHASES = st.lists(
    st.tuples(
        st.integers(0, 900).map(lambda day: EPOCH + day * DAY + 12 * 3600),
        st.integers(0, 5_000),
        st.none() | st.tuples(st.integers(0, 40), st.floats(0, 1)),
    ),
    max_size=12,
)
UNTIL = EPOCH + 1_500 * DAY


def ledger(bought: list[tuple[int, int, tuple[int, float] | None]], until: int = UNTIL) -> Ledger:
    """The ledger of what was bought before `until`."""
    made = Ledger(Chance(1, "points"))
    for number, (at, total, back) in enumerate(bought):
        if at >= until:
            continue
        made.bought(number, at, total, str(number))
        if back is not None:
            made.brought_back(number, at + back[0] * DAY + 1, int(total * back[1]), str(number))
    return made


@given(PURCHASES, st.integers(0, 1_500))
def test_a_later_day_only_adds_movements(bought: list[tuple[int, int, tuple[int, float] | None]], day: int) -> None:
    until = EPOCH + day * DAY
    before = list(ledger(bought, until).movements(until))

    after = list(ledger(bought).movements(UNTIL))

    assert before == [move for move in after if move.at < until]


@given(PURCHASES)
def test_nothing_holds_longer_than_a_year_and_nothing_is_spent_that_is_not_there(
    bought: list[tuple[int, int, tuple[int, float] | None]],
) -> None:
    balance, moves = 0, list(ledger(bought).movements(UNTIL))

    assert moves == sorted(moves, key=lambda move: move.at)
    for move in moves:
        balance += move.points
        if move.part in (REDEEM, EXPIRE):
            assert move.points < 0 <= balance
        if move.part == EARN:
            assert move.last_day == day_index(move.at) + HOLD_FOR
    earned = sum(total // WORTH for _, total, _ in bought)
    taken_back = sum(int(total * back[1]) // WORTH for _, total, back in bought if back)
    gone = -sum(move.points for move in moves if move.part in (REDEEM, EXPIRE))
    assert balance == earned - taken_back - gone <= 0


def till_movements(world: World) -> Iterator[dict[str, str]]:
    for path in world.till.glob("*/points.csv"):
        yield from table(path)


def test_shop_and_tills_deliver_all_kinds_of_movements_of_records_that_were_theirs(world: World) -> None:
    shop, till = list(bodies(world, "point_movements").values()), list(till_movements(world))
    members = {row["member_number"] for path in world.till.glob("*/*/members.csv") for row in table(path)}

    assert set(Counter(row["type"] for row in shop)) == {"earned", "redeemed", "expired", "reversed"}
    assert {row["type"] for row in till} >= {"EARN", "REDEEM", "EXPIRE"}
    assert {row["member_number"] for row in till} <= members | late_members(world)
    assert len({row["movement_id"] for row in till}) == len(till)


def late_members(world: World) -> set[str]:
    """Members whose store has not delivered its last two days yet, as far as their points tell."""
    days = [(world.night - timedelta(days=back)).isoformat() for back in (0, 1)]
    return {row["member_number"] for row in till_movements(world) if row["moved_at"][:10] in days}


def test_points_of_a_purchase_hold_for_a_year(world: World) -> None:
    for row in till_movements(world):
        if row["type"] == "EARN":
            moved = date.fromisoformat(row["moved_at"][:10])
            assert date.fromisoformat(row["valid_until"]) == moved + timedelta(days=HOLD_FOR)
