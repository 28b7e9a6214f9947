"""What people write about products after they got them."""

from __future__ import annotations

from collections.abc import Iterator

import orjson

from customer_warehouse.demo.chance import Chance
from customer_warehouse.demo.moments import DAY, iso_text
from customer_warehouse.demo.shop import Followed, ShopRow
from customer_warehouse.demo.tables import Weighted

WRITTEN = 0.1
"""Share of the delivered orders with an account of which the first line is reviewed."""
RATINGS = Weighted((5, 4, 3, 2, 1), (52, 26, 11, 5, 6))
TEXTS = {
    5: ("很喜歡，會再回購", "味道很舒服，全家都愛用"),
    4: ("好用，只是瓶身有點重", "不錯，希望有大容量"),
    3: ("普通，沒有特別感覺", "味道比想像中濃"),
    2: ("用起來有點乾", "包裝壓到了"),
    1: ("用了會癢，不適合我", "收到時瓶蓋破了，很失望"),
}
HIDDEN = 0.02
"""Share of the reviews that the shop does not show."""


def review_rows(orders: list[Followed], chances: Chance, until: int) -> Iterator[ShopRow]:
    """The reviews as the shop's API shows them before `until`."""
    for order in orders:
        number, fulfilled = order.placed.row.id, order.placed.fate.fulfilled
        bits = chances.bits(number)
        if not order.placed.account or fulfilled is None or bits % 1000 >= WRITTEN * 1000:
            continue
        at = fulfilled + 2 * DAY + (bits >> 10) % (25 * DAY)
        if at >= until:
            continue
        rating, line = RATINGS.at(chances.share(number, 1)), order.lines[0]
        body = {
            "id": number,
            "product_id": line.variant_id // 10,
            "sku": line.sku,
            "customer_id": int(order.placed.account),
            "order_id": number,
            "rating": rating,
            "body": TEXTS[rating][(bits >> 40) % 2],
            "status": "hidden" if (bits >> 44) % 1000 < HIDDEN * 1000 else "published",
            "created_at": iso_text(at),
            "updated_at": iso_text(at),
        }
        yield ShopRow(number, at, True, orjson.dumps(body))
