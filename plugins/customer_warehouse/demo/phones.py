"""Phone numbers of the brand's regions, all of them possible ones, and the ways in which people write them."""

from __future__ import annotations

from random import Random
from typing import NamedTuple

from customer_warehouse.demo.dirt import PLACEHOLDER_PHONES, Dirt, full_width
from customer_warehouse.demo.keys import RECORDS

PREFIXES = {
    "HK": ("852", (61, 63, 64, 65, 69, 94, 96, 97), 6),
    "CN": (
        "86",
        (130, 131, 132, 133, 135, 136, 137, 138, 139, 150, 151, 152, 158, 159, 177, 180, 186, 187, 188, 189),
        8,
    ),
    "GB": ("44", (7400, 7418, 7442, 7503, 7516, 7541, 7577, 7702, 7714, 7738, 7762, 7780, 7806, 7850, 7910, 7966), 6),
    "AU": ("61", (400, 401, 402, 403, 404, 405, 410, 411, 412, 413, 414, 420, 421, 430, 431, 450), 6),
}
"""By country: its code, what mobile numbers start with, and how many digits follow."""
TAIWAN_LANDLINES = {
    "02": ("2", 7),
    "03": ("3", 6),
    "037": ("3", 5),
    "04": ("2", 7),
    "049": ("2", 6),
    "05": ("2", 6),
    "06": ("2", 6),
    "07": ("3", 6),
    "08": ("7", 6),
    "089": ("3", 5),
}
"""By area code: what its numbers start with, and how many digits follow."""


class Phone(NamedTuple):
    """A number that can be called."""

    e164: str
    country: str
    national: str
    """Without trunk prefix: `912345678`."""
    area_code: str = ""
    """Of a landline, with its 0; empty for a mobile phone."""


def draw_phone(country: str, area_code: str, landline: bool, number: int) -> Phone:
    """The `number`-th phone (below 80 million) of the country; another number gives another phone nearly always."""
    scattered = (number * 61_803_399 + 27_182_817) % 100_000_000
    if country == "TW":
        if landline:
            first, digits = TAIWAN_LANDLINES[area_code]
            national = f"{area_code[1:]}{first}{scattered % 10**digits:0{digits}d}"
            return Phone(f"+886{national}", country, national, area_code)
        return Phone(f"+8869{scattered:08d}", country, f"9{scattered:08d}")
    if country in PREFIXES:
        code, prefixes, digits = PREFIXES[country]
        national = f"{prefixes[number // RECORDS % len(prefixes)]}{scattered % 10**digits:0{digits}d}"
        return Phone(f"+{code}{national}", country, national)
    national = f"{area_code}{220 + scattered % 280}{scattered // 280 % 10_000:04d}"
    return Phone(f"+1{national}", country, national)


def formats(phone: Phone, random: Random) -> str:
    """One of the usual ways to write the number, the plain ones most often."""
    n = phone.national
    choice = random.random()
    forms: tuple[str, ...]
    if phone.area_code:
        area, rest = phone.area_code, n[len(phone.area_code) - 1 :]
        extension = f"#{100 + int(choice * 9e5) % 900}"
        plain = f"({area}){rest[:-4]}-{rest[-4:]}"
        forms = (plain, plain, plain + extension, f"{area}-{rest}", f"{area}{rest}", f"+886-{area[1:]}-{rest}")
    elif phone.country == "TW":
        forms = (
            *[f"0{n}"] * 9,
            *[f"0{n[:3]}-{n[3:6]}-{n[6:]}"] * 5,
            *[f"0{n[:3]} {n[3:6]} {n[6:]}"] * 2,
            *[f"+886 {n[:3]} {n[3:6]} {n[6:]}"] * 2,
            f"+886{n}",
            f"886{n}",
        )
    elif phone.country == "CN":
        forms = (
            n,
            n,
            n,
            f"{n[:3]} {n[3:7]} {n[7:]}",
            f"+86 {n[:3]}-{n[3:7]}-{n[7:]}",
            f"+86{n}",
            f"0086{n}",
            f"86-{n}",
        )
    elif phone.country == "HK":
        forms = (
            n,
            f"{n[:4]} {n[4:]}",
            f"{n[:4]} {n[4:]}",
            f"+852 {n[:4]} {n[4:]}",
            f"+852{n}",
            f"852-{n}",
            f"(852) {n[:4]} {n[4:]}",
        )
    elif phone.country == "GB":
        forms = (f"0{n}", f"0{n[:4]} {n[4:]}", f"+44 {n[:4]} {n[4:]}", f"+44 (0){n[:4]} {n[4:]}", f"44{n}")
    elif phone.country == "AU":
        forms = (f"0{n}", f"0{n[:3]} {n[3:6]} {n[6:]}", f"+61 {n[:3]} {n[3:6]} {n[6:]}", f"+61{n}")
    else:
        forms = (
            n,
            f"({n[:3]}) {n[3:6]}-{n[6:]}",
            f"{n[:3]}-{n[3:6]}-{n[6:]}",
            f"+1 {n[:3]} {n[3:6]} {n[6:]}",
            f"1-{n[:3]}-{n[3:6]}-{n[6:]}",
            f"{n[:3]}.{n[3:6]}.{n[6:]}",
        )
    return forms[int(choice * len(forms))]


def write_phone(phone: Phone, dirt: Dirt, random: Random) -> str:
    """The phone as it got into a record."""
    if dirt.strikes("placeholder_phone", random):
        return random.choice(PLACEHOLDER_PHONES)
    text = formats(phone, random)
    if dirt.strikes("wrong_phone", random):
        return text[:-1] if random.random() < 0.6 else text + "5"
    return full_width(text) if dirt.strikes("full_width_phone", random) else text
