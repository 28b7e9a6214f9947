"""Values as they come: what customers, shops and tills write, mostly right, for tests and measurements.

Every list is made from a seed, so that a failure can be run again.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

SURNAMES = "陳林黃張李王吳劉蔡楊許鄭謝郭洪曾邱廖赖周徐苏叶庄吕江何萧罗高潘簡朱鍾"
GIVEN = "志明美玲淑芬俊傑雅婷怡君建宏家豪冠宇子涵梓萱浩然欣怡國強丽华伟芳娜敏静军磊洋勇艳杰娟涛超霞平刚桂英"
COMPOUND = ["歐陽", "司馬", "诸葛", "上官", "張簡", "范姜"]
FIRST = ["David", "Mary", "John", "Grace", "Amy", "Wei-Ling", "Mei Ling", "Zoë", "José", "Siobhán", "DeShawn"]
LAST = ["Chen", "Lin", "Wang", "Smith", "O'Brien", "McDonald", "Müller", "García", "van Dijk", "Nguyễn", "Tsai"]
MAILS = ["gmail.com", "yahoo.com.tw", "hotmail.com", "qq.com", "163.com", "icloud.com", "googlemail.com", "bücher.de"]
ROADS = ["和平東路二段", "中山北路三段", "民生路", "建國南路1段", "五福一路", "文化三街", "三民路", "Nathan Road"]
PLACES = [
    "臺北市大安區",
    "台北市中正區",
    "高雄市三民區",
    "臺中市西屯區",
    "新北市板橋區",
    "台北縣板橋市",
    "板橋區",
    "台北大安",
    "北京市北京市朝阳区",
    "广东省深圳市南山区",
    "上海浦东",
]
HONG_KONG = ["香港九龍旺角彌敦道{}號", "香港香港島太古太古城{}座5樓A室", "香港新界沙田沙田第一城{}座3楼B室"]
FULL_WIDTH = {0x20: 0x3000} | {point: point + 0xFEE0 for point in range(0x21, 0x7F)}


def full_width(text: str) -> str:
    return text.translate(FULL_WIDTH)


def person_name(random: Random) -> str:
    surname = random.choice(COMPOUND) if random.random() < 0.03 else random.choice(SURNAMES)
    chinese = surname + "".join(random.choice(GIVEN) for _ in range(random.choice((1, 2, 2, 2, 2))))
    first, last = random.choice(FIRST), random.choice(LAST)
    latin = f"{first} {last}"
    return random.choices(
        [
            chinese,
            latin,
            f"{chinese}{random.choice(('先生', '小姐', '女士', '媽媽'))}",
            f"{surname}先生",
            f"{chinese[:1]} {chinese[1:]}",
            f"\u3000{chinese} ",
            f"{first} {chinese}",
            latin.upper(),
            latin.lower(),
            f"{last.upper()}, {first}",
            f"{random.choice(('Mr', 'Ms.', 'Dr.'))} {latin}",
            f"{first} {random.choice('ABC')}. {last}",
            f"😀{chinese}",
            random.choice(("測試", "test", "無", "N/A", "客人", "-", "Test User", "无名氏", "12345", "a@b.com")),
            f"{chinese[1:]}{surname}",
            f"{chinese}({random.choice((first, '先生', '台北店', chinese[-1]))})",
            random.choice((f"{chinese}{random.choice(('商行', '有限公司', '工作室'))}", f"{last} Trading Co., Ltd.")),
            random.choice(
                ("Chan Siu Ming", "Chan Siu Ming, Peter", "Wang Daming", "Lin Mei-Ling", f"Chia-{first.lower()} {last}")
            ),
            random.choice((f"{latin} Jr.", f"&amp;{latin}", "MÃ¼ller Hans", "王?明", f"{first} & {latin}", "陳太")),
            chinese[1:],
        ],
        weights=[50, 15, 3, 1, 2, 1, 4, 3, 3, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1],
    )[0]


def email(random: Random) -> str:
    local = (
        random.choice(
            [
                f"{random.choice(FIRST).lower()}.{random.choice(LAST).lower()}{random.randrange(1000)}",
                f"{random.choice(FIRST).lower()}{random.randrange(100000)}",
                f"user_{random.randrange(1000000)}",
                f"{random.choice(FIRST).lower()}+shop{random.randrange(100)}",
                f"{random.randrange(10**9)}",
            ]
        )
        .replace(" ", "")
        .replace("'", "")
    )
    domain = random.choices(MAILS, weights=[50, 20, 10, 10, 5, 5, 1, 0.3])[0]
    address = f"{local}@{domain}"
    return random.choices(
        [
            address,
            address.upper(),
            f" {address} ",
            full_width(address),
            f"{local} @{domain}",
            f"<{address}>",
            f"{address}.",
            local,
            f"{local}@@{domain}",
            f"{local}@gmail",
            f"{local}..x@{domain}",
            f"{local}@-bad-.com",
            random.choice(("test@test.com", "none@none.com", "無", "N/A", "noemail@gmail.com", "x@host.local")),
        ],
        weights=[85, 4, 2, 1, 0.5, 0.5, 0.5, 0.5, 0.3, 0.5, 0.3, 0.2, 1],
    )[0]


def phone(random: Random) -> str:
    tail = f"{random.randrange(10**8):08d}"
    mobile = f"9{tail}"
    landline = f"2{random.choice('2345678')}{tail[:7]}"
    mainland = f"1{random.choice('3456789')}{random.randrange(10)}{tail}"
    hong_kong = f"{random.choice('5679')}{tail[:7]}"
    text = random.choices(
        [
            f"0{mobile}",
            f"0{mobile[:3]}-{mobile[3:6]}-{mobile[6:]}",
            f"+886 {mobile[:3]} {mobile[3:6]} {mobile[6:]}",
            f"+886{mobile}",
            f"886{mobile}",
            f"+886-0{mobile}",
            mobile,
            f"(02){landline[1:5]}-{landline[5:]}",
            f"02-{landline[1:]}#{tail[:3]}",
            f"886-2-{landline[1:]}",
            f"+86 {mainland}",
            f"0086{mainland}",
            mainland,
            f"+852 {hong_kong[:4]} {hong_kong[4:]}",
            hong_kong,
            f"+44 (0)7400 {tail[:6]}",
            f"0{mobile} / 0{mobile[:-1]}7",
            f"0{mobile}5",
            f"0{mobile[:-1]}",
            random.choice(("0900000000", "0912345678", "無", "N/A", "abc", "0" * 10, "02-2222-2222", "call me 0912")),
        ],
        weights=[40, 15, 8, 5, 2, 2, 2, 5, 3, 1, 3, 1, 3, 3, 3, 1, 1, 1, 1, 1],
    )[0]
    return full_width(text) if random.random() < 0.01 else text


def postal_address(random: Random) -> str:
    number = random.randrange(1, 400)
    address = f"{random.choice(PLACES)}{random.choice(ROADS)}{number}號"
    street = f"{number} {random.choice(('Main Street', 'High St.', 'George Street', 'Kings Road'))}"
    return random.choices(
        [
            f"{address}{random.randrange(1, 20)}樓",
            f"{random.randrange(100, 999)} {address}之{random.randrange(1, 9)}",
            f"{address[:3]} {address[3:]} {random.randrange(1, 20)}F",
            full_width(address),
            address.replace("號", f"-{random.randrange(1, 9)}號"),
            random.choice(HONG_KONG).format(number),
            f"{address[:6]}{random.choice(('福德里', '龍門里5鄰'))}{address[6:]}",
            f"{address} 5楼之3",
            f"{street}, {random.choice(('London', 'Sydney', 'San Francisco'))} {random.randrange(10000, 99999)}",
            f"Flat {random.randrange(1, 30)}A, {random.randrange(1, 40)}/F, {street}, Hong Kong",
            random.choice(("無", "自取", "12345", "同上", "-")),
        ],
        weights=[40, 20, 10, 3, 5, 5, 5, 5, 10, 5, 2],
    )[0]


def date(random: Random) -> str:
    year, month, day = random.randrange(1930, 2015), random.randrange(1, 13), random.randrange(1, 32)
    return random.choices(
        [
            f"{year}-{month:02d}-{min(day, 28):02d}",
            f"{year}-{month:02d}-{day:02d}",
            f"{year}/{month}/{day}",
            f"{year}{month:02d}{day:02d}",
            f"民國{year - 1911}年{month}月{day}日",
            f"{year - 1911:03d}/{month:02d}/{day:02d}",
            f"{day}/{month}/{year}",
            f"{year}-{month:02d}-{day:02d} 00:00:00",
            random.choice(("1990-01-01", "1900-01-01", "0000-00-00", "2031-05-01", "不明", "1995-02-29", "1996-02-29")),
        ],
        weights=[70, 10, 4, 3, 4, 4, 1, 2, 2],
    )[0]


def timestamp(random: Random) -> str:
    day = f"20{random.randrange(10, 37)}-{random.randrange(1, 13):02d}-{random.randrange(1, 32):02d}"
    time = f"{random.randrange(24):02d}:{random.randrange(60):02d}:{random.randrange(60):02d}"
    return random.choices(
        [
            f"{day}T{time}+08:00",
            f"{day} {time}",
            f"{day}T{time}Z",
            f"{day} {time}.{random.randrange(10**6):06d}+00:00",
            f"{day} {time}.123456789+00",
            f"{day.replace('-', '/')} {time[:5]}",
            day,
            random.choice(("0000-00-00 00:00:00", "soon", "2026-13-01 00:00:00", "2026-01-01 24:00:00")),
        ],
        weights=[35, 35, 10, 10, 2, 3, 1, 1],
    )[0]


def money(random: Random) -> str:
    amount = random.randrange(1, 5_000_000) / 100
    return random.choices(
        [
            f"{amount:.2f}",
            f"{amount:.0f}",
            f"{amount:,.2f}",
            f"NT${amount:,.0f}",
            f"{amount:.0f}元",
            f"{random.choice(('TWD ', 'US$', '¥', 'HKD'))}{amount:.2f}",
            f"-{amount:.2f}",
            f"({amount:.2f})",
            f"{amount * 10**9:.2f}",
            random.choice(("NaN", "1e12", "inf", "free", "1.23456", "12,80", "1,28", "-0", "0.00", "$")),
        ],
        weights=[60, 15, 5, 5, 2, 1, 2, 1, 1, 2],
    )[0]


def number(random: Random) -> str:
    return random.choices(
        [
            str(random.randrange(1, 20)),
            str(random.randrange(-(10**6), 10**9)),
            f"{random.random() * 100:.3f}",
            f"{random.randrange(1000, 10**6):,}",
            f"{random.randrange(5)}.0",
            random.choice(("NaN", "1e3", "five", "", "-0.0", "1.1234567", "9" * 20)),
        ],
        weights=[20, 40, 20, 5, 5, 3],
    )[0]


def sku(random: Random) -> str:
    code = f"{random.choice(('TEE', 'CUP', 'L012'))}-{random.choice(('SRM', 'HND'))}-{random.randrange(100):02d}"
    return random.choices(
        [
            code,
            f"{random.randrange(10**6):06d}",
            code.lower(),
            f" {code}",
            code.replace("-", "\u2013"),
            code.replace("-", " - "),
            code.replace("-", "_"),
            full_width(code),
            f'="{code}"',
            random.choice(("1.23E+12", "123456.0", "#N/A", "無", "test", "-", "A" * 70, "漢字", "POST", "85123a")),
        ],
        weights=[60, 20, 5, 2, 2, 2, 3, 1, 1, 4],
    )[0]


def text(random: Random) -> str:
    word = f"{random.choice(SURNAMES)}{random.choice(GIVEN)} {random.choice(FIRST)} {random.randrange(10**6)}"
    return random.choices(
        [word, f" {word}\n", full_width(word), f"{word} 👍", word.replace(" ", "  ")], [80, 5, 5, 5, 5]
    )[0]


def code(random: Random) -> str:
    return random.choice(["M", "F", "m ", "female", "O", "X", "", "男", "女", "\uff26"])


GENERATORS: dict[str, Callable[[Random], str]] = {
    "text": text,
    "code": code,
    "email": email,
    "phone": phone,
    "person_name": person_name,
    "postal_address": postal_address,
    "date": date,
    "timestamp": timestamp,
    "money": money,
    "number": number,
    "sku": sku,
}

OPTIONS: dict[str, dict[str, object]] = {
    "code": {
        "map": {"M": "male", "F": "female", "男": "male", "女": "female", "O": None},
        "values": ["male", "female"],
    },
    "date": {"roc": True, "earliest": "1900-01-01", "latest": "2026-11-21T16:00:00+00:00"},
    "timestamp": {"time_zone": "Asia/Taipei"},
}
"""Options with which the generated values are mostly good."""


def values(type_name: str, count: int, seed: int = 1) -> list[str]:
    """`count` values of a type, always the same ones."""
    random = Random(seed)
    return [GENERATORS[type_name](random) for _ in range(count)]
