"""Numbering plans as regular expressions, from the metadata that phonenumbers carries.

They are written in what Python's and RE2's dialects have in common.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

import phonenumbers
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata, PhoneNumberFormat, PhoneNumberType

OTHER_KINDS = (
    "premium_rate",
    "toll_free",
    "shared_cost",
    "voip",
    "personal_number",
    "pager",
    "uan",
    "voicemail",
)
"""Kinds that the library looks for before mobiles and landlines."""
LANDLINES_WITH_ZERO = {"TW", "CN", "GB", "AU"}
"""Regions that write a 0 before every landline; without it such digits are not read as one of theirs."""
NOTHING = r"[^\s\S]"
"""A pattern that nothing fits."""


class Plan(NamedTuple):
    """One region's numbering plan, as the insides of regular expressions."""

    code: str
    trunk: str
    """What stands before a national number at home: `0`, `1` or nothing."""
    mobile: str
    fixed: str
    personal: str
    """Numbers that go with a person; Taiwan's 099, which is used as a mobile."""
    other: str
    """Every other kind."""
    takes: str
    """Digits without a plus that the region may read as a number, and perhaps more than those."""
    may_take: re.Pattern[str]
    """The same for Python."""
    has_one_kind: bool
    """Does the plan not tell mobiles from landlines?"""
    away: str
    """A pattern of what the region writes before a mobile: `0`, or nothing."""
    away_takes: str
    """Digits that are read as a number of the region where another one is at home: its mobiles in full, and landlines
    only where nothing is written in front of any number."""
    may_take_away: re.Pattern[str]
    """The same for Python."""


@lru_cache
def plan(region: str) -> Plan:
    """The numbering plan of a region that phonenumbers knows."""
    main = metadata_of(region)
    # A region reads the numbers of all regions that share its country code.
    shared = [metadata_of(name) for name in COUNTRY_CODE_TO_REGION_CODE[main.country_code or 0]]
    trunk = main.national_prefix or ""
    prefix = main.national_prefix_for_parsing or trunk
    general = _either(shared, "fixed_line", "mobile", *OTHER_KINDS)
    bare = _either(shared, *OTHER_KINDS, "mobile") if region in LANDLINES_WITH_ZERO else general
    forms = [
        main.international_prefix or NOTHING,
        f"{main.country_code}(?:{prefix})?(?:{general})$",
        f"(?:{prefix})(?:{general})$",
        f"(?:{bare})$",
    ]
    takes = "^" if main.national_prefix_transform_rule else f"^(?:{'|'.join(forms)})"
    mobile, fixed = (_either([main], kind) for kind in ("mobile", "fixed_line"))
    if mobile == fixed:  # North America: its regions differ in nothing but their area codes
        mobile = fixed = _either([one for one in shared if _has_one_kind(one)], "mobile")
    if mobile == fixed:
        away, shapes = f"(?:{trunk})?", mobile
    else:
        away = trunk if trunk and _is_written_before_mobiles(region, trunk) else ""
        shapes = mobile if trunk else f"{mobile}|{fixed}"
    away_takes = f"^{away}(?:{shapes})$"
    return Plan(
        code=str(main.country_code),
        trunk=trunk,
        mobile=mobile,
        fixed=fixed,
        personal=_either([main], "personal_number"),
        other=_either(
            shared if mobile == fixed else [main], *(kind for kind in OTHER_KINDS if kind != "personal_number")
        ),
        takes=takes,
        may_take=re.compile(takes, re.ASCII),
        has_one_kind=mobile == fixed,
        away=away,
        away_takes=away_takes,
        may_take_away=re.compile(away_takes, re.ASCII),
    )


def _is_written_before_mobiles(region: str, trunk: str) -> bool:
    """Does the region write its trunk prefix before a mobile? The mainland writes it before landlines only."""
    example = phonenumbers.example_number_for_type(region, PhoneNumberType.MOBILE)
    written = phonenumbers.format_number(example, PhoneNumberFormat.NATIONAL) if example else ""
    return written.lstrip("(").startswith(trunk)


def _has_one_kind(one: PhoneMetadata) -> bool:
    return _either([one], "mobile") == _either([one], "fixed_line")


def metadata_of(region: str) -> PhoneMetadata:
    metadata = PhoneMetadata.metadata_for_region(region)
    if metadata is None:
        raise ValueError(f"phonenumbers has no plan of {region}")
    return metadata


def _either(plans: list[PhoneMetadata], *kinds: str) -> str:
    """A pattern of the numbers of one of the kinds in one of the plans."""
    found = [getattr(getattr(one, kind), "national_number_pattern", None) for one in plans for kind in kinds]
    return "|".join(f"(?:{pattern})" for pattern in dict.fromkeys(found) if pattern) or NOTHING
