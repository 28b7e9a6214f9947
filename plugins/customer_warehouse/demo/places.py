"""Where people live, and how they write it down."""

from __future__ import annotations

import re
from functools import cache
from random import Random
from typing import NamedTuple

from opencc import OpenCC

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
    own = Random(random.getrandbits(64))  # so that another kind of dirt here changes nothing that is drawn after it
    taiwan, mainland = address.country == "TW", address.country == "CN"
    whole = f"{address.city}{address.district}"
    postcode = address.postcode
    place = tables.taiwan_place(address.city, address.district) if taiwan else None
    if dirt.strikes("full_width_address", own):
        address = address._replace(street="".join(full_width(c) if c.isdigit() else c for c in address.street))
    elif dirt.strikes("variant_address", own, applies=taiwan):
        address = _variant(address, own)
    if dirt.strikes("village_in_address", own, applies=taiwan):
        village = own.choice(VILLAGES) + (f"{own.randrange(1, 30)}鄰" if own.random() < 0.7 else "")
        address = address._replace(street=village + address.street)
    if dirt.strikes("short_place", own, applies=mainland):
        address = _short(address, own)
    if place and dirt.strikes("former_place", own, applies=place["former"] != ""):
        city, district = place["former"].split()
        address = address._replace(city=city, district=district)
    elif place and dirt.strikes("missing_city", own, applies=place["only_here"] == "yes"):
        address = address._replace(city="")
    elif dirt.strikes("whole_line_in_street", own, applies=taiwan or mainland):
        if own.random() < 0.5:
            whole = postcode + (f"{own.randrange(1000):0{own.choice((2, 3))}d}"[-3:] if taiwan else "") + whole
        address = address._replace(street=whole + address.street)
    if dirt.strikes("spaces_in_address", own, applies=taiwan or mainland):
        address = address._replace(street=_spaced(address.street))
    if dirt.strikes("other_script_address", own, applies=taiwan or mainland):
        address = Address(*(_other_script(part, mainland) for part in address))
    return address


VILLAGES = ("龍門里", "福德里", "中正里", "大同里", "永安里", "光明里", "建國里", "仁愛里", "新生里", "文化里")


def _variant(address: Address, random: Random) -> Address:
    """The same house, written in another of Taiwan's ways."""
    city, street = address.city, address.street
    choice = random.random()
    if choice < 0.45:
        city = city.replace("臺", "台")
    elif choice < 0.60:
        street = street.replace("樓之", "F-").replace("樓", "F")
    elif choice < 0.70:
        street = street.replace("號", "号")
    elif choice < 0.80:
        street = street.replace("樓", "/F") if street.endswith("樓") else street.replace("之", "-")
    elif choice < 0.90:
        street = re.sub("([一二三四五六])段", lambda found: f"{'一二三四五六'.index(found[1]) + 1}段", street)
    else:
        street = re.sub(r"(\d+)(?=樓)", lambda found: _numeral(int(found[1])), street)
    return address._replace(city=city, street=street)


def _numeral(number: int) -> str:
    """The number below 20 in Chinese numerals."""
    ones = "〇一二三四五六七八九"[number % 10] if number % 10 else ""
    return ("十" if number > 9 else "") + ones


def _short(address: Address, random: Random) -> Address:
    """An address of the mainland without what everybody knows: its province, or the words for province and city."""
    if random.random() < 0.5:
        return address._replace(region="", city=address.city)
    region, city = address.region.removesuffix("省").removesuffix("市"), address.city.removesuffix("市")
    return address._replace(region="" if region == city else region, city=city)


def _spaced(street: str) -> str:
    """The line with blanks between its parts."""
    return re.sub(r"(?<=[路街段巷弄号號])(?=\d)", " ", street)


def _other_script(text: str, simplified: bool) -> str:
    """The text in traditional characters if it is `simplified`, else the other way round."""
    converted: str = _converter("s2t" if simplified else "t2s").convert(text)
    return converted


@cache
def _converter(direction: str) -> OpenCC:
    return OpenCC(direction)
