"""How two records are held together, feature by feature: the levels of agreement that the model gives a weight.

Every comparison has levels, best first; the first whose condition holds counts. When one side says nothing the
comparison says nothing either. The weights are not here but in the model file: they are learnt (see training.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

DIFFERENT = "different"
"""What meets no level. Of given names only those in characters: between spellings in letters more can go wrong."""


@dataclass(frozen=True)
class Level:
    """One way to agree."""

    meaning: str
    """For whoever asks why."""
    holds: str
    """The condition, in DuckDB's SQL over the features of both records: `city_l`, `city_r`."""


@dataclass(frozen=True)
class Comparison:
    """One feature of two records held together; it is called by the feature without which it says nothing."""

    name: str
    silent: str
    """When it says nothing."""
    levels: tuple[Level, ...]
    """Best first; what meets none of them differs."""
    frequency: str | None = None
    """The feature whose frequent values weigh less than its rare ones, at the first level; they stand in the model
    file, so never a phone or a mailbox."""
    is_shared: bool = True
    """Can people who live or work together have it in common? Then agreement says less about who is the same person."""

    @property
    def meanings(self) -> list[str]:
        """What each level means by its number: 0 is different, the last is the best."""
        return [DIFFERENT, *(level.meaning for level in reversed(self.levels))]


def _either_missing(*columns: str) -> str:
    return " or ".join(f"{column}_{side} is null" for column in columns for side in "lr")


def _equal(column: str) -> str:
    return f"{column}_l = {column}_r"


def _crossed(one: str, other: str) -> str:
    """One side's `one` is the other side's `other`."""
    return f"({one}_l = {other}_r or {other}_l = {one}_r)"


def _swapped(one: str, other: str) -> str:
    return f"({one}_l = {other}_r and {other}_l = {one}_r)"


def _slips(column: str, most: int, shortest: int = 4) -> str:
    """At most so many slips of the keyboard, in values that are long enough for that to mean something.

    Damerau-Levenshtein takes twenty times as long as Jaro-Winkler, which sees such values as alike, and eight times as
    long as Levenshtein, to which letters changed over are two slips: these go first.
    """
    one, other = f"{column}_l", f"{column}_r"
    return (
        f"case when least(length({one}), length({other})) >= {shortest}"
        f" and jaro_winkler_similarity({one}, {other}) >= {0.75 if most == 1 else 0.7}"
        f" and levenshtein({one}, {other}) <= {2 * most}"
        f" then damerau_levenshtein({one}, {other}) <= {most} else false end"
    )


def _alike(column: str, least: float) -> str:
    return f"jaro_winkler_similarity({column}_l, {column}_r) >= {least}"


def _pet_form(short: str, long: str) -> str:
    """阿明, 小明, 明明 or 明 for 志明; 小明 and 大明 are brothers."""
    return (
        f"(length(given_{short}) <= 2 and contains(given_{long}, right(given_{short}, 1))"
        f" and regexp_full_match(given_{short}, '[阿小老]?\\p{{Han}}|(\\p{{Han}})\\p{{Han}}')"
        f" and left(given_{long}, 1) not in ('阿', '小', '老', '大')"
        f" and (length(given_{short}) = 1 or left(given_{short}, 1) in ('阿', '小', '老', right(given_{short}, 1))))"
    )


def _plain(name: str, *, slips: int = 1, shortest: int = 4, frequency: bool = True) -> Comparison:
    levels = [Level("the same", _equal(name))]
    if slips:
        levels.append(Level("nearly the same", f"{_slips(name, slips, shortest)} or {_alike(name, 0.9)}"))
    return Comparison(name, _either_missing(name), tuple(levels), name if frequency else None)


_OF_TWO_KINDS = (
    "given_kind_l <> given_kind_r and 'words' in (given_kind_l, given_kind_r)"
    " and (english_given_l is null or english_given_r is null)"
    f" and not {_alike('given', 0.8)}"
)
"""A Chinese given name and an English one that the same person goes by say nothing about each other."""

COMPARISONS: tuple[Comparison, ...] = (
    Comparison(
        "given",
        f"{_either_missing('given')} or ({_OF_TWO_KINDS})",
        (
            Level("the same given name", _equal("given")),
            Level("given and family name in each other's place", _swapped("given", "family")),
            Level(
                "forms of one given name",
                f"{_equal('given_base')} or {_equal('given_sound')} or {_equal('given_cantonese')}"
                f" or {_equal('english_given')}",
            ),
            Level("a slip in the given name", f"{_slips('given', 1)} or {_alike('given', 0.92)}"),
            Level("a part or a pet form of the given name", f"{_pet_form('l', 'r')} or {_pet_form('r', 'l')}"),
            Level("one's given name is the other's family name", _crossed("given", "family")),
            Level(
                "an initial",
                "least(length(given_l), length(given_r)) = 1 and left(given_l, 1) = left(given_r, 1)",
            ),
            Level("given names that resemble each other", _alike("given", 0.8)),
            Level("different words", "given_kind_l <> 'characters' or given_kind_r <> 'characters'"),
        ),
        "given",
        is_shared=False,
    ),
    Comparison(
        "family",
        f"{_either_missing('family')} or ({_swapped('given', 'family')} and given_l <> given_r)",
        (
            Level("the same family name", _equal("family")),
            Level(
                "forms of one family name",
                f"{_equal('family_sound')} or {_equal('family_cantonese')} or {_crossed('family', 'family_alt')}",
            ),
            Level("a slip in the family name", f"{_slips('family', 1)} or {_alike('family', 0.92)}"),
            Level("one's family name is the other's given name", _crossed("given", "family")),
            Level("family names that resemble each other", _alike("family", 0.8)),
        ),
        "family",
    ),
    Comparison(
        "birth",
        _either_missing("birth"),
        (
            Level("the same birth date", _equal("birth")),
            Level("a slip in the birth date", _slips("birth", 1)),
            Level(
                "day and month swapped, or two slips",
                f"{_slips('birth', 2)} or (length(birth_l) = 8 and length(birth_r) = 8 and left(birth_l, 4) ="
                " left(birth_r, 4) and substr(birth_l, 5, 2) = right(birth_r, 2)"
                " and right(birth_l, 2) = substr(birth_r, 5, 2))",
            ),
            Level(
                "the same year, or the same day of the year",
                "left(birth_l, 4) = left(birth_r, 4) or right(birth_l, 4) = right(birth_r, 4)",
            ),
        ),
        "birth",
        is_shared=False,
    ),
    Comparison(
        "company",
        _either_missing("company"),
        (Level("two people, or two companies", _equal("company")),),
        is_shared=False,
    ),
    Comparison("gender", _either_missing("gender"), (Level("the same gender", _equal("gender")),), is_shared=False),
    Comparison(
        "national",
        _either_missing("national"),
        (
            Level("the same identity number", _equal("national")),
            Level("a slip in the identity number", _slips("national", 1)),
            Level("two slips in the identity number", _slips("national", 2)),
        ),
        is_shared=False,
    ),
    Comparison(
        "member",
        _either_missing("member"),
        (
            Level("the same member number", _equal("member")),
            Level("a slip in the member number", _slips("member", 1)),
        ),
        is_shared=False,
    ),
    Comparison(
        "phone",
        _either_missing("phone"),
        (
            Level("the same phone", _equal("phone")),
            Level("the same phone but for its area or country", "right(phone_l, 8) = right(phone_r, 8)"),
            Level("a digit of the phone is off", _slips("phone", 1, 6)),
            Level("two digits of the phone are off", _slips("phone", 2, 6)),
        ),
    ),
    Comparison(
        "email",
        _either_missing("email"),
        (
            Level("the same e-mail address", _equal("email")),
            Level("a slip in the e-mail address", _slips("email", 2, 8)),
            Level("the same mailbox elsewhere", f"{_equal('mailbox')} and length(mailbox_l) > 4"),
            Level("a slip in the mailbox", _slips("mailbox", 2, 8)),
        ),
    ),
    Comparison(
        "street",
        _either_missing("street"),
        (
            Level("the same street", _equal("street")),
            Level(
                "a slip in the street",
                f"{_equal('street_words')} or {_slips('street', 1, 5)} or {_alike('street', 0.9)}",
            ),
            Level("the street is another line of the other address", _crossed("street", "other_1")),
            Level("streets that resemble each other", f"{_alike('street', 0.8)} or {_alike('street_words', 0.85)}"),
        ),
        "street",
    ),
    Comparison(
        "house",
        _either_missing("house"),
        (
            Level("the same house and door", f"{_equal('house')} and {_equal('door')}"),
            Level("the same house", _equal("house")),
            Level("a slip in the house number", "levenshtein(house_l, house_r) <= 1"),
        ),
    ),
    _plain("district"),
    _plain("city"),
    _plain("postcode"),
    _plain("region", slips=0),
    _plain("occupation"),
    _plain("other_1"),
    _plain("other_2", slips=0),
    _plain("other_3", slips=0),
)
"""All comparisons. Those whose features a data set does not have say nothing there."""


def splink_settings(comparisons: Sequence[Comparison]) -> dict[str, Any]:
    """Comparisons in Splink's words.

    Splink's weights assume that features agree independently, which those of a household do not; so the weights are
    made from the levels (see scoring.py). Splink hands out levels only together with the values compared, which takes
    twice as long, but weights without: here the weight of each level is its number from 1, and of silence 0.
    """
    return {
        "link_type": "dedupe_only",
        "unique_id_column_name": "row",
        "probability_two_random_records_match": 0.5,
        "blocking_rules_to_generate_predictions": [],
        "retain_matching_columns": False,
        "retain_intermediate_calculation_columns": True,
        "comparisons": [_splink_comparison(comparison) for comparison in comparisons],
    }


def _splink_comparison(comparison: Comparison) -> dict[str, Any]:
    levels: list[dict[str, Any]] = [
        {"sql_condition": comparison.silent, "label_for_charts": "one side says nothing", "is_null_level": True}
    ]
    conditions = [*((level.holds, level.meaning) for level in comparison.levels), ("ELSE", DIFFERENT)]
    for number, (condition, meaning) in zip(range(len(conditions), 0, -1), conditions, strict=True):
        levels.append(
            {
                "sql_condition": condition,
                "label_for_charts": meaning,
                "m_probability": 1.0,
                "u_probability": 0.5**number,
            }
        )
    return {"output_column_name": comparison.name, "comparison_levels": levels}
