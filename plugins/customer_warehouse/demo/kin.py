"""Who is somebody's kin, and what that makes alike: heads of households, twins, parents of one name, passed-on numbers.

A head of a household is a person whose number is a multiple of four; nobody is a head's head, so that what a head is
can be drawn again without drawing anybody else.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from customer_warehouse.demo import tables
from customer_warehouse.demo.dirt import Dirt
from customer_warehouse.demo.moments import DAY, EPOCH
from customer_warehouse.demo.names import Name, draw_name
from customer_warehouse.demo.places import Address, draw_address

HOUSEHOLD = 4
"""Every so many people one is a head."""
GROWTH = 730 * DAY
"""How long the brand takes to win its `people`; it goes on winning people at that pace."""
AT_THE_START = 0.25
"""Share of `people` who are there within the first weeks."""
LOOKED_BACK = 40
"""How many earlier heads are asked for one that fits."""
PASSED_ON_AFTER = 180 * DAY
REGIONS = tables.Weighted(("TW", "CN", "HK", "EN"), (60, 15, 12, 13))
SEXES = tables.Weighted(("f", "m"), (64, 36))


@dataclass(frozen=True, slots=True)
class Head:
    """What somebody can have in common with the head of a household."""

    index: int
    joined: int
    region: str
    address: Address
    landline: bool
    sex: str
    name: Name
    birth_date: date


def growth_step(people: int) -> float:
    """Seconds between two people who join after the first `people` have."""
    return GROWTH / (people * (1 - AT_THE_START))


def join_moment(index: int, people: int, random: Random) -> int:
    """When the person becomes known. After the first `people`, one more every `GROWTH / (people × 0.75)`."""
    first, second = random.random(), random.random()
    if index < people:
        days = 20 * second if first < AT_THE_START else 730 * second
        return EPOCH + int(days * DAY)
    return EPOCH + GROWTH + int((index - people + second) * growth_step(people))


def draw_birth_date(random: Random) -> date:
    """A day from 1950 to 2008, most often around 1991."""
    return date(1950, 1, 1) + timedelta(days=int(random.triangular(0, 21_500, 15_000)))


def draw_head(seed: int, index: int, people: int) -> Head:
    """The head with this number, as `draw_person` draws it."""
    random = Random(f"{seed}:{index}")
    joined = join_moment(index, people, random)
    region = REGIONS.draw(random)
    address = draw_address(region, random)
    aside = Dirt()
    aside.strikes("family_phone", random)
    landline = region == "TW" and aside.strikes("landline", random)
    sex = SEXES.draw(random)
    name = draw_name(region, sex, random)
    return Head(index, joined, region, address, landline, sex, name, draw_birth_date(random))


def head_of(index: int) -> int:
    """The number of the head of the person's household; their own for a head."""
    return index - index % HOUSEHOLD


def is_head(index: int) -> bool:
    return index % HOUSEHOLD == 0


def earlier_heads(seed: int, index: int, people: int) -> Iterator[Head]:
    """The person's head and those before, nearest first."""
    for number in range(head_of(index), max(-1, head_of(index) - LOOKED_BACK * HOUSEHOLD), -HOUSEHOLD):
        yield draw_head(seed, number, people)


def namesake(seed: int, index: int, people: int) -> Head | None:
    """A grown child, English-speaking, who was given this person's name; None when there is none near."""
    return next((head for head in earlier_heads(seed, index, people) if head.region == "EN"), None)


def previous_owner(seed: int, index: int, people: int, region: str, joined: int) -> Head | None:
    """Somebody of the region whose mobile number was passed on before `joined`; None when there is none near."""
    for head in earlier_heads(seed, index, people):
        if head.region == region and not head.landline and head.joined + PASSED_ON_AFTER < joined:
            return head
    return None


def parent_s_birth_date(child: date, random: Random) -> date:
    """A birth date 20 to 32 years before the child's."""
    return child - timedelta(days=random.randrange(20 * 365, 32 * 365))
