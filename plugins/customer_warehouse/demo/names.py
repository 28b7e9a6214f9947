"""People's names, and the many ways in which the same name gets written."""

from __future__ import annotations

import re
from functools import cache
from random import Random
from typing import NamedTuple

from customer_warehouse.demo import tables
from customer_warehouse.demo.dirt import PLACEHOLDER_NAMES, Dirt, swap_letters

ASPIRATED = re.compile("^(ch|ts|tz|p|t|k)", re.IGNORECASE)


class Spelling(NamedTuple):
    """A Chinese name in Latin letters by one system of romanisation."""

    family: str
    given: tuple[str, ...]
    """Syllable by syllable."""


class Name(NamedTuple):
    """One person's name. `family` and `given` are as its owner writes them; the rest are other forms of it."""

    family: str
    given: str
    chinese: bool
    other_family: str = ""
    """In the other Chinese script."""
    other_given: str = ""
    latin_family: str = ""
    latin_given: str = ""
    english: str = ""
    """The English given name that a Chinese speaker goes by; empty when there is none."""
    nicknames: tuple[str, ...] = ()
    spellings: tuple[Spelling, ...] = ()
    """Of a Chinese name: as its region romanises it, and then as others do."""

    @property
    def full(self) -> str:
        return self.family + self.given if self.chinese else f"{self.given} {self.family}"


class Written(NamedTuple):
    """A name as it stands in a record."""

    family: str
    given: str
    full: str


@cache
def given_characters(sex: str) -> list[tables.Row]:
    return [row for row in tables.rows("given_characters") if row["gender"] in (sex, "b")]


@cache
def english_names(sex: str) -> list[tables.Row]:
    return [row for row in tables.rows("western_names") if row["gender"] == sex]


@cache
def homophones() -> dict[str, str]:
    """For a character, others that sound alike: what a mishearing clerk types."""
    sounds: dict[str, str] = {}
    for row in tables.rows("given_characters"):
        sounds[row["pinyin"]] = sounds.get(row["pinyin"], "") + row["traditional"]
    alike: dict[str, str] = {}
    for row in tables.rows("given_characters"):
        others = sounds[row["pinyin"]].replace(row["traditional"], "")
        alike[row["traditional"]] = alike[row["simplified"]] = others
    return alike


def draw_name(region: str, sex: str, random: Random, family_of: Name | None = None) -> Name:
    """A name as people of the region have; `family_of` gives the surname of that name."""
    if region == "EN":
        row = random.choice(english_names(sex))
        family = family_of.family if family_of else tables.weighted("western_surnames").draw(random)["surname"]
        return Name(family, row["given"], chinese=False, nicknames=tuple(filter(None, row["nicknames"].split(";"))))
    surname = tables.weighted("surnames").draw(random)
    if family_of:
        surname = next(
            row for row in tables.rows("surnames") if family_of.family in (row["traditional"], row["simplified"])
        )
    characters = given_characters(sex)
    given = [random.choice(characters) for _ in range(1 if random.random() < 0.1 else 2)]
    traditional = "".join(row["traditional"] for row in given)
    simplified = "".join(row["simplified"] for row in given)
    english = random.choice(english_names(sex))["given"] if random.random() < (0.6 if region == "HK" else 0.25) else ""
    last = traditional[-1] if region != "CN" else simplified[-1]
    spellings = _spellings(region, surname, given)
    separator = {"TW": "-", "CN": "", "HK": " "}[region]
    sounds = spellings[0].given
    latin = separator.join(sounds).capitalize() if region != "HK" else " ".join(sound.capitalize() for sound in sounds)
    here, there = ("simplified", "traditional") if region == "CN" else ("traditional", "simplified")
    mine, other = (simplified, traditional) if region == "CN" else (traditional, simplified)
    nicknames = (f"小{last}", f"阿{last}")
    return Name(
        surname[here], mine, True, surname[there], other, spellings[0].family, latin, english, nicknames, spellings
    )


def _spellings(region: str, surname: tables.Row, given: list[tables.Row]) -> tuple[Spelling, ...]:
    """The region's own romanisation first, then those that its people also meet with."""
    by_style = {
        style: Spelling(surname[style], tuple(row[style] for row in given))
        for style in ("taiwan", "pinyin", "cantonese")
    }
    # Wade and Giles mark the aspirated sounds, which people in Taiwan leave out on cards but not in passports of old.
    by_style["wade_giles"] = Spelling(
        _aspirated(surname["taiwan"], surname["pinyin"]),
        tuple(_aspirated(row["taiwan"], row["pinyin"]) for row in given),
    )
    styles = {"TW": ("taiwan", "pinyin", "wade_giles"), "CN": ("pinyin", "taiwan"), "HK": ("cantonese", "pinyin")}
    return tuple(by_style[style] for style in styles[region])


def _aspirated(spelling: str, pinyin: str) -> str:
    """The spelling with the apostrophe of Wade–Giles behind an aspirated first sound: Ts'ai, t'ing."""
    return ASPIRATED.sub(r"\1'", spelling) if pinyin[0].lower() in "ptkqc" else spelling


def twin_name(name: Name, region: str, sex: str, random: Random) -> Name:
    """A twin's name: the same surname, and of a given name of two characters often the same first one."""
    for _ in range(50):
        other = draw_name(region, sex, random, name)
        is_alike = len(name.given) == len(other.given) == 2 and name.given[0] == other.given[0]
        if other.given != name.given and (not name.chinese or len(name.given) < 2 or is_alike):
            return other
    return draw_name(region, sex, random, name)


def married_name(name: Name, region: str, random: Random) -> Name:
    """The name of a woman who took her husband's surname, or, in Hong Kong, put it before her own: 陳方安生."""
    if region == "EN":
        return name._replace(family=tables.weighted("western_surnames").draw(random)["surname"])
    husband = tables.weighted("surnames").draw(random)
    first = name.spellings[0]
    spelling = first._replace(family=f"{husband['cantonese']} {first.family}")
    return name._replace(
        family=husband["traditional"] + name.family,
        other_family=husband["simplified"] + name.other_family,
        latin_family=spelling.family,
        spellings=(spelling,),
    )


def write_name(name: Name, sex: str, system: str, dirt: Dirt, random: Random) -> Written:
    """The name as it got into a record of `system` (shop, till, desk or guest)."""
    family, given, chinese = name.family, name.given, name.chinese
    if dirt.strikes("placeholder_name", random):
        text = random.choice(PLACEHOLDER_NAMES)
        return Written("", text, text)
    if chinese:
        if dirt.strikes("other_script", random):
            family, given = name.other_family, name.other_given
        elif dirt.strikes("romanised_name", random):
            (family, given), chinese = _romanised(name, dirt, random), False
        elif name.english and dirt.strikes("english_name", random):
            family, given, chinese = name.latin_family, name.english, False
            if dirt.strikes("both_given_names", random):
                given = f"{given} {name.latin_given}"
    if name.nicknames and chinese == name.chinese and dirt.strikes("nickname", random):
        given = random.choice(name.nicknames)
    if dirt.strikes("typo_in_name", random):
        family, given = misspelt(family, given, chinese, random)
    if system == "till" and chinese and dirt.strikes("surname_only", random):
        given = "小姐" if sex == "f" else "先生"
    elif dirt.strikes("honorific", random):
        if chinese:
            given += "小姐" if sex == "f" else "先生"
        else:
            given = f"{'Ms' if sex == 'f' else 'Mr'} {given}"
    if dirt.strikes("upper_case_name", random, applies=not chinese):
        family, given = family.upper(), given.upper()
    if dirt.strikes("swapped_name", random):
        family, given = given, family
    if dirt.strikes("spaces_in_name", random):
        given = random.choice((f" {given}", f"{given}  ", f"\u3000{given}", " ".join(given)))
    full = family + given if chinese else f"{given} {family}"
    if system == "shop" and dirt.strikes("name_in_one_field", random):
        return Written("", full, full)
    return Written(family, given, full)


def _romanised(name: Name, dirt: Dirt, random: Random) -> tuple[str, str]:
    """Family and given name in Latin letters: as the region does it, mostly."""
    spelling = name.spellings[0]
    if dirt.strikes("other_romanisation", random, applies=len(name.spellings) > 1):
        spelling = random.choice(name.spellings[1:])
        return spelling.family, "-".join(spelling.given).capitalize()
    if dirt.strikes("other_joining", random, applies=len(spelling.given) > 1):
        titled = [syllable.capitalize() for syllable in spelling.given]
        forms = (
            " ".join(titled),
            "-".join(titled),
            "-".join(spelling.given).capitalize(),
            "".join(spelling.given).capitalize(),
        )
        return spelling.family, random.choice([form for form in forms if form != name.latin_given])
    return name.latin_family, name.latin_given


def misspelt(family: str, given: str, chinese: bool, random: Random) -> tuple[str, str]:
    """The name with one slip: another character of the same sound, or two letters exchanged."""
    if not chinese:
        return (swap_letters(family, random), given) if random.random() < 0.5 else (family, swap_letters(given, random))
    at = random.randrange(len(given))
    alike = homophones().get(given[at])
    if alike:
        return family, given[:at] + random.choice(alike) + given[at + 1 :]
    return family, given[:at] + "小" + given[at + 1 :]
