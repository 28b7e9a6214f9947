"""What the service desk notes about its own work: who handled a case and why it came, surveys, return documents.

Drawn from streams of their own, so that cases, messages and contacts are what they would be without.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any, NamedTuple

from customer_warehouse.demo import keys, tables
from customer_warehouse.demo.csv_text import csv_line
from customer_warehouse.demo.moments import DAY, EPOCH, HOUR, day_index, day_text, iso_text
from customer_warehouse.demo.person import Person
from customer_warehouse.demo.purchases import Purchase

CSAT_ANSWERED, NPS_ANSWERED = 0.45, 0.35
ADOPTED = 0.3
"""Share of the suggestions that the brand follows."""
DOCUMENTED = {True: 0.85, False: 0.35}
"""Share of returns with a document, by whether the purchase was online: at a counter most need none."""
ASKED_BY = tables.Weighted(("customer", "store", "carrier", "brand"), (82, 8, 7, 3))
SURVEY_CHANNELS = ("email", "sms", "line")


class Work(NamedTuple):
    """What the desk notes about one case; empty where it notes nothing."""

    priority: str
    category: str
    cause: str
    agent: str
    sku: str
    carrier: str
    batch: str
    policy: str


class Survey(NamedTuple):
    """A question to a customer and the answer, if any; moments may lie ahead."""

    kind: str
    channel: str
    sent: int
    answered: int | None
    score: int


def stream(person: Person, seed: int, what: str, number: int) -> Random:
    return Random(f"{seed}:{person.index}:desk:{what}:{number}")


def agent_lines(until: int) -> Iterator[tuple[str, str]]:
    """The seats of the desk as lines of its table `agents`, as they stand before `until`."""
    for agent in tables.document("service_work")["agents"]:
        since, gone = EPOCH + agent["from"] * DAY, EPOCH + agent.get("until", 10**6) * DAY
        if since < until:
            left = gone < until
            active, changed = ("false", gone) if left else ("true", since)
            values = (str(agent["id"]), agent["name"], agent["team"], active, iso_text(since), iso_text(changed))
            yield "agents", csv_line(values)


def carrier_of(person: Person, seed: int, purchase: Purchase) -> str:
    """Who brought the parcel; empty for what was bought in a store."""
    if not purchase.online:
        return ""
    carriers = tables.document("service_work")["carriers"]
    return str(stream(person, seed, "parcel", purchase.number).choice(carriers.get(person.region, carriers["other"])))


def batch_of(sku: str, at: int) -> str:
    """The batch that a unit sold then came from: its product and the month."""
    return f"{sku}-{day_text(day_index(at))[2:7].replace('-', '')}"


def case_work(
    person: Person, seed: int, number: int, purchase: Purchase | None, kind: str, place: int, at: int
) -> Work:
    """The work on the case of this number about a purchase, if any; `place` is that of its opening among the texts."""
    known, random = tables.document("service_work"), stream(person, seed, "case", number)
    category, cause = known["files_under"][person.language][kind][place]
    seats = [
        agent
        for agent in known["agents"]
        if agent["team"] == known["teams"][kind] and agent["from"] <= day_index(at) < agent.get("until", 10**6)
    ]
    agent = random.choice(seats)["id"]
    priority = "urgent" if cause in known["urgent_causes"] else known["priorities"][kind]
    files, names, reads = random.random() < 0.96, random.random() < 0.8, random.random() < 0.6
    about_goods = purchase is not None and cause not in ("", "未回覆") and names
    line = random.choice(purchase.lines) if purchase is not None and about_goods else None
    sku = line.sku if line else ""
    return Work(
        priority,
        category if files else "",
        cause if files else "",
        str(agent),
        sku,
        carrier_of(person, seed, purchase) if purchase is not None and category == "配送" else "",
        batch_of(sku, purchase.at) if purchase is not None and sku and reads else "",
        known["policies"][priority],
    )


def outcome_of(person: Person, seed: int, number: int) -> str:
    """What the brand makes of the suggestion of this number, in the desk's words."""
    return "採納" if stream(person, seed, "outcome", number).random() < ADOPTED else "不採納"


def case_survey(person: Person, seed: int, number: int, opened: int, solved: int) -> Survey:
    """The question how content the customer is with a case, 1 to 10: the longer it took, the less."""
    random = stream(person, seed, "csat", number)
    score = round(random.gauss(9.4 - min(4.0, (solved - opened) / (3 * DAY)), 1.3))
    answered = solved + HOUR + int(random.expovariate(1 / (20 * HOUR))) if random.random() < CSAT_ANSWERED else None
    return Survey("csat", random.choice(SURVEY_CHANNELS), solved + HOUR, answered, max(1, min(10, score)))


def brand_surveys(person: Person, seed: int, since: int, until: int) -> Iterator[tuple[int, Survey]]:
    """The numbered questions, about twice a year from `since` on, whether the person would recommend the brand."""
    random = stream(person, seed, "nps", 0)
    taste = random.gauss(8.2, 1.6)
    moment = since + int(random.uniform(20, 200) * DAY)
    number = 0
    while moment < until and number < 16:
        score = max(0, min(10, round(random.gauss(taste, 1.2))))
        answered = moment + int(random.expovariate(1 / (2 * DAY))) if random.random() < NPS_ANSWERED else None
        yield number, Survey("nps", random.choice(SURVEY_CHANNELS), moment, answered, score)
        moment += int(random.uniform(150, 220) * DAY)
        number += 1


def survey_values(survey: Survey, until: int) -> tuple[Any, ...]:
    """Kind, channel, score, when it was sent and answered and when the row last changed, as known before `until`."""
    answered = survey.answered if survey.answered is not None and survey.answered < until else None
    return (
        survey.kind,
        survey.channel,
        survey.score if answered else None,
        iso_text(survey.sent),
        iso_text(answered) if answered else None,
        iso_text(answered or survey.sent),
    )


def return_documents(
    person: Person, seed: int, made: list[tuple[Purchase, str]], cases: dict[int, tuple[int, int]], until: int
) -> Iterator[tuple[Any, ...]]:
    """The rows of `return_requests` before `until`: one for most returns, and one that is turned down for a request
    that no return followed.

    `made` are the purchases with their references, `cases` number and moment of the return request about a purchase.
    """
    reasons = tables.document("service_work")["return_reasons"]
    for purchase, reference in made:
        case, opened = cases.get(purchase.number, (None, 0))
        for position, (back, skus) in enumerate(purchase.returned):
            random = stream(person, seed, "return", purchase.number * 4 + position)
            asked = max(purchase.at + HOUR, back - int(random.uniform(0.2, 6) * DAY))
            decided = asked + int((back - asked) * random.uniform(0.1, 0.9))
            asked_by, reason = ASKED_BY.draw(random), random.choice(reasons)
            about = (skus[0] if len(skus) == 1 else "", "無法投遞" if asked_by == "carrier" else reason, asked_by)
            if random.random() < DOCUMENTED[purchase.online] and asked < until:
                moments = (asked, decided, "approved", until)
                yield _document(person, seed, purchase, position, (case, reference), about, moments)
        if case is not None and not purchase.returned and opened < until:
            random = stream(person, seed, "return", purchase.number * 4 + 3)
            decided = opened + int(random.uniform(0.2, 5) * DAY)
            about = (random.choice(purchase.lines).sku, "改變心意", "customer")
            yield _document(person, seed, purchase, 3, (case, reference), about, (opened, decided, "rejected", until))


def _document(
    person: Person,
    seed: int,
    purchase: Purchase,
    position: int,
    of: tuple[int | None, str],
    about: tuple[str, str, str],
    moments: tuple[int, int, str, int],
) -> tuple[Any, ...]:
    (case, reference), (sku, reason, asked_by), (asked, decided, decision, until) = of, about, moments
    is_decided = decided < until
    return (
        keys.case_id(person.index, purchase.number) * 4 + position,
        case,
        reference,
        sku or None,
        batch_of(sku, purchase.at) if sku else None,
        carrier_of(person, seed, purchase) or None,
        reason,
        asked_by,
        iso_text(asked),
        iso_text(decided) if is_decided else None,
        decision if is_decided else None,
        iso_text(decided if is_decided else asked),
    )
