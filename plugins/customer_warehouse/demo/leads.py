"""Who asked to hear more, as a CRM beside the service desk keeps it, and what customers registered for its guarantee.

A lead is a person who left name and contacts: half of them before they join, the others, who did, for gifts of their
company. What becomes of one follows from its number alone, so a later night only adds to an earlier one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from customer_warehouse.demo import keys
from customer_warehouse.demo.chance import Chance
from customer_warehouse.demo.moments import DAY, day_index, day_text, iso_text
from customer_warehouse.demo.person import Person
from customer_warehouse.demo.purchases import Purchase
from customer_warehouse.demo.records import Records
from customer_warehouse.demo.tables import Weighted
from customer_warehouse.demo.truth import Fact

LEADS = 0.08
"""Share of the people who are a lead once."""
JOINS = 0.5
"""Share of the leads who left their name before they joined."""
INTERESTED = 0.75
OUTCOMES = Weighted(("converted", "unqualified", ""), (35, 45, 20))
"""What becomes of a lead for gifts that showed interest; empty for nothing yet."""
ORIGINS = Weighted(("facebook", "google ads", "line", "in store", "referral"), (35, 25, 20, 12, 8))
REASONS = ("預算不足", "已向他人購買", "聯絡不上")
GUARANTEED = "擴香"
"""Of the products, the one whose glass and stick holder are guaranteed."""
REGISTERED, GUARANTEE = 0.3, 730
"""Share of the lines with it that are registered, and for how many days the guarantee holds."""

Values = tuple[object, ...]


class Lead(NamedTuple):
    """A lead and the moments of its stages, in order; some may lie ahead."""

    key: int
    interest: str
    stages: list[tuple[str, int]]


def draw_lead(person: Person, chances: Chance) -> Lead | None:
    """The lead that the person is, if any."""
    index = person.index
    if chances.share(index) >= LEADS:
        return None
    key = keys.contact_id(index, 0)
    if chances.share(index, 1) < JOINS:
        created = person.joined - int((1 + 39 * chances.share(index, 2)) * DAY)
        called = created + int((person.joined - created) * (0.2 + 0.4 * chances.share(index, 3)))
        return Lead(key, "會員方案", [("new", created), ("working", called), ("converted", person.joined)])
    created = person.joined + int(400 * chances.share(index, 2) * DAY)
    stages = [("new", created)]
    if chances.share(index, 3) < INTERESTED:
        called = created + int((1 + 9 * chances.share(index, 4)) * DAY)
        stages.append(("working", called))
        outcome = OUTCOMES.at(chances.share(index, 5))
        if outcome:
            stages.append((outcome, called + int((5 + 35 * chances.share(index, 6)) * DAY)))
    return Lead(key, "企業贈禮", stages)


def lead_rows(person: Person, records: Records, chances: Chance, until: int) -> Iterator[tuple[str, Values]]:
    """The rows of the tables `leads` and `lead_stage_history` before `until`."""
    lead = draw_lead(person, chances)
    known = [stage for stage in lead.stages if stage[1] < until] if lead else []
    if lead is None or not known:
        return
    created, (stage, updated) = known[0][1], known[-1]
    details = records.details_at(created)
    name, origin = person.name_at(created).full, ORIGINS.at(chances.share(person.index, 7))
    reason = REASONS[chances.bits(person.index, 8) % len(REASONS)] if stage == "unqualified" else ""
    moments = (iso_text(created), iso_text(updated))
    about = (origin, lead.interest, stage, reason)
    yield "leads", (lead.key, name, details.email, details.phone.e164, *about, *moments)
    for number, (entered, at) in enumerate(known):
        # What came before somebody joined stands in a list that is read in on that day.
        written = iso_text(max(at, person.joined))
        yield "lead_stage_history", (lead.key * 8 + number, lead.key, entered, iso_text(at), written)


def lead_facts(person: Person, records: Records, chances: Chance, until: int) -> list[Fact]:
    """The truth about the lead's record."""
    lead = draw_lead(person, chances)
    if lead is None or lead.stages[0][1] >= until:
        return []
    created, key = lead.stages[0][1], f"lead-{lead.key}"
    details, name = records.details_at(created), person.name_at(created).full
    return [
        Fact("service_desk", key, "full_name", name, name),
        Fact("service_desk", key, "email", details.email, details.email),
        Fact("service_desk", key, "phone", details.phone.e164, details.phone.e164),
    ]


def registration_rows(
    person: Person, made: list[tuple[Purchase, str]], chances: Chance, until: int
) -> Iterator[tuple[str, Values]]:
    """The rows of the table `product_registrations` before `until`: a form that asks for the order's number only."""
    for purchase, reference in made:
        for line in purchase.lines:
            if GUARANTEED not in line.title:
                continue
            about = person.index * keys.PURCHASES + purchase.number
            at = purchase.at + int((0.5 + 20 * chances.share(about, 1)) * DAY)
            if chances.share(about) >= REGISTERED or at >= until:
                break
            bought = day_index(purchase.at)
            yield (
                "product_registrations",
                (
                    *(keys.case_id(person.index, purchase.number), reference, line.sku, day_text(bought)),
                    *(iso_text(at), day_text(bought + GUARANTEE), iso_text(at)),
                ),
            )
            break
