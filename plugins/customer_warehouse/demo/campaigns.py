"""Campaigns: messages to accounts with a holdout group, ads that know nobody, what they cost, and what they brought.

Before each festival a mail goes to the accounts that agreed to mails, before two of them also a text message; ads on
social media run with each, ads in search engines all year. A message makes some of those who click it buy something
that they would not have bought otherwise. Nothing else differs between who is written to and who is held out, so these
purchases are the whole effect of a campaign; `truth/campaigns.csv` has them.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cache
from random import Random
from typing import NamedTuple

from customer_warehouse.demo import keys
from customer_warehouse.demo.catalogue import Catalogue
from customer_warehouse.demo.chance import Chance
from customer_warehouse.demo.coupons import festivals
from customer_warehouse.demo.moments import DAY, EPOCH, EPOCH_DATE, HOUR, day_text, iso_text
from customer_warehouse.demo.person import Person
from customer_warehouse.demo.purchases import Purchase, draw_lines
from customer_warehouse.demo.records import Record, State
from customer_warehouse.demo.shop import ShopRow

MESSAGES = ("email", "sms")
HELD_OUT = 0.1
"""Share of the accounts a message is meant for that get none."""
BOUNCED = 0.015
OPENED = 0.36
"""Share of the delivered mails; nobody sees whether a text message is opened."""
CLICKED = {"email": 0.3, "sms": 0.12}
"""Share of the opened mails, and of the delivered text messages."""
PROMPTED = 0.4
"""Share of the clicks that lead to a purchase which would not have been made otherwise."""
UNSUBSCRIBED_WITHIN = 14 * DAY
"""A consent withdrawn so soon after a message of that channel was withdrawn because of it."""
TEXTED = ("MID618", "DOUBLE11")
"""Festivals before which text messages go out, too, twelve days after the mail."""
COSTS = {"email": 0.6, "sms": 0.5, "social": 0.3, "search": 0.05}
"""TWD for each of the brand's people: of a message all at once, of ads a day. Assumptions of the demo."""


class Campaign(NamedTuple):
    """`number` tells campaigns apart, in the order of years; messages go out from `starts` on."""

    number: int
    name: str
    channel: str
    starts: int
    ends: int


class Message(NamedTuple):
    """What becomes of a message, also what lies ahead; a member of the holdout group has only `due`. 0 is never."""

    campaign: Campaign
    account: str
    held_out: bool
    due: int
    sent: int = 0
    delivered: int = 0
    bounced: int = 0
    opened: int = 0
    clicked: int = 0
    unsubscribed: int = 0


@cache
def campaigns(until: int) -> tuple[Campaign, ...]:
    """Those that have begun before `until`, as the years go on."""
    found: list[Campaign] = []
    for years in range((until - EPOCH) // (365 * DAY) + 2):
        year, first = EPOCH_DATE.year + years, years * 16
        for place, (name, at, ends) in enumerate(festivals(year)):
            found.append(Campaign(first + place, f"{name}-EDM", "email", at + HOUR, ends))
            if name.partition("-")[0] in TEXTED:
                found.append(Campaign(first + 4 + place, f"{name}-SMS", "sms", at + 12 * DAY + 9 * HOUR, ends))
            found.append(Campaign(first + 8 + place, f"{name}-SOCIAL", "social", at - 10 * HOUR, ends))
        begins, ends = ((date(year + more, 1, 1) - EPOCH_DATE).days * DAY + EPOCH for more in (0, 1))
        found.append(Campaign(first + 15, f"SEARCH-{year}", "search", max(begins, EPOCH), ends))
    return tuple(campaign for campaign in found if EPOCH <= campaign.starts < until)


def messages(accounts: list[Record], chances: Chance, until: int) -> list[Message]:
    """The messages that are due to the accounts before `until`, and who of them is held out."""
    to_people = [campaign for campaign in campaigns(until) if campaign.channel in MESSAGES]
    found = []
    for account in accounts:
        for campaign in to_people:
            if account.created >= campaign.starts:
                continue
            state = account.at(campaign.starts)
            if state is not None and _may_be_sent(state, campaign.channel):
                found.append(_message(account, campaign, chances))
    return found


def _may_be_sent(state: State, channel: str) -> bool:
    if channel == "email":
        return bool(state.email) and state.email_consent.state == "granted"
    return bool(state.phone) and state.sms_consent.state == "granted"


def _message(account: Record, campaign: Campaign, chances: Chance) -> Message:
    about = int(account.key)
    bits = chances.bits(about, campaign.number)
    due = campaign.starts + bits % HOUR
    if (bits >> 12) % 1000 < HELD_OUT * 1000:
        return Message(campaign, account.key, True, due)
    if (bits >> 22) % 1000 < BOUNCED * 1000:
        return Message(campaign, account.key, False, due, due, bounced=due + 40)
    delivered = due + 5 + (bits >> 32) % 120
    seen, opened = delivered, 0
    more = chances.bits(about, campaign.number + 1_000_000)
    if campaign.channel == "email":
        seen = opened = delivered + more % (40 * HOUR) if (bits >> 40) % 1000 < OPENED * 1000 else 0
    clicked = seen + 20 + (more >> 20) % HOUR if seen and (more >> 34) % 1000 < CLICKED[campaign.channel] * 1000 else 0
    unsubscribed = next(
        (
            version.at
            for version in account.versions
            if due < version.at < due + UNSUBSCRIBED_WITHIN and _is_denied(version.state, campaign.channel)
        ),
        0,
    )
    return Message(campaign, account.key, False, due, due, delivered, 0, opened, clicked, unsubscribed)


def _is_denied(state: State, channel: str) -> bool:
    return (state.email_consent if channel == "email" else state.sms_consent).state == "denied"


def prompted(
    person: Person, seed: int, accounts: list[Record], sent: list[Message], catalogue: Catalogue, chances: Chance
) -> list[Purchase]:
    """What the person buys because of the messages while the catalogue is known: at most one purchase a campaign."""
    if person.habit.purchases < 1:
        return []
    by_key = {account.key: account for account in accounts}
    made: dict[int, Purchase] = {}
    for message in sent:
        number, campaign = keys.PROMPTED + message.campaign.number, message.campaign.number
        bits = chances.bits(int(message.account), campaign + 2_000_000)
        if not message.clicked or bits % 1000 >= PROMPTED * 1000 or number in made:
            continue
        at = message.clicked + 600 + (bits >> 10) % (3 * DAY)
        if at < min(catalogue.until, person.lapsed) and by_key[message.account].at(at) is not None:
            random = Random(f"{seed}:{person.index}:campaign:{campaign}")
            lines = draw_lines(catalogue, at, True, random)
            made[number] = Purchase(number, at, True, lines, False, random, account=message.account)
    return sorted(made.values(), key=lambda purchase: purchase.at)


def message_rows(sent: list[Message], until: int) -> Iterator[ShopRow]:
    """The messages, and who is held out, as the shop's API shows them before `until`."""
    for message in sent:
        campaign, account, held_out, due, *moments = message
        if due >= until:
            continue
        key = int(account) * 1000 + campaign.number
        known = [moment if moment < until else 0 for moment in moments]
        at, delivered, bounced, opened, clicked, unsubscribed = (
            f'"{iso_text(moment)}"' if moment else "null" for moment in known
        )
        updated = max(due, *known)
        body = (
            f'{{"id":{key},"marketing_event_id":{campaign.number + 1},"customer_id":{account},'
            f'"channel":"{campaign.channel}","status":"{"holdout" if held_out else "sent"}",'
            f'"scheduled_at":"{iso_text(due)}","sent_at":{at},"delivered_at":{delivered},"bounced_at":{bounced},'
            f'"opened_at":{opened},"clicked_at":{clicked},"unsubscribed_at":{unsubscribed},'
            f'"updated_at":"{iso_text(updated)}"}}'
        )
        yield ShopRow(key, updated, True, body.encode())


def event_rows(people: int, until: int) -> Iterator[ShopRow]:
    """The campaigns as the shop's API shows them before `until`. Amounts are in TWD."""
    for campaign in campaigns(until):
        over = campaign.ends < until
        updated = campaign.ends if over else campaign.starts
        to_people = campaign.channel in MESSAGES
        days = 1 if to_people else -(-(campaign.ends - campaign.starts) // DAY)
        audience = f"{campaign.channel} subscribers" if to_people else "everybody"
        ended = f'"{iso_text(campaign.ends)}"' if over else "null"
        body = (
            f'{{"id":{campaign.number + 1},"event_type":"{"newsletter" if to_people else "ad"}",'
            f'"marketing_channel":"{campaign.channel}","description":"{campaign.name}",'
            f'"utm_campaign":"{campaign.name.lower()}","audience":"{audience}",'
            f'"holdout_share":{HELD_OUT if to_people else 0},"budget":"{people * COSTS[campaign.channel] * days:.2f}",'
            f'"currency":"TWD","started_at":"{iso_text(campaign.starts)}",'
            f'"scheduled_to_end_at":"{iso_text(campaign.ends)}","ended_at":{ended},"updated_at":"{iso_text(updated)}"}}'
        )
        yield ShopRow(campaign.number + 1, updated, True, body.encode())


def engagement_rows(people: int, chances: Chance, until: int) -> Iterator[ShopRow]:
    """What the campaigns cost on each day that is over before `until`, as the shop's API shows it."""
    for campaign in campaigns(until):
        cost, to_people = people * COSTS[campaign.channel], campaign.channel in MESSAGES
        first, last = ((moment - EPOCH) // DAY for moment in (campaign.starts, campaign.ends - 1))
        for day in range(first, (first if to_people else last) + 1):
            reported = EPOCH + day * DAY + 23 * HOUR
            if reported >= until:
                break
            share = 1.0 if to_people else 0.6 + 0.8 * chances.share(campaign.number, day)
            impressions = 0 if to_people else round(cost * share * 9)
            key = (campaign.number + 1) * 10_000 + day
            body = (
                f'{{"id":{key},"marketing_event_id":{campaign.number + 1},"occurred_on":"{day_text(day)}",'
                f'"impressions_count":{impressions},"clicks_count":{impressions // 70},'
                f'"ad_spend":"{cost * share:.2f}","currency":"TWD","updated_at":"{iso_text(reported)}"}}'
            )
            yield ShopRow(key, reported, True, body.encode())
