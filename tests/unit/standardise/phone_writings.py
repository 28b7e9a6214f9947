"""Phone numbers of every plan in the ways people write them, mostly valid ones, for proofs and measurements."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from phonenumbers import PhoneMetadata

PLANS: dict[str, tuple[str, ...]] = {
    "TW": (
        "9########",
        "2[2-8]#######",
        "3[2-9]######",
        "37######",
        "4[239]#######",
        "49[2-3]######",
        "[5-8]#######",
        "82#######",
    ),
    "CN": (
        "1[3-9]#########",
        "10########",
        "2[0-9]########",
        "[3-9]#########",
        "[3-9]##########",
        "400#######",
        "800#######",
    ),
    "HK": ("[5-79]#######", "[23]#######", "4#######", "8#######"),
    "US": ("[2-9]##[2-9]######", "8[0-9][0-9]#######"),
    "GB": ("7#########", "20[378]#######", "1#########", "1########"),
    "AU": ("4########", "[2378]########"),
    "MO": ("6#######", "28######"),
    "SG": ("[3689]#######",),
    "CA": ("[2-9]##[2-9]######",),
}
"""National numbers by region: `#` is any digit, `[..]` one of those."""
TRUNKS = {"TW": "0", "CN": "0", "GB": "0", "AU": "0", "US": "1", "CA": "1"}


def _national(region: str, random: Random) -> str:
    text, shape = "", random.choice(PLANS[region])
    while shape:
        if shape[0] == "[":
            inside, _, shape = shape[1:].partition("]")
            allowed = [d for d in "0123456789" if any(_covers(part, d) for part in _parts(inside))]
            text += random.choice(allowed)
        else:
            text += str(random.randrange(10)) if shape[0] == "#" else shape[0]
            shape = shape[1:]
    slip = random.random()
    if slip < 0.04:
        at = random.randrange(len(text))
        text = text[:at] + text[at + 1 :] if slip < 0.02 else text[:at] + str(random.randrange(10)) + text[at:]
    return text


def _parts(inside: str) -> list[str]:
    parts, rest = [], inside
    while rest:
        length = 3 if rest[1:2] == "-" else 1
        parts.append(rest[:length])
        rest = rest[length:]
    return parts


def _covers(part: str, digit: str) -> bool:
    return part[0] <= digit <= part[-1]


def _grouped(digits: str, random: Random) -> str:
    """The digits with separators between some of them."""
    separator = random.choice((" ", "-", ".", " - ", ""))
    cuts = sorted(random.sample(range(1, len(digits)), k=min(random.choice((1, 2, 2, 3)), len(digits) - 1)))
    pieces = [digits[start:end] for start, end in zip([0, *cuts], [*cuts, len(digits)], strict=True)]
    return separator.join(pieces)


def writing(random: Random) -> str:
    """One number as somebody wrote it."""
    region = random.choices(list(PLANS), weights=[30, 25, 15, 15, 5, 5, 3, 1, 1])[0]
    metadata = PhoneMetadata.metadata_for_region(region)
    assert metadata is not None
    code, trunk, national = str(metadata.country_code), TRUNKS.get(region, ""), _national(region, random)
    home = trunk + national
    forms: list[Callable[[], str]] = [
        lambda: home,
        lambda: _grouped(home, random),
        lambda: f"({home[:3]}){_grouped(home[3:], random)}",
        lambda: f"({home[:2]}) {_grouped(home[2:], random)}",
        lambda: national,
        lambda: _grouped(national, random),
        lambda: f"+{code}{national}",
        lambda: f"+{code} {_grouped(national, random)}",
        lambda: f"+{code}-{_grouped(home, random)}",
        lambda: f"(+{code}) {_grouped(home, random)}",
        lambda: f"+{code} (0){national}",
        lambda: f"00{code}{national}",
        lambda: f"00{code} {_grouped(home, random)}",
        lambda: f"{code}{national}",
        lambda: f"{code}-{_grouped(national, random)}",
        lambda: f"{code}{home}",
        lambda: f"{_grouped(home, random)}#{random.randrange(10000)}",
        lambda: f"{_grouped(home, random)} 分機 {random.randrange(10000)}",
        lambda: f"{_grouped(home, random)} ext. {random.randrange(10000)}",
        lambda: f"{home}.0",
    ]
    weights = [12, 12, 6, 4, 8, 5, 10, 10, 5, 2, 2, 5, 3, 6, 4, 4, 3, 1, 1, 1]
    return random.choices(forms, weights)[0]()


def writings(count: int, seed: int) -> list[str]:
    """`count` of them, always the same ones."""
    random = Random(seed)
    return [writing(random) for _ in range(count)]
