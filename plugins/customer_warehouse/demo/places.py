"""Where people live, and how they write it down."""

from __future__ import annotations

from random import Random
from typing import NamedTuple

from customer_warehouse.demo import tables
from customer_warehouse.demo.dirt import Dirt, full_width


class Address(NamedTuple):
    """A postal address."""

    country: str
    region: str
    """Province or state; empty in Taiwan."""
    city: str
    district: str
    street: str
    unit: str
    """What stands on a line of its own; empty when there is none."""
    postcode: str
    area_code: str
    """Of a landline there; empty where phones have none."""

    @property
    def text(self) -> str:
        """The address in one piece, as its country writes it."""
        if self.country == "HK" and not self.street.isascii() and not self.city.isascii():
            return self.city + self.region + self.district + self.street
        if self.country in ("TW", "CN"):
            region = "" if self.region == self.city else self.region
            return region + self.city + self.district + self.street + self.unit
        last = f"{self.region} {self.postcode}".strip()
        return ", ".join(filter(None, (self.street, self.unit, self.district, self.city, last)))


REGIONS_IN_ENGLISH = {"香港島": "Hong Kong Island", "九龍": "Kowloon", "新界": "New Territories"}


def draw_address(region: str, random: Random) -> Address:
    """An address as people of the region (TW, CN, HK, EN) have."""
    if region == "TW":
        return _taiwan(random)
    if region == "CN":
        place = tables.weighted("china_places").draw(random)
        road = random.choice(tables.rows("china_roads"))["road"]
        street = f"{road}{random.randrange(1, 400)}号"
        unit = (
            f"{random.randrange(1, 30)}栋{random.randrange(1, 30)}{random.randrange(1, 5):02d}室"
            if random.random() < 0.7
            else ""
        )
        return Address("CN", place["province"], place["city"], place["district"], street, unit, place["postcode"], "")
    if region == "HK":
        place = random.choice(tables.rows("hong_kong_places"))
        tower, floor, flat = random.randrange(1, 25), random.randrange(1, 40), random.choice("ABCDEFGH")
        if random.random() < 0.6:
            street = f"{place['estate']}{tower}座{floor}樓{flat}室"
            return Address("HK", place["region"], "香港", place["district"], street, "", "", "")
        street = f"Flat {flat}, {floor}/F, Tower {tower}, {place['estate_en']}"
        return Address("HK", REGIONS_IN_ENGLISH[place["region"]], "Hong Kong", place["district_en"], street, "", "", "")
    return _western(random)


def _taiwan(random: Random) -> Address:
    place = tables.weighted("taiwan_places").draw(random)
    road = random.choice(tables.rows("taiwan_roads"))
    sections = int(road["sections"])
    street = road["road"]
    if sections > 1:
        street += f"{'一二三四五六'[random.randrange(sections)]}段"
    choice = random.random()
    if choice < 0.35:
        street += f"{random.randrange(1, 500)}巷"
        if choice < 0.10:
            street += f"{random.randrange(1, 40)}弄"
    street += f"{random.randrange(1, 300)}號"
    if random.random() < 0.75:
        street += f"{random.randrange(2, 16)}樓"
        if random.random() < 0.25:
            street += f"之{random.randrange(1, 10)}"
    return Address("TW", "", place["city"], place["district"], street, "", place["postcode"], place["area_code"])


def _western(random: Random) -> Address:
    place = tables.weighted("western_places").draw(random)
    country, postcode = place["country"], place["postcode"]
    if country == "GB":
        postcode += f" {random.randrange(1, 10)}{random.choice('ABDEFGHJLN')}{random.choice('PQRSTUWXYZ')}"
    elif country == "CA":
        postcode += f" {random.randrange(1, 10)}{random.choice('ABCEGHJKLM')}{random.randrange(1, 10)}"
    name = random.choice(tables.rows("western_streets"))
    street = f"{random.randrange(1, 2000)} {name['street' if random.random() < 0.6 else 'short']}"
    unit = ""
    if random.random() < 0.3:
        unit = f"{'Flat' if country in ('GB', 'AU') else 'Apt'} {random.randrange(1, 60)}"
    return Address(country, place["region"], place["city"], "", street, unit, postcode, place["area_code"])


def write_address(address: Address, dirt: Dirt, random: Random) -> Address:
    """The address as it got into a record."""
    if dirt.strikes("full_width_address", random):
        address = address._replace(street="".join(full_width(c) if c.isdigit() else c for c in address.street))
    if address.country == "TW" and dirt.strikes("variant_address", random):
        choice = random.random()
        if choice < 0.6:
            address = address._replace(city=address.city.replace("臺", "台"))
        elif choice < 0.8:
            address = address._replace(street=address.street.replace("樓之", "F-").replace("樓", "F"))
        else:
            address = address._replace(street=address.street.replace("號", "号"))
    return address
