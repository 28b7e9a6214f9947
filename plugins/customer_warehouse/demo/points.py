"""The loyalty programme: points earned by purchases, redeemed for gifts, taken back with refunds, and expired.

The shop keeps a ledger for each account, the tills' head office one for each membership. A point is earned for every
full TWD 100, holds for a year, and goes oldest first. What is taken back after it was spent leaves a debt, so a balance
can be below 0 for a while, as in real programmes.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

from customer_warehouse.demo.chance import Chance
from customer_warehouse.demo.moments import DAY, EPOCH, day_index, day_text, iso_text, local_text
from customer_warehouse.demo.shop import Placed, ShopRow
from customer_warehouse.demo.till import Ticket, TillLine

WORTH = 100
"""TWD that earn a point."""
HOLD_FOR = 365
"""Days that a point holds, the last one included."""
REDEEMED_AFTER = 0.15
"""Share of the purchases within twenty days of which the points are redeemed, if there are enough."""
LEAST_REDEEMED = 20
EARN, REDEEM, EXPIRE, TAKE_BACK = range(4)
SHOP_TYPES = {EARN: "earned", REDEEM: "redeemed", EXPIRE: "expired"}
TILL_TYPES = {EARN: "EARN", REDEEM: "REDEEM", EXPIRE: "EXPIRE"}


class Movement(NamedTuple):
    """A change of a balance; `about` and `part` name it. `last_day` is the last one on which earned points hold."""

    at: int
    about: int
    part: int
    points: int
    reference: str
    last_day: int = 0


class Ledger:
    """The points of one account or membership: purchases in, movements out."""

    def __init__(self, chances: Chance) -> None:
        self.chances = chances
        self._events: list[Movement] = []

    def bought(self, about: int, at: int, total: int, reference: str) -> None:
        """Something was bought and counts from `at` on; `about` is its number."""
        self._events.append(Movement(at, about, EARN, total // WORTH, reference))
        bits = self.chances.bits(about)
        if bits % 1000 < REDEEMED_AFTER * 1000:
            self._events.append(Movement(at + (bits >> 16) % (20 * DAY), about, REDEEM, 0, reference))

    def brought_back(self, about: int, at: int, amount: int, reference: str, position: int = 0) -> None:
        """Some of it was given back."""
        self._events.append(Movement(at, about, TAKE_BACK + position, -(amount // WORTH), reference))

    def movements(self, until: int) -> Iterator[Movement]:
        """Everything that moves the balance before `until`, in order."""
        lots: deque[list[int]] = deque()
        earned: deque[Movement] = deque()
        balance = 0
        for event in [*sorted(self._events), Movement(until, 0, 0, 0, "")]:
            while lots and (expiry := EPOCH + (earned[0].last_day + 1) * DAY) <= min(event.at, until - 1):
                left, lot = lots.popleft()[0], earned.popleft()
                if left:
                    balance -= left
                    yield Movement(expiry, lot.about, EXPIRE, -left, lot.reference)
            if event.at >= until:
                return
            points, owed = event.points, min(balance, 0)
            if event.part == REDEEM:
                points = -(balance // 10 * 10) if balance >= LEAST_REDEEMED else 0
            if not points:
                continue
            balance += points
            if points > 0:
                event = event._replace(last_day=day_index(event.at) + HOLD_FOR)
                lots.append([max(0, points + owed)])
                earned.append(event)
            else:
                _spend(lots, -points)
            yield event._replace(points=points)


def _spend(lots: deque[list[int]], points: int) -> None:
    """Take the points from the oldest lots, as far as they go."""
    for lot in lots:
        taken = min(lot[0], points)
        lot[0] -= taken
        points -= taken
        if not points:
            return


class Ledgers:
    """All the ledgers of a person."""

    def __init__(self, chances: Chance) -> None:
        self.chances = chances
        self._accounts: dict[str, Ledger] = {}
        self._members: dict[str, Ledger] = {}

    def order(self, order: Placed, amounts: list[int]) -> None:
        """An order and what its refunds came to; a guest's earns nothing, nor does one that is never delivered."""
        if order.account and order.fate.fulfilled:
            ledger = self._accounts.setdefault(order.account, Ledger(self.chances))
            number = order.row.id
            ledger.bought(number, order.fate.fulfilled, order.total, str(number))
            for position, (refund, amount) in enumerate(zip(order.fate.refunds, amounts, strict=True)):
                ledger.brought_back(number, refund.at, amount, str(number), position)

    def ticket(self, ticket: Ticket, at: int) -> None:
        """A ticket; without the member's card it earns nothing."""
        if ticket.member:
            ledger = self._members.setdefault(ticket.member, Ledger(self.chances))
            ledger.bought(ticket.key, at, ticket.total, ticket.number)
            if ticket.back is not None and ticket.back.ticket:
                ledger.brought_back(ticket.key, ticket.back.at, ticket.back.amount, ticket.number)

    def shop_rows(self, until: int) -> Iterator[ShopRow]:
        """What the shop's API shows of the accounts' ledgers before `until`."""
        for account, ledger in self._accounts.items():
            for move in ledger.movements(until):
                key, moment = move.about * 10 + move.part, iso_text(move.at)
                last = f'"{day_text(move.last_day)}"' if move.last_day else "null"
                body = (
                    f'{{"id":{key},"customer_id":{account},"order_id":{move.about},'
                    f'"type":"{SHOP_TYPES.get(move.part, "reversed")}","points":{move.points},"expires_on":{last},'
                    f'"created_at":"{moment}","updated_at":"{moment}"}}'
                )
                yield ShopRow(key, move.at, True, body.encode())

    def till_lines(self, until: int) -> Iterator[TillLine]:
        """What the head office's files say of the memberships' ledgers before `until`."""
        for member, ledger in self._members.items():
            for move in ledger.movements(until):
                last = day_text(move.last_day) if move.last_day else ""
                kind = TILL_TYPES.get(move.part, "ADJUST")
                text = (
                    f"L{move.about:08x}-{move.part},{member},{move.reference},{kind},{move.points},"
                    f"{local_text(move.at)},{last}\n"
                )
                yield TillLine(day_index(move.at), "", "points", text)
