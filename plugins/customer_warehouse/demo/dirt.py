"""The dirt of real life: every way in which the demo's records are wrong, and how often.

`RATES` is the one table of it. Each rate is a share of the thing named beside it:

    kind                    share of
    family_phone            people, who share phone, address and surname with the head of their household
    twin                    people beside heads of households: born on the head's day, at one address, of one surname
    parent_of_one_name      English-speaking people beside heads: a grown child at their address bears their name
    recycled_phone          Chinese people beside heads with a mobile phone: its number was another customer's before
    married_name            English-speaking women and women in Hong Kong: another surname on records made after that
    company_account         people with a shop account, who open another one in their company's name
    landline                people in Taiwan, whose only phone is a landline
    second_account          people with a shop account, who open another one later, with another e-mail address
    second_membership       loyalty members, who register again, at another till
    second_contact          people with a service case, who write again from elsewhere
    guest_checkout          online orders of people who have an account
    forgotten_card          tickets of loyalty members: no member number on the ticket
    wrong_member_number     tickets with a member number: it is nobody's
    unknown_ticket          returns at a till: the ticket was not shown
    other_script            Chinese names: 簡體 for 繁體, and the other way round
    romanised_name          Chinese names: in Latin letters
    other_romanisation      romanised names: by another system (pinyin, Wade–Giles) than the region's own
    other_joining           romanised names: hyphen, blank or neither between the syllables of the given name
    english_name            Chinese names of people with an English given name: that name and the romanised surname
    both_given_names        names with an English given name: the romanised one stands behind it
    nickname                names: Bill for William, 阿明 for 志明
    honorific               names: 王小明先生, Ms Jane Smith
    typo_in_name            names: one letter or character is another
    upper_case_name         names in Latin letters: in capitals
    swapped_name            names: family and given name in each other's field
    name_in_one_field       names in the shop: all of it in the first name's field
    spaces_in_name          names: blanks (also full-width ones) around or inside
    surname_only            names at the till: 王小姐
    placeholder_name        names: 無, 測試, N/A …
    typo_in_email           e-mail addresses: a wrong domain (gmial.com) or two letters swapped
    broken_email            e-mail addresses: not one at all
    upper_case_email        e-mail addresses: capital letters
    full_width_email        e-mail addresses: typed with a Chinese keyboard
    placeholder_email       e-mail addresses: test@test.com, N/A …
    missing_email_shop      e-mail fields of shop accounts (opened with a phone)
    missing_email_till      e-mail fields of members
    missing_email_desk      e-mail fields of contacts
    full_width_phone        phones: full-width digits
    wrong_phone             phones: a digit is missing or too many
    placeholder_phone       phones: 0900000000, 無 …
    store_phone             phones of members: the till's own
    missing_phone_shop      phone fields of shop accounts
    missing_phone_till      phone fields of members
    missing_phone_desk      phone fields of contacts
    missing_birth_date      birth dates of members
    placeholder_birth_date  birth dates: 1990-01-01, 1900-01-01
    impossible_birth_date   birth dates: 1995-02-30, a year to come …
    swapped_birth_date      birth dates that have another meaning then: day and month in each other's place
    typo_in_birth_date      birth dates: the year is one or ten years off, or the day is one off
    roc_birth_date          birth dates: in the calendar of the Republic of China (民國)
    missing_gender          genders of members
    unmapped_gender         genders: a code nobody declared
    missing_address_shop    addresses of shop accounts
    missing_address_till    addresses of members
    full_width_address      addresses: full-width digits
    variant_address         addresses in Taiwan: 台 for 臺, numbers, 之, 號 and 樓 written another way
    village_in_address      addresses in Taiwan: 里 and 鄰 before the street
    short_place             addresses on the mainland: without province, or without the words for province and city
    former_place            addresses in Taiwan's younger cities: the old name, 臺北縣板橋市 for 新北市板橋區
    missing_city            addresses in districts of Taiwan with a name of their own: without the city
    whole_line_in_street    Chinese addresses: city and district again in the street's field, some with a postcode
    spaces_in_address       Chinese addresses: blanks before the numbers
    other_script_address    Chinese addresses: 簡體 for 繁體, and the other way round
    unmapped_country        countries of addresses: `Taiwan` for `TW` …
    unmapped_case_type      service cases: a type nobody declared
    impossible_amount       orders and tickets: a total of -1 or 1e12
    negative_price          lines of orders: the price is negative
    wrong_ticket_total      tickets: the header is not the sum of its lines
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import date, timedelta
from random import Random

RATES: dict[str, float] = {
    "family_phone": 0.04,
    "twin": 0.006,
    "parent_of_one_name": 0.03,
    "recycled_phone": 0.01,
    "married_name": 0.06,
    "company_account": 0.008,
    "landline": 0.04,
    "second_account": 0.05,
    "second_membership": 0.05,
    "second_contact": 0.06,
    "guest_checkout": 0.06,
    "forgotten_card": 0.15,
    "wrong_member_number": 0.004,
    "unknown_ticket": 0.20,
    "other_script": 0.03,
    "romanised_name": 0.06,
    "other_romanisation": 0.15,
    "other_joining": 0.25,
    "english_name": 0.15,
    "both_given_names": 0.25,
    "nickname": 0.04,
    "honorific": 0.02,
    "typo_in_name": 0.015,
    "upper_case_name": 0.05,
    "swapped_name": 0.01,
    "name_in_one_field": 0.04,
    "spaces_in_name": 0.02,
    "surname_only": 0.01,
    "placeholder_name": 0.005,
    "typo_in_email": 0.012,
    "broken_email": 0.004,
    "upper_case_email": 0.03,
    "full_width_email": 0.003,
    "placeholder_email": 0.005,
    "missing_email_shop": 0.04,
    "missing_email_till": 0.35,
    "missing_email_desk": 0.20,
    "full_width_phone": 0.01,
    "wrong_phone": 0.008,
    "placeholder_phone": 0.006,
    "store_phone": 0.006,
    "missing_phone_shop": 0.12,
    "missing_phone_till": 0.03,
    "missing_phone_desk": 0.35,
    "missing_birth_date": 0.25,
    "placeholder_birth_date": 0.012,
    "impossible_birth_date": 0.005,
    "swapped_birth_date": 0.015,
    "typo_in_birth_date": 0.012,
    "roc_birth_date": 0.08,
    "missing_gender": 0.15,
    "unmapped_gender": 0.003,
    "missing_address_shop": 0.10,
    "missing_address_till": 0.25,
    "full_width_address": 0.03,
    "variant_address": 0.25,
    "village_in_address": 0.05,
    "short_place": 0.15,
    "former_place": 0.04,
    "missing_city": 0.04,
    "whole_line_in_street": 0.06,
    "spaces_in_address": 0.05,
    "other_script_address": 0.03,
    "unmapped_country": 0.002,
    "unmapped_case_type": 0.003,
    "impossible_amount": 0.0005,
    "negative_price": 0.0003,
    "wrong_ticket_total": 0.002,
}

PLACEHOLDER_NAMES = ("無", "測試", "N/A", "test", "不提供", "匿名", "客人", "-")
PLACEHOLDER_EMAILS = ("test@test.com", "無", "N/A", "no@email.com", "123@123.com", "none")
PLACEHOLDER_PHONES = ("0900000000", "無", "0912345678", "0000000000", "N/A", "0911111111")
PLACEHOLDER_BIRTH_DATES = ("1990-01-01", "1990-01-01", "1900-01-01", "1970-01-01")
IMPOSSIBLE_BIRTH_DATES = ("1995-02-30", "1988-13-05", "2031-05-01", "0000-00-00", "1875-06-15", "不明")
UNMAPPED_GENDERS = ("X", "不明", "1", "公司")
UNMAPPED_COUNTRIES = ("Taiwan", "台灣", "ROC", "ZZ")
UNMAPPED_CASE_TYPES = ("spam", "other", "b2b")
BROKEN_EMAILS = (
    "{local}",
    "{local}@",
    "@{domain}",
    "{local}@@{domain}",
    "{local} {domain}",
    "{local}@{domain}.",
    "{local}@gmail",
)
DOMAIN_TYPOS = {
    "gmail.com": ("gmial.com", "gmai.com", "gamil.com", "gmail.con", "gmail.com.tw"),
    "yahoo.com.tw": ("yaho.com.tw", "yahoo.com.tww", "yahoo.tw.com"),
    "hotmail.com": ("hotmial.com", "hotmai.com", "hotmail.con"),
    "qq.com": ("qq.con", "qqq.com"),
}

FULL_WIDTH = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}


def explanations() -> dict[str, str]:
    """What each kind is a share of and what it does, from this module's table."""
    return dict(re.findall(r"^    ([a-z_]+)  +(\S.*)$", __doc__ or "", re.MULTILINE))


class Dirt:
    """Decides when dirt strikes, and counts it: `tried` and `struck` by kind, over everything asked so far."""

    def __init__(self) -> None:
        self.tried: Counter[str] = Counter()
        self.struck: Counter[str] = Counter()

    def strikes(self, kind: str, random: Random, *, applies: bool = True) -> bool:
        """Whether this kind of dirt strikes here; never when it does not apply.

        Takes exactly one number from `random` in any case, so that what comes after it stays the same.
        """
        number = random.random()
        if not applies:
            return False
        self.tried[kind] += 1
        if number < RATES[kind]:
            self.struck[kind] += 1
            return True
        return False


def full_width(text: str) -> str:
    """The text in full-width forms, as a Chinese keyboard types them."""
    return text.translate(FULL_WIDTH)


def swap_letters(text: str, random: Random) -> str:
    """The text with two neighbours exchanged; unchanged when it is too short."""
    if len(text) < 3:
        return text
    at = random.randrange(len(text) - 1)
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]


def damaged_email(email: str, dirt: Dirt, random: Random) -> str:
    """The address as somebody typed it: mostly right."""
    local, _, domain = email.partition("@")
    if dirt.strikes("placeholder_email", random):
        return random.choice(PLACEHOLDER_EMAILS)
    if dirt.strikes("broken_email", random):
        return random.choice(BROKEN_EMAILS).format(local=local, domain=domain)
    if dirt.strikes("typo_in_email", random):
        typos = DOMAIN_TYPOS.get(domain)
        return f"{local}@{random.choice(typos)}" if typos else f"{swap_letters(local, random)}@{domain}"
    if dirt.strikes("upper_case_email", random):
        return email.upper() if random.random() < 0.3 else email.capitalize()
    if dirt.strikes("full_width_email", random):
        return full_width(email)
    return email


def damaged_birth_date(iso: str, dirt: Dirt, random: Random) -> str:
    """The date (`1984-05-03`) as a till writes it: mostly right, sometimes in the Republic's calendar or not at all."""
    if dirt.strikes("missing_birth_date", random):
        return ""
    if dirt.strikes("placeholder_birth_date", random):
        return random.choice(PLACEHOLDER_BIRTH_DATES)
    if dirt.strikes("impossible_birth_date", random):
        return random.choice(IMPOSSIBLE_BIRTH_DATES)
    if dirt.strikes("swapped_birth_date", random, applies=int(iso[8:]) <= 12 and iso[5:7] != iso[8:]):
        iso = f"{iso[:4]}-{iso[8:]}-{iso[5:7]}"
    elif dirt.strikes("typo_in_birth_date", random):
        iso = mistyped_date(date.fromisoformat(iso), random).isoformat()
    if dirt.strikes("roc_birth_date", random):
        year, month, day = int(iso[:4]) - 1911, int(iso[5:7]), int(iso[8:])
        forms = (
            f"民國{year}年{month}月{day}日",
            f"民國{year:03d}/{month:02d}/{day:02d}",
            f"{year:03d}{month:02d}{day:02d}",
            f"{year}/{month:02d}/{day:02d}",
        )
        return random.choice(forms)
    return iso


def mistyped_date(day: date, random: Random) -> date:
    """The date with one digit wrong: the year is one or ten off, or the day is one off."""
    years = random.choice((-10, -1, 1, 10, 0))
    if years == 0 or (day.month, day.day) == (2, 29):
        return day - timedelta(days=1) if day.day > 1 else day + timedelta(days=1)
    return day.replace(year=day.year + years)
