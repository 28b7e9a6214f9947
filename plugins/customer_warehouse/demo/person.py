"""Who somebody is: a pure function of the brand's seed and the person's number."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from customer_warehouse.demo import keys, tables
from customer_warehouse.demo.dirt import Dirt
from customer_warehouse.demo.moments import DAY, EPOCH, YEAR
from customer_warehouse.demo.names import Name, draw_name
from customer_warehouse.demo.phones import Phone, draw_phone
from customer_warehouse.demo.places import Address, draw_address

GROWTH = 730 * DAY
"""How long the brand takes to win its `people`; it goes on winning people at that pace."""
AT_THE_START = 0.25
"""Share of `people` who are there within the first weeks."""
REGIONS = tables.Weighted(("TW", "CN", "HK", "EN"), (60, 15, 12, 13))
SEXES = tables.Weighted(("f", "m"), (64, 36))


@dataclass(frozen=True)
class Habit:
    """How a kind of people buys: purchases a year while active, and how likely a year ends that."""

    name: str
    purchases: float
    lapse: float


HABITS = tables.Weighted(
    (
        Habit("visitor", 0, 0),
        Habit("once", 0.8, 0),
        Habit("occasional", 3.0, 0.5),
        Habit("regular", 9.0, 0.4),
        Habit("devoted", 22.0, 0.15),
    ),
    (20, 16, 30, 25, 9),
)
ONLINE = {"TW": (0.30, 0.35), "CN": (0.65, 0.10), "HK": (0.35, 0.25), "EN": (0.70, 0.10)}
"""By region: the share who only buy online, and who only buy at stores."""


@dataclass(slots=True)
class Person:
    """The truth about one person. Contact details are those on joining; `life` dates what changes later."""

    index: int
    region: str
    sex: str
    name: Name
    birth_date: str
    phone: Phone
    email: str
    address: Address
    joined: int
    habit: Habit
    lapsed: int
    online: float
    """The share of purchases made online."""
    has_account: bool
    is_member: bool

    @property
    def key(self) -> str:
        return f"p{self.index:07d}"

    @property
    def language(self) -> str:
        return {"CN": "hans", "EN": "en"}.get(self.region, "zh")


def join_moment(index: int, people: int, random: Random) -> int:
    """When the person becomes known. After the first `people`, one more every `GROWTH / (people × 0.75)`."""
    first, second = random.random(), random.random()
    if index < people:
        days = 20 * second if first < AT_THE_START else 730 * second
        return EPOCH + int(days * DAY)
    return EPOCH + GROWTH + int((index - people + second) * growth_step(people))


def growth_step(people: int) -> float:
    """Seconds between two people who join after the first `people` have."""
    return GROWTH / (people * (1 - AT_THE_START))


def draw_person(seed: int, index: int, people: int, until: int, dirt: Dirt) -> tuple[Person, Random] | None:
    """The person and the random source that goes on with their records; None when they join at `until` or later."""
    random = Random(f"{seed}:{index}")
    joined = join_moment(index, people, random)
    if joined >= until:
        return None
    region = REGIONS.draw(random)
    family_of: Name | None = None
    address = draw_address(region, random)
    area_code, landline = address.area_code, False
    number = index * keys.RECORDS
    if dirt.strikes("family_phone", random, applies=index % 4 != 0):
        head = index - index % 4
        region, address, family_of, landline = draw_head(seed, head, people)
        area_code, number = address.area_code, head * keys.RECORDS
    elif region == "TW":
        landline = dirt.strikes("landline", random)
    sex = SEXES.draw(random)
    name = draw_name(region, sex, random, family_of)
    born = date(1950, 1, 1) + timedelta(days=int(random.triangular(0, 21_500, 15_000)))
    habit = HABITS.draw(random)
    only_online, only_stores = ONLINE[region]
    choice = random.random()
    online = 1.0 if choice < only_online else 0.0 if choice < only_online + only_stores else random.uniform(0.25, 0.75)
    has_account = online > 0 and random.random() < 0.88
    is_member = online < 1 and random.random() < 0.85
    lapsed = joined + int(random.expovariate(habit.lapse / YEAR)) if habit.lapse else 2**40
    person = Person(
        index=index,
        region=region,
        sex=sex,
        name=name,
        birth_date=born.isoformat(),
        phone=draw_phone(address.country, area_code, landline, number),
        email=draw_email(region, name, index * keys.RECORDS, random),
        address=address,
        joined=joined,
        habit=habit,
        lapsed=lapsed,
        online=online,
        has_account=has_account,
        is_member=is_member,
    )
    return person, random


def draw_head(seed: int, index: int, people: int) -> tuple[str, Address, Name, bool]:
    """Region, address, name and kind of phone of the head of a household, as `draw_person` draws them."""
    random = Random(f"{seed}:{index}")
    join_moment(index, people, random)
    region = REGIONS.draw(random)
    address = draw_address(region, random)
    aside = Dirt()
    aside.strikes("family_phone", random)
    landline = region == "TW" and aside.strikes("landline", random)
    return region, address, draw_name(region, SEXES.draw(random), random), landline


def draw_email(region: str, name: Name, number: int, random: Random) -> str:
    """An e-mail address of the person's own: no two numbers give the same one."""
    domains = [row for row in tables.rows("mail_domains") if row["region"] == region]
    domain = random.choices(domains, [float(row["weight"]) for row in domains])[0]["domain"]
    given = (name.english or name.latin_given) if name.chinese else name.given
    family = name.latin_family if name.chinese else name.family
    letters = "".join(c for c in f"{given}.{family}".lower() if c.isascii() and (c.isalnum() or c == "."))
    tail = str(keys.shuffled("email", number) % 100_000_000)
    if region == "CN" and domain == "qq.com":
        return f"{1_000_000_000 + keys.shuffled('email', number)}@qq.com"
    style = random.random()
    if style < 0.4:
        letters = letters.replace(".", "")
    elif style < 0.5:
        letters = letters.replace(".", "_")
    return f"{letters}{tail}@{domain}"
