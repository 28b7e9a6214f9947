"""Who somebody is: a pure function of the brand's seed and the person's number."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from customer_warehouse.demo import keys, tables
from customer_warehouse.demo.dirt import Dirt
from customer_warehouse.demo.kin import (
    REGIONS,
    SEXES,
    Head,
    draw_birth_date,
    draw_head,
    head_of,
    is_head,
    join_moment,
    namesake,
    parent_s_birth_date,
    previous_owner,
)
from customer_warehouse.demo.moments import YEAR
from customer_warehouse.demo.names import Name, draw_name, married_name, twin_name
from customer_warehouse.demo.phones import Phone, draw_phone
from customer_warehouse.demo.places import Address, draw_address


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
    married_name: Name | None = None
    married: int = 0
    """When the married name became the person's."""

    def name_at(self, moment: int) -> Name:
        """The name that the person bears at the moment."""
        return self.married_name if self.married_name and moment >= self.married else self.name

    @property
    def key(self) -> str:
        return f"p{self.index:07d}"

    @property
    def language(self) -> str:
        return {"CN": "hans", "EN": "en"}.get(self.region, "zh")


def draw_person(seed: int, index: int, people: int, until: int, dirt: Dirt) -> tuple[Person, Random] | None:
    """The person and the random source that goes on with their records; None when they join at `until` or later."""
    random = Random(f"{seed}:{index}")
    joined = join_moment(index, people, random)
    if joined >= until:
        return None
    region = REGIONS.draw(random)
    address = draw_address(region, random)
    landline, number = False, index * keys.RECORDS
    family: Head | None = None
    if dirt.strikes("family_phone", random, applies=not is_head(index)):
        family = draw_head(seed, head_of(index), people)
        region, address, landline, number = family.region, family.address, family.landline, family.index * keys.RECORDS
    elif region == "TW":
        landline = dirt.strikes("landline", random)
    sex = SEXES.draw(random)
    name = draw_name(region, sex, random, family.name if family else None)
    born = draw_birth_date(random)
    habit = HABITS.draw(random)
    only_online, only_stores = ONLINE[region]
    choice = random.random()
    online = 1.0 if choice < only_online else 0.0 if choice < only_online + only_stores else random.uniform(0.25, 0.75)
    has_account = online > 0 and random.random() < 0.88
    is_member = online < 1 and random.random() < 0.85
    lapsed = joined + int(random.expovariate(habit.lapse / YEAR)) if habit.lapse else 2**40

    own = Random(f"{seed}:{index}:kin")  # so that kin change nothing that is drawn from the source above
    may_be_kin = family is None and not is_head(index)
    if dirt.strikes("twin", own, applies=may_be_kin):
        family = draw_head(seed, head_of(index), people)
        region, address, sex, born = family.region, family.address, family.sex, family.birth_date
        name = twin_name(family.name, region, sex, own)
    elif dirt.strikes("parent_of_one_name", own, applies=may_be_kin and region == "EN"):
        family = namesake(seed, index, people)
        if family:
            address, sex, name = family.address, family.sex, family.name
            born = parent_s_birth_date(family.birth_date, own)
    elif dirt.strikes("recycled_phone", own, applies=may_be_kin and region != "EN" and not landline):
        before = previous_owner(seed, index, people, region, joined)
        number = before.index * keys.RECORDS if before else number
    if may_be_kin and family:
        shares_phone = own.random() < 0.4
        landline = family.landline if shares_phone else False
        number = family.index * keys.RECORDS if shares_phone else number
    marries = dirt.strikes("married_name", own, applies=sex == "f" and region in ("EN", "HK"))
    person = Person(
        index=index,
        region=region,
        sex=sex,
        name=name,
        birth_date=born.isoformat(),
        phone=draw_phone(address.country, address.area_code, landline, number),
        email=draw_email(region, name, index * keys.RECORDS, random),
        address=address,
        joined=joined,
        habit=habit,
        lapsed=lapsed,
        online=online,
        has_account=has_account,
        is_member=is_member,
        married_name=married_name(name, region, own) if marries else None,
        married=joined + int(own.uniform(0, 2) * YEAR),
    )
    return person, random


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
