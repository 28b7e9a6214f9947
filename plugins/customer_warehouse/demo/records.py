"""What shop and tills hold about a person: accounts and loyalty memberships, in dated versions.

Everything is drawn in a fixed order that does not depend on the day asked for, so that the same record looks the same
whenever it is asked for; what happens at or after `until` is left out at the end.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from random import Random
from typing import NamedTuple

from customer_warehouse.demo import keys
from customer_warehouse.demo.catalogue import hash_text
from customer_warehouse.demo.dirt import UNMAPPED_COUNTRIES, UNMAPPED_GENDERS, Dirt, damaged_birth_date, damaged_email
from customer_warehouse.demo.moments import DAY, EPOCH, HOUR, YEAR, day_index
from customer_warehouse.demo.names import Written, write_name
from customer_warehouse.demo.person import Person, draw_email
from customer_warehouse.demo.phones import Phone, draw_phone, write_phone
from customer_warehouse.demo.places import Address, draw_address, write_address
from customer_warehouse.demo.stores import Store, is_closed, open_stores

CHANGES_A_YEAR = 0.6
CHANGES = ("phone", "address", "email", "email_consent", "sms_consent", "leave_shop", "leave_till")
CHANGE_SHARES = (0.14, 0.38, 0.48, 0.78, 0.94, 0.97, 1.0)
"""Cumulative shares of `CHANGES`."""
SECOND_EMAIL = keys.RECORDS - 1
"""The number of a second account's e-mail address among the person's."""


class Consent(NamedTuple):
    """`granted`, `denied`, `pending`, or empty when nobody knows; `at` is 0 when it was never given or taken."""

    state: str
    at: int


@dataclass(slots=True)
class State:
    """How a record stands: what is written in it, and the truth beside it."""

    written: Written
    email: str
    phone: str
    address: Address | None
    country: str
    gender: str
    birth_date: str
    email_consent: Consent
    sms_consent: Consent
    true_name: str
    true_email: str
    true_phone: str
    true_address: str


class Version(NamedTuple):
    """A state and when it came to be; `store` is the till's that wrote it."""

    at: int
    state: State
    store: str = ""


@dataclass(slots=True)
class Record:
    """One record of one system, with the versions known so far, oldest first."""

    key: str
    versions: list[Version]
    deleted: int | None = None
    deleted_at_store: str = ""

    @property
    def created(self) -> int:
        return self.versions[0].at

    def at(self, moment: int) -> State | None:
        """The state at the moment; None before it was created and after it was deleted."""
        if self.deleted is not None and self.deleted <= moment:
            return None
        found = None
        for version in self.versions:
            if version.at > moment:
                break
            found = version.state
        return found

    def last(self, until: int) -> Version | None:
        """The version that holds just before `until`; None before it was created and after it was deleted."""
        if self.deleted is not None and self.deleted < until:
            return None
        found = None
        for version in self.versions:
            if version.at >= until:
                break
            found = version
        return found


class Change(NamedTuple):
    """Something in the person's life that a system may hear of."""

    at: int
    kind: str
    in_shop: bool
    in_till: bool
    random: Random
    phone: Phone | None = None
    address: Address | None = None
    email: str = ""


class Details(NamedTuple):
    """How the person can be reached from `since` on."""

    since: int
    phone: Phone
    email: str
    address: Address


@dataclass(slots=True)
class Records:
    """A person's records, and their true details, oldest first."""

    accounts: list[Record]
    members: list[Record]
    details: list[Details]

    def details_at(self, moment: int) -> Details:
        """The true details at the moment."""
        found = self.details[0]
        for details in self.details:
            if details.since > moment:
                break
            found = details
        return found


def store_moment(moment: int, random: Random) -> int:
    """A moment at which stores are open, on the same day or on the first open one after it."""
    day = day_index(moment)
    while is_closed(day):
        day += 1
    return EPOCH + day * DAY + 11 * HOUR + int(random.triangular(0, 10 * HOUR - 1, 7 * HOUR))


def home_store(address: Address) -> str:
    """The store nearest to the address; empty when there is none."""
    city = address.city
    if address.country == "HK":
        return "HKG01"
    if city[:2] in ("臺北", "新北", "基隆", "桃園"):
        return "TPE01" if hash_text(address.district) % 2 else "TPE02"
    return {"臺中": "TXG01", "彰化": "TXG01", "南投": "TXG01", "高雄": "KHH01", "屏東": "KHH01", "臺南": "KHH01"}.get(
        city[:2], ""
    )


def draw_store(address: Address, moment: int, random: Random) -> Store:
    """The store that somebody who lives there visits at the moment, on an open day."""
    found = open_stores(day_index(moment))
    near, spot = random.random() < 0.85, random.random()
    if near:
        home = home_store(address)
        for store in found:
            if store.code == home:
                return store
    spot *= sum(store.weight for store in found)
    for store in found:
        spot -= store.weight
        if spot < 0:
            return store
    return found[-1]


def draw_consent(granted: float, denied: float, moment: int, random: Random) -> Consent:
    choice = random.random()
    if choice < granted:
        return Consent("granted", moment)
    return Consent("denied", moment) if choice < granted + denied else Consent("", 0)


def draw_state(person: Person, system: str, moment: int, store: Store | None, dirt: Dirt, random: Random) -> State:
    """The person's details as they are typed into a new record of `system` (shop or till)."""
    written = write_name(person.name_at(moment), person.sex, system, dirt, random)
    email = "" if dirt.strikes(f"missing_email_{system}", random) else damaged_email(person.email, dirt, random)
    phone = "" if dirt.strikes(f"missing_phone_{system}", random) else write_phone(person.phone, dirt, random)
    if store is not None and dirt.strikes("store_phone", random):
        phone = store.phone
    if not phone and not email:
        email = person.email
    missing = dirt.strikes(f"missing_address_{system}", random)
    address = None if missing else write_address(person.address, dirt, random)
    country = person.address.country
    if dirt.strikes("unmapped_country", random):
        country = random.choice(UNMAPPED_COUNTRIES)
    gender = {"f": "F", "m": "M"}[person.sex]
    if dirt.strikes("missing_gender", random):
        gender = ""
    elif dirt.strikes("unmapped_gender", random):
        gender = random.choice(UNMAPPED_GENDERS)
    elif random.random() < 0.01:
        gender = "O"
    return State(
        written=written,
        email=email,
        phone=phone,
        address=address,
        country=country,
        gender=gender,
        birth_date=damaged_birth_date(person.birth_date, dirt, random) if store is not None else "",
        email_consent=draw_consent(0.58, 0.22, moment, random),
        sms_consent=draw_consent(0.35, 0.30, moment, random),
        true_name=person.name_at(moment).full,
        true_email=person.email,
        true_phone=person.phone.e164,
        true_address=person.address.text,
    )


def draw_records(person: Person, seed: int, until: int, dirt: Dirt, random: Random) -> Records:
    """The person's accounts and memberships with every version from before `until`."""
    records = Records([], [], [Details(0, person.phone, person.email, person.address)])
    later = int(random.expovariate(1 / (60 * DAY)))
    shop_first = random.random() < 0.5 or not person.is_member
    if person.has_account:
        created = person.joined if shop_first else person.joined + later
        state = draw_state(person, "shop", created, None, dirt, random)
        records.accounts.append(Record(str(keys.customer_id(person.index, 0)), [Version(created, state)]))
        if dirt.strikes("second_account", random):
            records.accounts.append(_second_account(person, created, dirt, random))
    if person.is_member:
        created = store_moment(person.joined + later if shop_first and person.has_account else person.joined, random)
        records.members.append(_membership(person, 0, created, dirt, random))
        if dirt.strikes("second_membership", random):
            again = store_moment(created + int(random.uniform(30, 500) * DAY), random)
            record = _membership(person, 1, again, dirt, random)
            if random.random() < 0.6:
                record.deleted = store_moment(again + int(random.uniform(5, 90) * DAY), random)
                record.deleted_at_store = record.versions[0].store
            records.members.append(record)
    for change in draw_changes(person, seed, until):
        _apply(change, records, dirt)
    records.accounts = [record for record in records.accounts if record.created < until]
    records.members = [record for record in records.members if record.created < until]
    return records


def _second_account(person: Person, created: int, dirt: Dirt, random: Random) -> Record:
    again = created + int(random.uniform(30, 500) * DAY)
    other = draw_email(person.region, person.name, person.index * keys.RECORDS + SECOND_EMAIL, random)
    state = draw_state(person, "shop", again, None, dirt, random)
    if state.email:
        state = replace(state, email=damaged_email(other, dirt, random), true_email=other)
    deleted = again + int(random.uniform(10, 120) * DAY) if random.random() < 0.5 else None
    return Record(str(keys.customer_id(person.index, 1)), [Version(again, state)], deleted)


def _membership(person: Person, number: int, created: int, dirt: Dirt, random: Random) -> Record:
    store = draw_store(person.address, created, random)
    state = draw_state(person, "till", created, store, dirt, random)
    return Record(keys.member_number(person.index, number), [Version(created, state, store.code)])


def draw_changes(person: Person, seed: int, until: int) -> Iterator[Change]:
    """What happens in the person's life from joining to `until`, in order."""
    random = Random(f"{seed}:{person.index}:life")
    moment, number, address = float(person.joined + DAY), 0, person.address
    while True:
        moment += random.expovariate(CHANGES_A_YEAR / YEAR)
        if moment >= until:
            return
        number += 1
        share = random.random()
        kind = next(kind for kind, bound in zip(CHANGES, CHANGE_SHARES, strict=True) if share < bound)
        in_shop, in_till = random.random() < 0.65, random.random() < 0.5
        details = Random(f"{seed}:{person.index}:life:{number}")
        fresh = person.index * keys.RECORDS + 1 + number % (SECOND_EMAIL - 1)
        change = Change(int(moment), kind, in_shop, in_till, details)
        if kind == "phone":
            change = change._replace(phone=draw_phone(address.country, address.area_code, False, fresh))
        elif kind == "email":
            change = change._replace(email=draw_email(person.region, person.name, fresh, details))
        elif kind == "address":
            address = draw_address(person.region, details)
            change = change._replace(address=address)
        yield change


def _apply(change: Change, records: Records, dirt: Dirt) -> None:
    """Write the change into the records whose systems hear of it, and into the person's true details."""
    details = records.details[-1]
    if change.kind == "leave_shop":
        for record in records.accounts:
            record.deleted = (
                min(record.deleted or change.at, change.at) if record.created < change.at else record.deleted
            )
        return
    if change.kind == "leave_till":
        for record in records.members:
            at = store_moment(change.at, change.random)
            if record.versions[-1].at < at and record.deleted is None:
                record.deleted, record.deleted_at_store = at, draw_store(details.address, at, change.random).code
        return
    for system, hears, found in (("shop", change.in_shop, records.accounts), ("till", change.in_till, records.members)):
        for record in found[:1] if hears else ():
            at = store_moment(change.at, change.random) if system == "till" else change.at
            store = draw_store(details.address, at, change.random).code if system == "till" else ""
            last = record.versions[-1]
            if last.at < at and (record.deleted is None or record.deleted > at):
                state = _changed(last.state, change, at, dirt)
                record.versions.append(Version(at, state, store))
    if change.phone or change.email or change.address:
        phone, email, address = (
            change.phone or details.phone,
            change.email or details.email,
            change.address or details.address,
        )
        records.details.append(Details(change.at, phone, email, address))


def _changed(state: State, change: Change, at: int, dirt: Dirt) -> State:
    random = change.random
    if change.phone:
        return replace(state, phone=write_phone(change.phone, dirt, random), true_phone=change.phone.e164)
    if change.email:
        return replace(state, email=damaged_email(change.email, dirt, random), true_email=change.email)
    if change.address:
        address = write_address(change.address, dirt, random)
        return replace(state, address=address, true_address=change.address.text)
    before = state.email_consent if change.kind == "email_consent" else state.sms_consent
    after = Consent("denied" if before.state == "granted" else "granted", at)
    if change.kind == "email_consent":
        return replace(state, email_consent=after)
    return replace(state, sms_consent=after)
