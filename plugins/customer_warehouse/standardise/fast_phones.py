"""The fast path of phone numbers: whole columns read by the numbering plans that phonenumbers itself carries.

The plans' own patterns decide what is a mobile and what a landline, so that an update of the library changes both ways
of reading at once. What is ours is the writing around a number: separators, the 0 or the country code in front, an
extension behind; and which of several regions a number without a country code belongs to. A number is only answered
where no region that is tried earlier could read the same digits.
"""

from __future__ import annotations

import re
from functools import lru_cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from customer_warehouse.standardise import phone_number
from customer_warehouse.standardise.arrow_columns import TEXT, Answers, Options, is_one_of, matches, none_of, replaced
from customer_warehouse.standardise.phone_plans import Plan, plan
from customer_warehouse.standardise.reference import words

REGIONS = ("TW", "CN", "HK", "US", "GB", "AU", "MO")
"""The main regions of their country codes, whose mobiles and landlines are answered here."""
LONGEST = 15
"""Digits of one number; more than these may be two."""
WRITTEN = r"^\+?[0-9 ().\-]+(?:(?:#| ?(?:分機|ext\.?) ?)[0-9]{1,7})?$"
SPREADSHEET = r"^[0-9]+\.0+$"


def phone(values: pa.Array, options: Options) -> Answers:
    """Mobiles and landlines of REGIONS, as they are usually written."""
    regions = phone_number.regions_of(options.get("region", phone_number.DEFAULT_REGION), options.get("regions"))
    written = none_of(matches(values, WRITTEN), matches(values, SPREADSHEET))
    by_groups = {name: phone_number.GROUPED[name] for name in regions[1:] if name in phone_number.GROUPED}
    told = {name: pc.and_(written, matches(values, f"^(?:{groups})$")) for name, groups in by_groups.items()}
    # With an extension behind it, a number that is told by its groups is left open.
    grouped = matches(values, f"^(?:{'|'.join(by_groups.values())})(?:[^0-9].*)?$") if by_groups else None
    written = pc.indices_nonzero(written if grouped is None else none_of(written, grouped))
    texts = values.take(written)
    numbers = replaced(texts, r" ?(?:#|分|e).*$", "")
    extended = pc.not_equal(numbers, texts)
    found = _Found(_digits(written, replaced(numbers, r"[ ().\-]", "")))

    abroad = pc.or_(pc.starts_with(found.open.digits, "+"), pc.starts_with(found.open.digits, "00"))
    national = found.open.where(pc.invert(abroad))
    found.open = found.open.where(abroad)
    found.open = _Digits(found.open.at, replaced(found.open.digits, r"^(?:\+|00)", ""))
    for region in REGIONS:
        found.read_with_code(plan(region))

    found.open = national
    home = plan(regions[0])
    if regions[0] in REGIONS:
        found.read_at_home(home)
        found.read_with_code(home)
    found.open = found.open.where(pc.invert(matches(found.open.digits, home.takes)))
    for region in regions[1:]:
        if region in REGIONS:
            found.read_away(plan(region))
        found.open = found.open.where(pc.invert(matches(found.open.digits, plan(region).away_takes)))
    found.open = found.open.where(matches(values.take(found.open.at), phone_number.CODE_FIRST))
    for region in REGIONS:
        if plan(region).code in phone_number.WITHOUT_PLUS:
            found.read_with_code(plan(region))
    for region, mask in told.items():
        at = pc.indices_nonzero(mask)
        found.open = _digits(at, replaced(values.take(at), r"[ ().\-]", ""))
        found.read_away(plan(region))

    extensions = _spread(len(values), [(written.filter(extended), replaced(texts.filter(extended), r"^.*[^0-9]", ""))])
    answered = _spread(len(values), [(at, answers) for at, answers, _ in found.answers])
    kinds = _spread(len(values), [(at, pa.array([kind] * len(at), TEXT)) for at, _, kind in found.answers])
    flags = pc.if_else(pc.is_valid(extensions), "extension", pa.scalar(None, TEXT))
    return Answers(pc.is_valid(answered), answered, parts={"kind": kinds, "extension": extensions}, flags=flags)


class _Digits:
    """Some of the values, as digits, with their places in the column."""

    def __init__(self, at: pa.Array, digits: pa.Array) -> None:
        self.at = at
        self.digits = digits

    def where(self, mask: pa.Array) -> _Digits:
        return _Digits(self.at.filter(mask), self.digits.filter(mask))


def _digits(at: pa.Array, digits: pa.Array) -> _Digits:
    """The values that have as many digits as one number, and are not listed as nobody's."""
    fits = matches(digits, rf"^\+?[0-9]{{7,{LONGEST}}}$")
    return _Digits(at, digits).where(none_of(fits, is_one_of(digits, words("placeholders", "phone", "numbers"))))


class _Found:
    """What is still open, and what has been read so far: places, numbers, kind."""

    def __init__(self, digits: _Digits) -> None:
        self.open = digits
        self.answers: list[tuple[pa.Array, pa.Array, str]] = []

    def read_with_code(self, one: Plan) -> None:
        """Read the numbers that begin with the plan's country code."""
        candidates = self.open.where(pc.starts_with(self.open.digits, one.code))
        before = one.code + (f"{one.trunk}?" if one.trunk else "")
        self._read(one, candidates, before, one.mobile, one.fixed, one.personal)

    def read_at_home(self, one: Plan) -> None:
        """Read the numbers as they are written in the plan's own region."""
        if one.trunk == "0":
            zero = pc.starts_with(self.open.digits, "0")
            written, eaten = self.open.where(zero), self.open.where(pc.invert(zero))
            self._read(one, written, "0", one.mobile, one.fixed, one.personal)
            self._read(one, eaten, "", one.mobile, None)
        else:
            self._read(one, self.open, f"{one.trunk}?" if one.trunk else "", one.mobile, one.fixed)

    def read_away(self, one: Plan) -> None:
        """Read the numbers of the plan that are known for such where another region is at home."""
        self._read(one, self.open, one.away, one.mobile, None if one.trunk else one.fixed)

    def _read(
        self, one: Plan, candidates: _Digits, before: str, mobile: str, fixed: str | None, personal: str | None = None
    ) -> None:
        """Read the candidates that are `before` and a mobile, fixed or personal number of the plan."""
        kinds = {"mobile": mobile, "landline": fixed, "personal": personal}
        if one.has_one_kind:
            kinds = {"landline_or_mobile": mobile}
        others = [one.other, one.personal, *(() if one.has_one_kind else (one.mobile, one.fixed))]
        for kind, shape in kinds.items():
            if shape is None or not len(candidates.digits):
                continue
            fits = matches(candidates.digits, f"^{before}(?:{shape})$")
            fitting = candidates.where(fits)
            candidates = candidates.where(pc.invert(fits))
            for other in others:
                if other != shape and len(fitting.digits):
                    fitting = fitting.where(pc.invert(matches(fitting.digits, f"^{before}(?:{other})$")))
            fitting = fitting.where(pc.invert(matches(fitting.digits, _doubtful())))
            if len(fitting.digits):
                national = replaced(fitting.digits, f"^{before}", "")
                self.answers.append((fitting.at, pc.binary_join_element_wise(f"+{one.code}", national, ""), kind))
                self.open = self.open.where(pc.invert(pc.is_in(self.open.at, fitting.at)))


def _spread(count: int, pieces: list[tuple[pa.Array, pa.Array]]) -> pa.Array:
    """A column of `count` values that has those of the pieces at their places, and null elsewhere."""
    if not pieces:
        return pa.nulls(count, TEXT)
    at = np.concatenate([places.to_numpy(zero_copy_only=False) for places, _ in pieces])
    index = np.full(count, -1, dtype=np.int64)
    index[at] = np.arange(len(at))
    return pa.concat_arrays([texts for _, texts in pieces]).take(pa.array(index, mask=index < 0))


@lru_cache(maxsize=1)
def _doubtful() -> str:
    """How the digits end that nobody has, or that are suspected."""
    repeated = [str(digit) * (phone_number.REPEATED - 1) for digit in range(10)]
    listed = [*phone_number.endings("endings"), *phone_number.endings("suspected_endings")]
    return rf"(?:{'|'.join(map(re.escape, [*repeated, *listed]))})$"
