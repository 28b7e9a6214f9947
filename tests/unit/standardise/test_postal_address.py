"""Postal addresses: what the examples cannot say, and the administrative lists behind them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from random import Random

import pytest

from customer_warehouse.standardise import hong_kong_address, mainland_places, taiwan_places
from customer_warehouse.standardise.characters import simplified
from customer_warehouse.standardise.postal_address import standardise, warm
from customer_warehouse.standardise.reference import read
from customer_warehouse.standardise.seeds import rows

SAME = {
    "Taiwan": [
        "106 臺北市大安區和平東路二段12之3號5樓",
        "台北市大安區和平東路2段12-3號5F",
        "台湾台北市大安区和平东路二段12号之3 5楼",
        "臺北市 大安區 和平東路２段１２號之３ 五樓",
        "台北市大安區龍門里5鄰和平東路二段十二之三號 5/F",
    ],
    "a basement": ["中山路10號B1", "中山路10號地下1樓", "中山路十號地下一樓", "中山路010號B1樓"],
    "mainland China": [
        "广东省深圳市南山区科技1路8号3栋501室",
        "廣東省深圳市南山區科技1路8號3棟501室",
        "中国广东深圳南山区科技一路8号3幢501",
        "518052 深圳市南山区粤海街道科技一路八号 三栋501室",
    ],
    "Latin": ["12 King's Road, North Point", "12 Kings Rd., North Point", "12 KINGS ROAD NORTH POINT"],
    "a country at the end": ["1 George Street, Sydney", "1 George St Sydney"],
    "Australia": ["3/12 George St, Sydney, NSW 2010", "Unit 3, 12 George Street, Sydney NSW 2010"],
}


@pytest.mark.parametrize("case", SAME)
def test_addresses_that_differ_only_in_writing_have_one_key(case: str) -> None:
    assert len({standardise(raw).key for raw in SAME[case]}) == 1


def test_different_houses_have_different_keys() -> None:
    raws = [
        "中山路12號3樓",
        "中山路12之3號",
        "中山路123號",
        "中山路12號",
        "中山路1段2號3樓",
        "中山路2號",
        "中山路12號B3",
    ]

    assert len({standardise(raw).key for raw in raws}) == len(raws)


@pytest.mark.parametrize("raw", ["電話02-12345678", "王大明收", "0912345678 陳小姐收"])
def test_a_phone_or_an_addressee_alone_is_no_address(raw: str) -> None:
    assert standardise(raw).reason == "not_an_address"


def test_the_tables_of_every_country_can_be_loaded_at_once() -> None:
    lazy = (taiwan_places.tables, mainland_places.tables, hong_kong_address.tables)
    for tables in lazy:
        tables.cache_clear()

    warm()

    assert all(tables.cache_info().currsize == 1 for tables in lazy)


def test_too_long_is_no_address() -> None:
    assert standardise("中" * 501).reason == "too_long"


@pytest.mark.parametrize("region", ["", "Taiwan", "tw", "台灣"])
def test_a_region_is_a_country_code(region: str) -> None:
    with pytest.raises(ValueError, match="is no country code"):
        standardise("台北市", region=region)


@pytest.mark.parametrize(("region", "country"), [("TW", "TW"), ("CN", "CN"), ("HK", "TW")])
def test_the_region_decides_between_namesakes(region: str, country: str) -> None:
    parts = standardise("中山區中山路1號" if region != "CN" else "中山区中山路1号", region=region).parts

    assert parts is not None
    assert parts["country"] == country


# What the Ministry of the Interior counts: 6 special municipalities, 13 counties, 3 cities; 170 districts,
# 14 county-administered cities, 38 urban and 146 rural townships.
def test_the_districts_of_taiwan_are_complete() -> None:
    places = taiwan_places.districts()

    assert len({(place.city, place.name) for place in places}) == 368
    assert Counter(place.name[-1] for place in places) == {"區": 170, "鄉": 146, "鎮": 38, "市": 14}
    assert Counter(city[-1] for city in {place.city for place in places}) == {"市": 9, "縣": 13}


def test_only_the_cities_of_two_and_three_districts_share_a_postcode() -> None:
    shared = Counter(place.postcode for place in taiwan_places.districts())

    assert {code: count for code, count in shared.items() if count > 1} == {"300": 3, "600": 2}


def test_every_district_of_taiwan_is_found_by_its_official_name() -> None:
    for row in rows("taiwan_districts"):
        answer = standardise(f"{row['city']}{row['district']}中山路1號")

        assert answer.parts is not None
        assert answer.flags == ("postcode_derived",)
        assert answer.parts["postcode"] == row["postcode"]
        assert answer.parts["district"] == row["district"]


# What the Ministry of Civil Affairs counts at the end of 2024: 31 provinces without Taiwan, Hong Kong and Macau, 333
# prefectures, 2,846 counties.
def test_the_divisions_of_the_mainland_are_complete() -> None:
    codes = mainland_places.divisions()

    assert Counter("province" if c[2:] == "0000" else "prefecture" if c[4:] == "00" else "county" for c in codes) == {
        "province": 31,
        "prefecture": 333,
        "county": 2846,
    }
    assert all(f"{code[:2]}0000" in codes for code in codes)


def test_every_county_of_the_mainland_is_found_by_its_full_name() -> None:
    for code, place in mainland_places.divisions().items():
        if place.district:
            city = "" if place.city == place.region else place.city
            found = mainland_places.locate(f"{place.region}{city}{place.district}人民路1号", 0)

            assert found is not None
            assert (found.division.code, found.flags) == (code, ())


def test_every_former_name_leads_to_what_it_became() -> None:
    divisions = mainland_places.divisions()
    for row in rows("mainland_former"):
        found = mainland_places.locate(f"{_prefecture(row['prefecture'])}{row['former']}人民路1号", 0)

        assert row["code"] in divisions
        assert found is not None
        assert found.division.code == row["code"]
        assert "renamed" in found.flags


def _prefecture(code: str) -> str:
    place = mainland_places.divisions().get(code) or mainland_places.divisions()[f"{code[:2]}0000"]
    return place.region + ("" if place.city == place.region else place.city)


def test_hong_kong_has_its_eighteen_districts_each_in_a_region() -> None:
    document = read("hong_kong")
    areas = [simplified(area) for district in document["districts"] for area in district["areas"]]

    assert Counter(district["region"] for district in document["districts"]) == {"香港島": 4, "九龍": 5, "新界": 9}
    assert len(areas) == len(set(areas))


def test_every_area_of_hong_kong_is_found_in_both_languages() -> None:
    for district in read("hong_kong")["districts"]:
        for area, english in district["areas"].items():
            parts = standardise(f"香港{area}測試道1號").parts or {}
            latin = standardise(f"1 Test Road, {english}, Hong Kong").parts or {}

            assert (parts["district"], parts["neighbourhood"]) == (district["name"], area)
            assert (latin["district"], latin["neighbourhood"]) == (district["english"], english)


def damaged(places: list[tuple[str, str]], count: int) -> Iterator[tuple[str, str]]:
    """Addresses in which one character of the district is another one, and the district that they were in."""
    random = Random(5)
    letters = sorted({character for _, district in places for character in district[:-1]})
    while count:
        head, district = random.choice(places)
        at = random.randrange(max(1, len(district) - 1))
        wrong = f"{district[:at]}{random.choice(letters)}{district[at + 1 :]}"
        if wrong != district:
            count -= 1
            yield f"{head}{wrong}人民路1號", district


@pytest.mark.parametrize("country", ["TW", "CN"])
def test_a_wrong_district_is_not_mended_into_another_one(country: str) -> None:
    if country == "TW":
        places = [(place.city, place.name) for place in taiwan_places.districts()]
    else:
        divisions = [place for place in mainland_places.divisions().values() if place.district]
        places = [
            (place.region + ("" if place.city == place.region else place.city), place.district) for place in divisions
        ]

    mended = [
        raw
        for raw, district in damaged(places, 3_000)
        if (answer := standardise(raw)).parts
        and "district_unknown" not in answer.flags
        and (found := answer.parts.get("district", district)) != district
        and found not in raw
    ]

    assert len(mended) < 0.005 * 3_000, f"{len(mended)} became another district"


def test_a_wrong_postcode_does_not_move_an_address() -> None:
    random = Random(6)
    for place in taiwan_places.districts():
        postcode = f"{random.randrange(100, 1000)}"
        parts = standardise(f"{postcode}{place.city}{place.name}中山路1號").parts or {}

        assert (parts["city"], parts["district"], parts["postcode"]) == (place.city, place.name, postcode)
