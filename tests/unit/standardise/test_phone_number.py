"""Phone numbers: the fast path against the library, on numbers of every plan in every usual writing.

The examples are in `tests/fixtures/standardise/phone.yml`.
"""

from __future__ import annotations

import re
from typing import Any

import phonenumbers
import pyarrow as pa
import pytest

from customer_warehouse.standardise.fast_phones import phone as fast_path
from customer_warehouse.standardise.phone_number import KINDS, standardise
from customer_warehouse.standardise.phone_plans import plan
from unit.standardise.phone_writings import writings

EVERYWHERE = ["TW", "HK", "CN", "US", "GB", "AU"]
OPTIONS: list[dict[str, Any]] = [
    {},
    *({"region": region} for region in ("CN", "HK", "US", "GB", "AU", "MO", "CA")),
    {"regions": ["TW", "CN", "HK"]},
    {"regions": ["CN", "HK", "TW", "US"]},
    *({"regions": [first, *(region for region in EVERYWHERE if region != first)]} for first in EVERYWHERE),
    {"regions": ["SG", "TW", "CA", "MO", "JP"]},
    {"regions": ["NZ", "IE", "TW", "FR", "IT", "HK"]},
]


def differences(count: int, options: dict[str, Any], seed: int) -> tuple[list[str], float]:
    """Of generated numbers those that the fast path reads otherwise than the scalar function does, and the share of
    the valid ones that it reads."""
    raws = sorted(set(writings(count, seed)))
    answers = fast_path(pa.array(raws), options)
    found = {
        "value": answers.canonical.to_pylist(),
        "kind": answers.parts["kind"].to_pylist(),
        "extension": answers.parts["extension"].to_pylist(),
        "flags": answers.flags.to_pylist(),
    }
    different, valid, known = [], 0, 0
    for place, (raw, is_known) in enumerate(zip(raws, answers.known.to_pylist(), strict=True)):
        answer = standardise(raw, **options)
        valid += answer.value is not None
        if is_known:
            known += 1
            expected = {"kind": None, "extension": None} | (answer.parts or {})
            expected |= {"value": answer.value, "flags": " ".join(answer.flags) or None}
            if {name: column[place] for name, column in found.items()} != expected:
                different.append(raw)
    return different, known / valid


@pytest.mark.slow
@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_fifteen_thousand_generated_numbers_are_read_as_the_library_reads_them(options: dict[str, Any]) -> None:
    different, _ = differences(15_000, options, OPTIONS.index(options))
    assert different == []


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_generated_numbers_are_read_as_the_library_reads_them(options: dict[str, Any]) -> None:
    different, _ = differences(300, options, 100 + OPTIONS.index(options))
    assert different == []


def test_the_fast_path_reads_most_valid_numbers() -> None:
    _, share = differences(3_000, {"regions": EVERYWHERE}, 7)
    assert share > 0.75


def test_the_library_itself_gives_the_same_number_and_kind() -> None:
    raws = sorted(set(writings(4_000, 5)))
    answers = fast_path(pa.array(raws), {"region": "TW"})
    compared = 0
    for raw, value, kind in zip(raws, answers.canonical.to_pylist(), answers.parts["kind"].to_pylist(), strict=True):
        if value is None:
            continue
        digits = re.sub(r"\D", "", re.split("[#分e]", raw)[0])
        abroad = [f"+{digits.removeprefix('00')}"]
        texts = abroad if raw.startswith(("+", "(+", "00")) else [digits, *([] if digits.startswith("0") else abroad)]
        readings = (phonenumbers.parse(text, "TW") for text in texts)
        number = next(reading for reading in readings if phonenumbers.is_valid_number(reading))
        assert phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) == value, raw
        assert KINDS[phonenumbers.number_type(number)] == kind, raw
        compared += 1
    assert compared > 800


def test_a_region_is_only_passed_over_when_it_could_not_read_the_digits() -> None:
    passed = 0
    for raw in sorted(set(writings(3_000, 11))):
        digits = re.sub(r"\D", "", raw)
        for region in ("TW", "CN", "HK", "US", "GB", "AU", "MO", "SG", "CA", "JP", "NZ", "IT", "MX"):
            if plan(region).may_take.match(digits):
                continue
            passed += 1
            try:
                number = phonenumbers.parse(digits, region)
            except phonenumbers.NumberParseException:
                continue
            national = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)
            lacks_zero = plan(region).trunk == "0" and re.sub(r"\D", "", national) == "0" + digits
            is_mobile = phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.MOBILE
            assert not phonenumbers.is_valid_number(number) or (lacks_zero and not is_mobile), (raw, region)
    assert passed > 10_000


def test_an_unknown_region_is_an_error_of_the_declaration() -> None:
    with pytest.raises(ValueError, match="no region 'TWN'"):
        standardise("0912345679", region="TWN")
