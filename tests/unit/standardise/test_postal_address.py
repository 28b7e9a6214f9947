"""Postal addresses: one line, and one key for all the ways to write it."""

from __future__ import annotations

import pytest

from customer_warehouse.standardise.postal_address import standardise


@pytest.mark.parametrize(
    ("raw", "line"),
    [
        pytest.param("106 臺北市 大安區 和平東路二段 12 號", "台北市大安區和平東路二段12號", id="postcode and spaces"),
        pytest.param("10617臺北市大安區羅斯福路四段1號", "台北市大安區羅斯福路四段1號", id="long postcode"),
        pytest.param("台北市，大安區，和平東路１２號", "台北市大安區和平東路12號", id="full width"),
        pytest.param("大安區和平東路12-3號", "大安區和平東路12之3號", id="dash for a sub-number"),
        pytest.param("大安區和平東路12號-3", "大安區和平東路12號之3", id="dash behind the number"),
        pytest.param("大安區和平東路12號5樓－3", "大安區和平東路12號5樓之3", id="dash behind the floor"),
        pytest.param("123巷5號", "123巷5號", id="a lane is no postcode"),
        pytest.param("北京市朝阳区建国路88号 邮编：100022", "北京市朝阳区建国路88号", id="postcode at the end"),
        pytest.param("北京市 北京市 朝阳区建国路88号", "北京市朝阳区建国路88号", id="a city that is its own province"),
        pytest.param("100 Main  Street ,London", "100 Main Street, London", id="Latin"),
    ],
)
def test_an_address_is_one_line(raw: str, line: str) -> None:
    answer = standardise(raw)
    assert (answer.value, answer.reason) == (line, None)


SAME = {
    "Taiwan": [
        "106 臺北市大安區和平東路二段12之3號5樓",
        "台北市大安區和平東路2段12-3號5F",
        "台湾台北市大安区和平东路二段12号之3 5楼",
        "臺北市 大安區 和平東路２段１２號之３ 五樓",
        "台北市大安區和平東路二段十二之三號 5/F",
    ],
    "a basement": ["中山路10號B1", "中山路10號地下1樓", "中山路十號地下一樓", "中山路010號B1樓"],
    "mainland China": [
        "广东省深圳市南山区科技一路８号",
        "廣東省深圳市南山區科技1路8號",
        "中国广东省深圳市南山区科技一路8号",
    ],
    "Latin": ["12 King's Road, North Point", "12 Kings Rd., North Point", "12 KINGS ROAD NORTH POINT"],
    "a country at the end": ["1 George Street, Sydney", "1 George St Sydney"],
}


@pytest.mark.parametrize("case", SAME)
def test_addresses_that_differ_only_in_writing_have_one_key(case: str) -> None:
    assert len({standardise(raw).key for raw in SAME[case]}) == 1


def test_a_road_named_after_a_number_keeps_its_name() -> None:
    assert standardise("高雄市三民區三民路1號").key == "高雄市三民区三民路1号"


def test_different_houses_have_different_keys() -> None:
    raws = ["中山路12號3樓", "中山路12之3號", "中山路123號", "中山路12號", "中山路1段2號3樓", "中山路2號"]
    assert len({standardise(raw).key for raw in raws}) == len(raws)


def test_the_postcode_is_kept_as_a_part() -> None:
    assert standardise("106 臺北市大安區和平東路1號").parts == {"postcode": "106"}


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ("無", "placeholder"),
        ("自取", "placeholder"),
        ("同上", "placeholder"),
        ("N/A", "placeholder"),
        ("12345", "not_an_address"),
        ("A1", "not_an_address"),
        ("中" * 501, "too_long"),
    ],
)
def test_what_is_no_address_is_refused(raw: str, reason: str) -> None:
    assert standardise(raw).reason == reason
