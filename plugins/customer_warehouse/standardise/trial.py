"""Standardise single values by hand, as a source of a region would have them standardised."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import yaml

from customer_warehouse.standardise import code_lists, postal_address
from customer_warehouse.standardise.columns import TYPES, OptionsError, check_options
from customer_warehouse.standardise.value import Value

ALSO_CALLED = {
    "address": "postal_address",
    "amount": "money",
    "datetime": "timestamp",
    "e-mail": "email",
    "name": "person_name",
}

CUSTOMS: dict[str, dict[str, Any]] = {
    "TW": {"time_zone": "Asia/Taipei", "roc": True},
    "CN": {"time_zone": "Asia/Shanghai"},
    "HK": {"time_zone": "Asia/Hong_Kong", "order": "day"},
    "MO": {"time_zone": "Asia/Macau", "order": "day"},
    "SG": {"time_zone": "Asia/Singapore", "order": "day"},
    "GB": {"time_zone": "Europe/London", "order": "day"},
    "IE": {"time_zone": "Europe/Dublin", "order": "day"},
    "AU": {"order": "day"},
    "NZ": {"time_zone": "Pacific/Auckland", "order": "day"},
    "US": {"order": "month"},
}
"""What is usual in a region, for the types that have such an option. A region of several time zones has none here."""


class TrialError(ValueError):
    """There is no such type, or it has no such option."""


def trial(name: str, region: str, options: Sequence[str] = ()) -> Callable[[str | None], Value]:
    """The function that standardises a value of type `name` (or of the code list `name`) in `region`.

    `options` are options of the type as `name=value`, the value written as in YAML; they win over the customs of the
    region. Raises TrialError for a type, an option or a region that is none.
    """
    type_name = ALSO_CALLED.get(name.lower(), name.lower())
    lists = code_lists.names()
    if type_name not in (*TYPES, *lists):
        raise TrialError(f"there is no type {name!r}; the types are {', '.join(TYPES)}, and codes {', '.join(lists)}")
    given = {"region": region, **CUSTOMS.get(region, {})}
    if type_name in lists:
        type_name, given = "code", {"list": type_name}
    spec = TYPES[type_name]
    chosen = {option: value for option, value in given.items() if option in spec.options} | dict(map(_option, options))
    try:
        check_options(type_name, chosen)
    except OptionsError as error:
        raise TrialError(str(error)) from None
    if type_name == "postal_address":
        postal_address.warm()  # its lists take longer to load than a value may take
    return partial(spec.standardise, **chosen)


def _option(text: str) -> tuple[str, Any]:
    name, mark, value = text.partition("=")
    if not mark:
        raise TrialError(f"write an option as name=value, not {text!r}")
    try:
        return name, yaml.safe_load(value)
    except yaml.YAMLError:  # a comma or a bracket alone
        return name, value
