"""The shop's rows: customers, orders and products as the shop platform's API tells them."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any, NamedTuple

import orjson

from customer_warehouse.demo import keys
from customer_warehouse.demo.catalogue import Catalogue
from customer_warehouse.demo.dirt import Dirt, damaged_email
from customer_warehouse.demo.moments import DAY, HOUR, iso_text
from customer_warehouse.demo.names import Written, write_name
from customer_warehouse.demo.person import Person
from customer_warehouse.demo.phones import write_phone
from customer_warehouse.demo.places import Address, write_address
from customer_warehouse.demo.purchases import Line, Purchase
from customer_warehouse.demo.records import Consent, Record, Records
from customer_warehouse.demo.truth import Fact

SHOP_TABLES = (
    *("customers", "orders", "products", "transactions", "point_movements"),
    *("coupons", "checkouts", "reviews", "events"),
    *("marketing_events", "marketing_engagements", "marketing_messages"),
)
"""What the shop's API serves."""
CONSENT_STATES = {"granted": "subscribed", "denied": "unsubscribed"}


class ShopRow(NamedTuple):
    """One resource: `open` says whether an order is shown without `status=any`."""

    id: int
    updated_at: int
    open: bool
    body: bytes


class Refund(NamedTuple):
    """Money given back: by line position, how many; and of the shipping."""

    at: int
    lines: dict[int, int]
    shipping: int

    def amount(self, lines: list[Line]) -> int:
        """All of the money, in TWD."""
        return self.shipping + sum(part_of(lines[line], quantity) for line, quantity in self.lines.items())


class Fate(NamedTuple):
    """What becomes of an order, and when; all of it may lie ahead."""

    paid: int | None
    cancelled: int | None
    fulfilled: int | None
    refunds: list[Refund]


class Placed(NamedTuple):
    """An order as it was placed: its row, the truth about it, and what follows from it."""

    row: ShopRow
    facts: list[Fact]
    account: str
    """Key of the account it was placed with; empty for a guest's."""
    total: int
    fate: Fate


class Followed(NamedTuple):
    """An order with what later rows are made of."""

    placed: Placed
    at: int
    lines: list[Line]

    @property
    def discount(self) -> int:
        """All of it, in TWD."""
        return sum(line.discount for line in self.lines)


def customer_row(record: Record, until: int) -> ShopRow | None:
    """The account as it stands before `until`; None when it is not there."""
    version = record.last(until)
    if version is None:
        return None
    state = version.state
    written = state.written
    address = address_body(state.address, state.country, state.phone, written)
    number = int(record.key)
    body = {
        "id": number,
        "email": state.email or None,
        "phone": state.phone or None,
        "first_name": written.given or None,
        "last_name": written.family or None,
        "created_at": iso_text(record.created),
        "updated_at": iso_text(version.at),
        "state": "enabled" if state.email else "disabled",
        "note": None,
        "tags": "",
        "verified_email": bool(state.email) and number % 7 != 0,
        "email_marketing_consent": consent_body(state.email_consent, number),
        "sms_marketing_consent": consent_body(state.sms_consent, number + 1),
        "default_address": address,
        "addresses": [address] if address else [],
    }
    return ShopRow(number, version.at, True, orjson.dumps(body))


def consent_body(consent: Consent, number: int) -> dict[str, Any] | None:
    """The consent as the API shows it; an unknown one is null, `not_subscribed` or `pending`."""
    if consent.state:
        return {"state": CONSENT_STATES[consent.state], "consent_updated_at": iso_text(consent.at)}
    if number % 3 == 0:
        return None
    return {"state": "pending" if number % 5 == 0 else "not_subscribed", "consent_updated_at": None}


def address_body(address: Address | None, country: str, phone: str, written: Written) -> dict[str, Any] | None:
    if address is None:
        return None
    return {
        "first_name": written.given or None,
        "last_name": written.family or None,
        "company": None,
        "address1": address.district + address.street if address.country in ("TW", "CN") else address.street,
        "address2": address.unit or (address.district if address.country == "HK" else None) or None,
        "city": address.city,
        "province": address.region or None,
        "zip": address.postcode or None,
        "country_code": country,
        "phone": phone or None,
    }


def order_row(person: Person, records: Records, purchase: Purchase, until: int, dirt: Dirt) -> Placed:
    """The order as it stands before `until`."""
    random, lines = purchase.random, purchase.lines
    number = keys.order_id(person.index, purchase.number)
    account = _account(records.accounts, purchase, dirt)
    details = records.details_at(purchase.at)
    facts: list[Fact] = []
    if account is None:
        name = person.name_at(purchase.at)
        written = write_name(name, person.sex, "guest", dirt, random)
        email = damaged_email(details.email, dirt, random)
        phone = write_phone(details.phone, dirt, random)
        address = write_address(details.address, dirt, random)
        key = f"guest-{number}"
        facts += [
            Fact("shop_platform", key, "full_name", written.full, name.full),
            Fact("shop_platform", key, "email", email, details.email),
            Fact("shop_platform", key, "phone", phone, details.phone.e164),
            Fact("shop_platform", key, "postal_address", address.text, details.address.text),
        ]
        customer, country = None, details.address.country
    else:
        state = account.at(purchase.at)
        assert state is not None
        written, email, phone, country = state.written, state.email, state.phone, state.country
        address = state.address or write_address(details.address, dirt, random)
        customer = {"id": int(account.key)}
    goods = sum(line.amount for line in lines)
    shipping = shipping_of(details.address.country, goods, random)
    total = goods + shipping
    fate = _fate(purchase, shipping, random)
    if not fate.cancelled:
        purchase.returned += [(r.at, [lines[position].sku for position in r.lines]) for r in fate.refunds if r.lines]
    happened = [
        at
        for at in (purchase.at, fate.paid, fate.cancelled, fate.fulfilled, *(r.at for r in fate.refunds))
        if at and at < until
    ]
    refunds = [refund for refund in fate.refunds if refund.at < until]
    cancelled = fate.cancelled if fate.cancelled and fate.cancelled < until else None
    paid = fate.paid is not None and fate.paid < until
    price_texts = [f"{line.price}.00" for line in lines]
    total_text = f"{total}.00"
    if dirt.strikes("impossible_amount", random):
        facts.append(
            Fact(
                "shop_platform",
                str(number),
                "total_amount",
                wrong := random.choice(("-1", "1000000000000.00")),
                total_text,
            )
        )
        total_text = wrong
    for position, line in enumerate(lines):
        if dirt.strikes("negative_price", random):
            facts.append(
                Fact(
                    "shop_platform",
                    str(number * 10 + position),
                    "unit_price",
                    f"-{line.price}.00",
                    price_texts[position],
                )
            )
            price_texts[position] = f"-{line.price}.00"
    shipping_address = address_body(address, country, phone, written)
    body = {
        "id": number,
        "name": order_name(number),
        "email": email or None,
        "phone": phone or None,
        "created_at": iso_text(purchase.at),
        "updated_at": iso_text(max(happened)),
        "cancelled_at": iso_text(cancelled) if cancelled else None,
        "financial_status": _financial_status(lines, refunds, paid, cancelled),
        "fulfillment_status": "fulfilled" if fate.fulfilled and fate.fulfilled < until else None,
        "currency": "TWD",
        "total_price": total_text,
        "total_discounts": f"{sum(line.discount for line in lines)}.00",
        "total_shipping_price_set": {"shop_money": {"amount": f"{shipping}.00", "currency_code": "TWD"}},
        "customer": customer,
        "billing_address": shipping_address if number % 3 else None,
        "shipping_address": shipping_address,
        "line_items": [
            {
                "id": number * 10 + position,
                "sku": line.sku,
                "title": line.title,
                "quantity": line.quantity,
                "price": price_texts[position],
                "total_discount": f"{line.discount}.00",
            }
            for position, line in enumerate(lines)
        ],
        "refunds": [_refund_body(number, position, refund, lines) for position, refund in enumerate(refunds)],
    }
    row = ShopRow(number, max(happened), cancelled is None, orjson.dumps(body))
    return Placed(row, facts, account.key if account else "", total, fate)


def order_name(number: int) -> str:
    """The order's number as people see it."""
    return f"#{number - keys.FIRST_ORDER + 1000}"


def _account(accounts: list[Record], purchase: Purchase, dirt: Dirt) -> Record | None:
    """The account that the order is placed with; None for a guest checkout."""
    random, choice = purchase.random, purchase.random.random()
    alive = [record for record in accounts if record.at(purchase.at) is not None]
    if purchase.account:
        return next(record for record in alive if record.key == purchase.account)
    guest = dirt.strikes("guest_checkout", random, applies=bool(alive))
    if not alive or guest:
        return None
    return alive[-1] if choice < 0.35 else alive[0]


def shipping_of(country: str, goods: int, random: Random) -> int:
    """What the shipping costs: nothing from 1,500 on within Taiwan."""
    choice = random.random()
    if country != "TW":
        return 0 if goods >= 4000 else 250 if country in ("HK", "CN") else 400
    return 0 if goods >= 1500 else 60 if choice < 0.7 else 100


def _fate(purchase: Purchase, shipping: int, random: Random) -> Fate:
    at, lines = purchase.at, purchase.lines
    pays_later, cancels, refunds = random.random() < 0.06, random.random() < 0.025, random.random() < 0.08
    paid: int | None = at + int(random.uniform(1, 120) * HOUR) if pays_later else at
    everything = {position: line.quantity for position, line in enumerate(lines)}
    if cancels:
        cancelled = at + int(random.uniform(1, 70) * HOUR)
        if pays_later:
            return Fate(None, cancelled, None, [])
        return Fate(paid, cancelled, None, [Refund(cancelled, everything, shipping)])
    fulfilled = (paid or at) + int(random.uniform(14, 90) * HOUR)
    if not refunds:
        return Fate(paid, None, fulfilled, [])
    given_back = fulfilled + int(random.uniform(2, 21) * DAY)
    kind = random.random()
    if kind < 0.12 and shipping:
        return Fate(paid, None, fulfilled, [Refund(given_back, {}, shipping)])
    if kind < 0.40:
        return Fate(paid, None, fulfilled, [Refund(given_back, everything, shipping if random.random() < 0.5 else 0)])
    position = random.randrange(len(lines))
    first = Refund(given_back, {position: random.randrange(1, lines[position].quantity + 1)}, 0)
    if len(lines) > 1 and random.random() < 0.15:
        other = (position + 1) % len(lines)
        return Fate(paid, None, fulfilled, [first, Refund(given_back + 3 * DAY, {other: lines[other].quantity}, 0)])
    return Fate(paid, None, fulfilled, [first])


def _financial_status(lines: list[Line], refunds: list[Refund], paid: bool, cancelled: int | None) -> str:
    if not paid:
        return "voided" if cancelled else "pending"
    if not refunds:
        return "paid"
    back: dict[int, int] = {}
    for refund in refunds:
        for position, quantity in refund.lines.items():
            back[position] = back.get(position, 0) + quantity
    everything = all(back.get(position, 0) == line.quantity for position, line in enumerate(lines))
    return "refunded" if everything else "partially_refunded"


def _refund_body(number: int, position: int, refund: Refund, lines: list[Line]) -> dict[str, Any]:
    key = number * 10 + position
    return {
        "id": key,
        "created_at": iso_text(refund.at),
        "note": None,
        "refund_line_items": [
            {
                "id": key * 10 + line,
                "line_item_id": number * 10 + line,
                "quantity": quantity,
                "subtotal": f"{part_of(lines[line], quantity)}.00",
            }
            for line, quantity in refund.lines.items()
        ],
        "order_adjustments": [{"id": key * 10 + 9, "amount": f"-{refund.shipping}.00", "kind": "shipping_refund"}]
        if refund.shipping
        else [],
    }


def part_of(line: Line, quantity: int) -> int:
    """What so many units of the line cost, in TWD."""
    return round(line.amount * quantity / line.quantity)


def product_rows(catalogue: Catalogue, until: int) -> Iterator[ShopRow]:
    """The products as they stand before `until`; deleted ones are not there."""
    for product in catalogue.products:
        state = product.at(until)
        if state is None:
            continue
        body = {
            "id": product.product_id,
            "title": product.title,
            "product_type": product.category,
            "vendor": catalogue.brand,
            "status": state.status,
            "created_at": iso_text(product.states[0].since),
            "updated_at": iso_text(state.since),
            "variants": [
                {"id": product.product_id * 10 + position, "sku": sku, "title": size, "price": f"{price}.00"}
                for position, (sku, size, price) in enumerate(
                    zip(product.skus, product.sizes, state.prices, strict=True)
                )
            ],
        }
        yield ShopRow(product.product_id, state.since, True, orjson.dumps(body))
