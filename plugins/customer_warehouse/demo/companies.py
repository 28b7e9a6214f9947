"""Accounts in the name of a company: a customer of its own, with a person's phone or mailbox."""

from __future__ import annotations

from random import Random

from customer_warehouse.demo import keys, tables
from customer_warehouse.demo.dirt import Dirt
from customer_warehouse.demo.moments import YEAR
from customer_warehouse.demo.names import Written
from customer_warehouse.demo.person import Person
from customer_warehouse.demo.phones import draw_phone
from customer_warehouse.demo.places import draw_address
from customer_warehouse.demo.records import Consent, Record, State, Version

COMPANY = 2
"""The number of a company's account among the records of its person."""
KINDS = {
    "TW": ("{0}{1}實業有限公司", "{0}{1}科技股份有限公司", "{0}{1}企業社", "{0}{1}設計有限公司"),
    "CN": ("{2}{0}{1}商贸有限公司", "{2}{0}{1}科技有限公司"),
    "HK": ("{0}{1}貿易有限公司", "{0}{1}國際有限公司"),
    "EN": ("{0} & Sons Ltd", "{0} Trading Ltd", "{0} Design Inc.", "{0} Pty Ltd"),
}
MAILBOXES = ("info", "office", "service", "admin")


def company_name(person: Person, random: Random) -> str:
    """A name as companies of the person's region bear."""
    if person.region == "EN":
        first = second = tables.weighted("western_surnames").draw(random)["surname"]
    else:
        column = "simplified" if person.region == "CN" else "traditional"
        first, second = (random.choice(tables.rows("given_characters"))[column] for _ in range(2))
    city = person.address.city.removesuffix("市")
    return random.choice(KINDS[person.region]).format(first, second, city)


def company_account(person: Person, seed: int, until: int, dirt: Dirt) -> Record | None:
    """The shop account of the person's company; None when there is none before `until`.

    Four in ten give the person's own phone, half the person's own mailbox; the others have some of the company's.
    """
    random = Random(f"{seed}:{person.index}:company")
    if not dirt.strikes("company_account", random, applies=person.has_account):
        return None
    created = person.joined + int(random.uniform(0.02, 1.5) * YEAR)
    if created >= until:
        return None
    name = company_name(person, random)
    address = draw_address(person.region, random)
    number = person.index * keys.RECORDS + keys.RECORDS - 1
    phone = draw_phone(address.country, address.area_code, address.country == "TW", number)
    email = f"{random.choice(MAILBOXES)}@co{keys.shuffled('email', number)}.example.com"
    if random.random() < 0.4:
        phone = person.phone
    if random.random() < 0.5:
        email = person.email
    nobody = Consent("", 0)
    state = State(
        written=Written("", name, name),
        email=email,
        phone=phone.e164,
        address=address,
        country=address.country,
        gender="",
        birth_date="",
        email_consent=nobody,
        sms_consent=nobody,
        true_name=name,
        true_email=email,
        true_phone=phone.e164,
        true_address=address.text,
    )
    return Record(str(keys.customer_id(person.index, COMPANY)), [Version(created, state)])
