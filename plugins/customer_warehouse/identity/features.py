"""What scoring compares: one row a record, every value in the form in which two records' values can be held together.

`features` (row, like_row, …) is made from `records` and `names` of the workspace. Values keep what was typed wrong, so
that a slip can be seen as one: they are evidence for a score and never the key of a rule. Records that say exactly the
same are alike: `like_row` is the oldest of them, and only that one is compared with others.
"""

from __future__ import annotations

from customer_warehouse.identity.name_forms import NameForms, make_name_forms
from customer_warehouse.identity.records import Workspace


def _letters(column: str) -> str:
    """Lower case, without accents, blanks and marks: for words that somebody may have divided otherwise."""
    return f"nullif(regexp_replace(lower(strip_accents({column})), '[\\s\\p{{P}}]+', '', 'g'), '')"


def _words(column: str) -> str:
    """The words in the order of the alphabet: for words that somebody may have put in another order."""
    folded = f"regexp_replace(lower(strip_accents({column})), '[\\s\\p{{P}}]+', ' ', 'g')"
    return f"nullif(array_to_string(list_sort(string_split(trim({folded}), ' ')), ' '), '')"


FEATURES: dict[str, str] = {
    **{form: f"forms.{form}" for form in NameForms._fields if form != "is_company"},
    "family": "if(forms.is_company, names.full_name_key, forms.family)",
    "company": "case when forms.is_company then 'yes' when forms.given is not null then 'no' end",
    "birth": "nullif(regexp_replace(coalesce(birth_text, strftime(birth_date, '%Y%m%d')), '\\D', '', 'g'), '')",
    "gender": "gender",
    "national": _letters("national_id"),
    "member": _letters("member_number"),
    "phone": "nullif(regexp_replace(coalesce(phone, phone_text), '\\D', '', 'g'), '')",
    "email": "nullif(coalesce(email_key, email_text), '')",
    "mailbox": "nullif(split_part(coalesce(email_key, email_text), '@', 1), '')",
    "street": _letters("street"),
    "street_words": _words("street"),
    "house": _letters("house_number"),
    "door": f"nullif(concat_ws('-', {', '.join(map(_letters, ('lane', 'alley', 'unit')))}), '')",
    "district": _letters("district"),
    "city": _letters("city"),
    "region": _letters("region"),
    "postcode": _letters("postcode"),
    "occupation": _letters("occupation"),
    "other_1": _letters("other_1"),
    "other_2": _letters("other_2"),
    "other_3": _letters("other_3"),
}
"""Each column of `features`, as made from a record and the forms of its name. Texts; null when nothing was given."""

LONGEST = 60
"""Characters of a value that are compared; what comes after them tells nobody apart, and comparing is quadratic."""


def add_features(work: Workspace) -> None:
    """Fill `name_forms` (name_id, …) and `features` (row, like_row, …) from `records` and `names`."""
    make_name_forms(work)
    columns = ", ".join(f"left({made}, {LONGEST}) as {name}" for name, made in FEATURES.items())
    compared = ", ".join(FEATURES)
    work.execute(
        f"""
        create or replace table features as
        select
            row,
            min(row) over (partition by {compared}) as like_row,
            (hash({compared}) >> 1)::bigint as like_hash,
            * exclude (row)
        from (
            select row, {columns}
            from records
            left join names using (name_id)
            left join name_forms as forms using (name_id)
        )
        """
    )
