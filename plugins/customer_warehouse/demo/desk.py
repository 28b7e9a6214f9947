"""The service desk's rows as lines of CSV for COPY: contacts, cases with their history, messages, ratings, surveys and
return documents."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

from customer_warehouse.demo import keys, tables
from customer_warehouse.demo.csv_text import csv_line
from customer_warehouse.demo.desk_work import (
    Survey,
    brand_surveys,
    case_survey,
    case_work,
    outcome_of,
    return_documents,
    survey_values,
)
from customer_warehouse.demo.dirt import UNMAPPED_CASE_TYPES, Dirt, damaged_email
from customer_warehouse.demo.moments import DAY, HOUR, YEAR, iso_text
from customer_warehouse.demo.names import write_name
from customer_warehouse.demo.person import Person
from customer_warehouse.demo.phones import write_phone
from customer_warehouse.demo.purchases import Purchase
from customer_warehouse.demo.records import Records
from customer_warehouse.demo.truth import Fact

ENQUIRIES_A_YEAR = 0.12
DELETED = 0.05
"""Share of contacts who have themselves deleted, within two years of their first case."""
CHANNELS = tables.Weighted(("email", "line", "phone", "web_form", "facebook"), (30, 30, 15, 15, 10))
AFTER_PURCHASE = tables.Weighted(("complaint", "return_request", "enquiry", "suggestion"), (40, 35, 20, 5))
OTHERWISE = tables.Weighted(("enquiry", "complaint", "suggestion"), (70, 12, 18))
SUBJECTS = {"enquiry": "商品詢問", "complaint": "客訴", "suggestion": "建議", "return_request": "退換貨"}
TABLES = (
    *("contacts", "agents", "cases", "case_status_history", "messages", "satisfaction_ratings"),
    *("surveys", "return_requests", "leads", "lead_stage_history", "product_registrations"),
)


@dataclass(slots=True)
class DeskRows:
    """Lines of CSV by table, and the truth about the contacts in them."""

    lines: list[tuple[str, str]] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    contacts: list[str] = field(default_factory=list)
    return_requests: dict[int, tuple[int, int]] = field(default_factory=dict)
    """Number and opening of the case in which a purchase was asked to be taken back, by the purchase's number."""

    def add(self, table: str, *values: object) -> None:
        self.lines.append((table, csv_line("" if value is None else str(value) for value in values)))


@dataclass(slots=True)
class Start:
    """The start of a case: when, about which order or ticket, and the source of what follows."""

    at: int
    number: int
    reference: str
    random: Random
    purchase: Purchase | None = None


def starts(person: Person, seed: int, made: list[tuple[Purchase, str]], until: int) -> Iterator[Start]:
    """The cases that the person opens before `until`: after purchases, and out of the blue."""
    for purchase, reference in made:
        if purchase.leads_to_case:
            random = Random(f"{seed}:{person.index}:case:{purchase.number}")
            at = purchase.at + int(random.uniform(0.2, 20) * DAY)
            if at < until:
                yield Start(at, purchase.number, reference, random, purchase)
    stream = Random(f"{seed}:{person.index}:enquiries")
    moment, number = float(person.joined), keys.PURCHASES - 1
    while number > keys.PURCHASES // 2:
        moment += stream.expovariate(ENQUIRIES_A_YEAR / YEAR)
        if moment >= until:
            return
        yield Start(int(moment), number, "", Random(f"{seed}:{person.index}:case:{number}"))
        number -= 1


def desk_rows(
    person: Person, records: Records, seed: int, made: list[tuple[Purchase, str]], until: int, dirt: Dirt
) -> DeskRows:
    """Everything the service desk holds about the person before `until`."""
    rows = DeskRows()
    found = sorted(starts(person, seed, made, until), key=lambda start: start.at)
    if not found:
        for document in return_documents(person, seed, made, {}, until):
            rows.add("return_requests", *document)
        return rows
    random = Random(f"{seed}:{person.index}:contact")
    has_second = dirt.strikes("second_contact", random)
    deleted_after = int(random.uniform(1, 730) * DAY) if random.random() < DELETED else None
    deleted = found[0].at + deleted_after if deleted_after else None
    first_seen: dict[int, int] = {}
    for start in found:
        if deleted is not None and start.at >= deleted:
            continue
        record = 1 if has_second and start.random.random() < 0.6 else 0
        first_seen.setdefault(record, start.at)
        _case(rows, person, seed, keys.contact_id(person.index, record), start, until, dirt)
    for record, created in first_seen.items():
        _contact(rows, person, records, seed, record, created, deleted, until, dirt)
    for document in return_documents(person, seed, made, rows.return_requests, until):
        rows.add("return_requests", *document)
    contact = keys.contact_id(person.index, min(first_seen)) if first_seen else None
    for number, survey in brand_surveys(person, seed, found[0].at, deleted or until):
        if survey.sent < until:
            _survey(rows, keys.case_id(person.index, keys.PURCHASES - 1 - number) * 2 + 1, None, contact, survey, until)
    return rows


def _survey(rows: DeskRows, key: int, case: int | None, contact: int | None, survey: Survey, until: int) -> None:
    kind, *rest = survey_values(survey, until)
    rows.add("surveys", key, kind, case, contact, *rest)


def _contact(
    rows: DeskRows,
    person: Person,
    records: Records,
    seed: int,
    record: int,
    created: int,
    deleted: int | None,
    until: int,
    dirt: Dirt,
) -> None:
    random = Random(f"{seed}:{person.index}:contact:{record}")
    details = records.details_at(created)
    name = person.name_at(created)
    written = write_name(name, person.sex, "desk", dirt, random)
    email = "" if dirt.strikes("missing_email_desk", random) else damaged_email(details.email, dirt, random)
    phone = "" if dirt.strikes("missing_phone_desk", random) else write_phone(details.phone, dirt, random)
    logged_in = random.random() < 0.5
    updated = created
    if random.random() < 0.1:
        completed = created + int(random.uniform(1, 200) * DAY)
        given = write_phone(details.phone, dirt, random)
        if completed < until:
            phone, updated = given, completed
    key = str(keys.contact_id(person.index, record))
    account = next((account.key for account in records.accounts if account.at(created) is not None), None)
    gone = deleted if deleted is not None and deleted < until else None
    if gone is not None:
        updated = max(updated, gone)
    rows.add(
        "contacts",
        key,
        account if logged_in else None,
        written.full,
        email,
        phone,
        iso_text(created),
        iso_text(updated),
        iso_text(gone) if gone else None,
    )
    rows.contacts.append(key)
    if not gone:
        rows.facts += [
            Fact("service_desk", key, "full_name", written.full, name.full),
            Fact("service_desk", key, "email", email, details.email),
            Fact("service_desk", key, "phone", phone, details.phone.e164),
        ]


def _case(rows: DeskRows, person: Person, seed: int, contact: int, start: Start, until: int, dirt: Dirt) -> None:
    random, at = start.random, start.at
    texts = tables.document("service_texts")[person.language]
    kind = (AFTER_PURCHASE if start.reference else OTHERWISE).draw(random)
    channel = CHANNELS.draw(random)
    case = keys.case_id(person.index, start.number)
    text = random.choice(texts[kind])
    opening = text.format(order=start.reference or "-")
    shown_kind = random.choice(UNMAPPED_CASE_TYPES) if dirt.strikes("unmapped_case_type", random) else kind
    names_order = random.random() < 0.8
    steps = [("new", at), ("open", at + int(random.uniform(0.1, 20) * HOUR))]
    messages = [("customer", opening, at), ("agent", random.choice(texts["answer"]), steps[-1][1])]
    moment = steps[-1][1]
    for _ in range(random.choice((0, 0, 1, 1, 2))):
        steps.append(("pending", moment := moment + int(random.uniform(1, 24) * HOUR)))
        steps.append(("open", moment := moment + int(random.uniform(2, 70) * HOUR)))
        messages.append(("customer", random.choice(texts["reply"]), moment))
        messages.append(("agent", random.choice(texts["answer"]), moment + HOUR))
    stays_open = random.random() < 0.02
    moment += int(random.uniform(2, 90) * HOUR)
    rated, score, comment = (
        random.random() < 0.4,
        random.choice((1, 2, 3, 3, 4, 4, 5, 5, 5)),
        random.choice(texts["comment"]),
    )
    if not stays_open:
        steps.append(("solved", moment))
        if random.random() < 0.05:
            steps.append(("open", moment := moment + int(random.uniform(5, 60) * HOUR)))
            steps.append(("solved", moment := moment + int(random.uniform(5, 60) * HOUR)))
        steps.append(("closed", moment + 3 * DAY))
    known = [step for step in steps if step[1] < until]
    status, updated = known[-1]
    work = case_work(person, seed, start.number, start.purchase, kind, texts[kind].index(text), at)
    is_solved = status in ("solved", "closed")
    rows.add(
        "cases",
        case,
        contact,
        shown_kind,
        status,
        channel,
        SUBJECTS[kind] if person.language != "en" else kind.replace("_", " ").capitalize(),
        start.reference if names_order else None,
        iso_text(at),
        iso_text(updated),
        iso_text(updated) if status == "closed" else None,
        work.priority,
        work.category,
        work.cause if is_solved else None,
        work.agent if status != "new" else None,
        work.sku,
        work.carrier,
        work.batch,
        work.policy,
        outcome_of(person, seed, start.number) if kind == "suggestion" and is_solved else None,
    )
    for number, (step, changed) in enumerate(known):
        rows.add("case_status_history", case * 20 + number, case, step, iso_text(changed))
    for number, (author, body, sent) in enumerate(messages):
        if sent < until:
            rows.add("messages", case * 20 + number, case, author, body, iso_text(sent))
    rated_at = moment + HOUR
    if rated and not stays_open and rated_at < until:
        rows.add("satisfaction_ratings", case * 20, case, score, comment if score != 3 else None, iso_text(rated_at))
    if not stays_open and moment + HOUR < until:
        _survey(rows, case * 2, case, contact, case_survey(person, seed, start.number, at, moment), until)
    if kind == "return_request" and start.reference:
        rows.return_requests[start.number] = (case, at)
