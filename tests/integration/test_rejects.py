"""Rejects over nights: a bad row stays one reject, and what was mended comes in as if it had never been bad."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from customer_warehouse.embedded.postgres import Server
from customer_warehouse.night import Night
from customer_warehouse.ops import ledger
from customer_warehouse.ops.ledger import StageError
from customer_warehouse.rejects import commands
from customer_warehouse.rejects.replay import replay
from customer_warehouse.settings import Settings
from customer_warehouse.standardise import stage
from integration.nights import fingerprints
from integration.sources import csv_bytes, deliver, extracted, night, only, tickets, value, values

MEMBERS = ["member_number", "name", "phone", "gender", "registered_at", "updated_at", "status"]
AT = "2026-11-20 10:00:00"


def members(*rows: tuple[str, str, str, str]) -> bytes:
    """A file of members: number, name, phone and gender."""
    return csv_bytes(MEMBERS, [(*row, AT, AT, "active") for row in rows])


GOOD = {
    "tickets.csv": tickets(("T1", AT, "100"), ("T2", AT, "250.50"), ("T3", AT, "300")),
    "members.csv": members(("M1", "王大明", "0912745308", "M"), ("M2", "Mary Lin", "0922105873", "F")),
}


@pytest.fixture
def drop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "drop"
    monkeypatch.setenv("POINT_OF_SALE_URL", str(root))
    return root


@pytest.fixture
def settings(warehouse_url: str, tmp_path: Path) -> Settings:
    sources = only(tmp_path / "sources", "point_of_sale", "tickets", "members")
    return Settings(url=warehouse_url, sources_dir=sources, chunk_rows=2, processes=1)


def put(root: Path, day: int, **files: bytes) -> None:
    """Deliver a day's files, named without `.csv`."""
    for name, content in files.items():
        deliver(root, f"2026-11-{day}/TPE01/{name}.csv", content)


def run(settings: Settings, of: Night) -> None:
    """Extract and standardise a night."""
    extracted(settings, of, "point_of_sale")
    ledger.open_run(settings.url, of)
    stage.run(settings, of)
    ledger.close_run(settings.url, of.run_id, failed=False)


def told(settings: Settings, of: str) -> str:
    """Of the reject of this key: state, first and last night, number of nights, night in which it was resolved."""
    return str(
        value(
            settings,
            "select concat_ws(' ', state, to_char(first_seen_as_of, 'DD'), to_char(last_seen_as_of, 'DD'), nights,"
            f" to_char(resolved_as_of, 'DD')) from standardised.reject_history where source_key = '{of}'",
        )
    )


def state(settings: Settings) -> dict[str, str]:
    """A digest of every standard table and of what is rejected; what tells of when and how often is left out."""
    leaving = ("first_seen_as_of", "last_seen_as_of", "nights", "seq", "mapping")
    digests = fingerprints(settings, "standardised", leaving=leaving)
    return {name: digest for name, digest in digests.items() if not name.startswith("standardised.reject_")}


@pytest.fixture
def never_bad(settings: Settings, server: Server, drop: Path) -> Any:
    """The state after a night in which the source as it is delivered now was all there was."""
    del drop
    made: list[str] = []

    def run_at_once(of: Night) -> dict[str, str]:
        name = f"never_bad_{len(made)}"
        made.append(name)
        server.create_database(name, template="empty_warehouse")
        at_once = settings.model_copy(update={"url": server.url(name)})
        run(at_once, of)
        return state(at_once)

    yield run_at_once
    for name in made:
        server.drop_database(name)


def map_gender(settings: Settings, **codes: str) -> None:
    """Add codes to the declaration's map."""
    file = settings.sources_dir / "point_of_sale.yml"
    declared = yaml.safe_load(file.read_text(encoding="utf-8"))
    columns = declared["entities"]["members"]["standard"][0]["columns"]
    columns["gender"] = {"from": "gender", "map": {"F": "female", "M": "male", **codes}}
    file.write_text(yaml.safe_dump(declared, allow_unicode=True), encoding="utf-8")


def test_a_bad_row_is_one_reject_for_as_long_as_it_is_bad(settings: Settings, drop: Path) -> None:
    put(drop, 20, tickets=tickets(("T1", AT, "100"), ("T2", AT, "-1")))
    run(settings, night(20))
    first = value(settings, "select reject_id from standardised.rejects")
    assert told(settings, "T2") == "open 20 20 1"

    put(drop, 21, tickets=tickets(("T8", AT, "8")))
    run(settings, night(21))
    run(settings, night(21))
    put(drop, 22, tickets=tickets(("T2", AT, "-1"), ("T9", AT, "9")))
    run(settings, night(22))

    assert told(settings, "T2") == "open 20 22 3"
    assert values(settings, "select reject_id from standardised.rejects") == [first]
    row = "select concat_ws(' ', to_char(first_seen_as_of, 'DD'), to_char(last_seen_as_of, 'DD'), nights)"
    assert value(settings, f"{row} from standardised.rejects") == "20 22 3"

    put(drop, 23, tickets=tickets(("T2", AT, "1")))
    run(settings, night(23))
    assert told(settings, "T2") == "resolved 20 22 3 23"
    assert values(settings, "select reject_id from standardised.rejects") == []

    put(drop, 24, tickets=tickets(("T2", AT, "-1")))
    run(settings, night(24))
    assert told(settings, "T2") == "open 20 24 4"
    assert values(settings, "select reject_id from standardised.rejects") == [first]


def test_an_older_night_run_again_distorts_nothing(settings: Settings, drop: Path) -> None:
    put(drop, 20, tickets=tickets(("T1", AT, "100"), ("T2", AT, "-1")))
    run(settings, night(20))
    put(drop, 21, tickets=tickets(("T2", AT, "1"), ("T3", AT, "x")))
    run(settings, night(21))
    put(drop, 22, tickets=tickets(("T4", AT, "y")))
    run(settings, night(22))
    before = {key: told(settings, key) for key in ("T2", "T3", "T4")}
    assert before == {"T2": "resolved 20 20 1 21", "T3": "open 21 22 2", "T4": "open 22 22 1"}

    run(settings, night(20))

    assert {key: told(settings, key) for key in before} == before
    assert values(settings, "select source_key from standardised.rejects") == ["T2"]
    run(settings, night(22))
    assert {key: told(settings, key) for key in before} == before


def test_of_rows_with_one_key_the_same_one_stands_whenever_they_come(
    settings: Settings, drop: Path, never_bad: Any
) -> None:
    file = settings.sources_dir / "point_of_sale.yml"
    declared = yaml.safe_load(file.read_text(encoding="utf-8"))
    declared["entities"]["tickets"]["standard"][0]["key"] = "cashier"
    file.write_text(yaml.safe_dump(declared, allow_unicode=True), encoding="utf-8")
    cashier = (
        tickets(("T5", AT, "5"), ("T6", AT, "6")).replace(b"c1", b"K"),
        tickets(("T4", AT, "4")).replace(b"c1", b"K"),
    )
    put(drop, 20, tickets=cashier[0])
    run(settings, night(20))
    assert values(settings, "select order_number from standardised.orders") == ["T5"]

    put(drop, 21, tickets=cashier[1])
    run(settings, night(21))

    assert values(settings, "select order_number from standardised.orders") == ["T4"]
    assert values(settings, "select unit from standardised.rejects order by 1") == ["T5", "T6"]
    assert values(settings, "select amounts ->> 'total_amount' from standardised.rejects order by 1") == ["5", "6"]
    assert state(settings) == never_bad(night(21))


def test_a_code_that_is_mapped_comes_in_by_replay(settings: Settings, drop: Path, never_bad: Any) -> None:
    put(drop, 20, tickets=GOOD["tickets.csv"], members=GOOD["members.csv"].replace(b",F,", b",xf,"))
    run(settings, night(20))
    codes = "select code || ' ' || rows from standardised.unmapped_codes"
    assert values(settings, codes) == ["xf 1"]
    map_gender(settings, xf="female")

    done = replay(settings, night(20))

    assert (done.rejects_before, done.rejects_gone, done.rejects_now) == (1, 1, 0)
    assert values(settings, codes) == []
    assert value(settings, "select gender from standardised.customers where source_key = 'M2'") == "female"
    assert state(settings) == never_bad(night(20))
    assert told(settings, "M2") == "resolved 20 20 0 20"


def test_a_file_that_was_isolated_comes_in_by_replay(settings: Settings, drop: Path, never_bad: Any) -> None:
    put(drop, 20, members=GOOD["members.csv"])
    deliver(drop, "2026-11-20/TPE01/tickets.csv", GOOD["tickets.csv"], rows=17)
    run(settings, night(20))
    assert values(settings, "select source_key from standardised.orders") == []
    put(drop, 20, tickets=GOOD["tickets.csv"])

    done = replay(settings, night(20))

    assert (done.isolated_before, done.isolated_now, done.read_again) == (17, 0, ["point_of_sale"])
    assert state(settings) == never_bad(night(20))
    assert len(values(settings, "select source_key from standardised.orders")) == 3


def test_rows_that_the_source_mended_come_in_by_replay(settings: Settings, drop: Path, never_bad: Any) -> None:
    bad = GOOD["tickets.csv"].replace(b"250.50", b"a lot").replace(b"T3,", b",")
    put(drop, 20, members=GOOD["members.csv"], tickets=bad)
    run(settings, night(20))
    put(drop, 20, tickets=GOOD["tickets.csv"])

    done = replay(settings, night(20))

    assert (done.rows_before, done.rows_still_lost, done.isolated_before, done.isolated_now) == (1, 0, 1, 0)
    assert state(settings) == never_bad(night(20))


def test_a_file_is_read_again_by_replay_however_old_it_is(settings: Settings, drop: Path, never_bad: Any) -> None:
    """Three old files: one with a bad value, one with a bad line, one isolated whole; and one that nothing asks for."""
    old = [f"2026-{day}/TPE01/tickets.csv" for day in ("09-01", "09-02", "09-03", "09-04")]
    good = [tickets((f"T{n}", f"{name[:10]} 10:00:00", f"{n}00")) for n, name in enumerate(old)]
    put(drop, 20, members=GOOD["members.csv"], tickets=tickets(("T9", AT, "9")))
    deliver(drop, old[0], good[0].replace(b",000,", b",a lot,").replace(b",00,", b",a lot,"))
    deliver(drop, old[1], good[1] + b"cut off\n")
    deliver(drop, old[2], good[2], rows=17)
    deliver(drop, old[3], good[3])
    run(settings, night(20))
    for day in (21, 22):
        put(drop, day, tickets=tickets((f"U{day}", AT, "1")), members=GOOD["members.csv"])
        run(settings, night(day))
    for name, content in zip(old, good, strict=True):
        deliver(drop, name, content)
    run(settings, night(22))
    assert values(settings, "select source_key from standardised.orders order by 1") == ["T1", "T3", "T9", "U21", "U22"]

    done = replay(settings, night(22))

    assert (done.rejects_before, done.rejects_now, done.rows_still_lost) == (1, 0, 0)
    assert (done.isolated_before, done.isolated_now, done.read_again) == (18, 0, ["point_of_sale"])
    assert state(settings) == never_bad(night(22))
    assert replay(settings, night(22)).read_again == []


def test_an_old_file_that_nobody_mended_is_told_as_before(settings: Settings, drop: Path) -> None:
    put(drop, 20, members=GOOD["members.csv"], tickets=tickets(("T9", AT, "9")))
    deliver(drop, "2026-09-01/TPE01/tickets.csv", GOOD["tickets.csv"], rows=17)
    run(settings, night(20))

    done = replay(settings, night(20))

    assert (done.isolated_before, done.isolated_now, done.read_again) == (17, 17, ["point_of_sale"])


def test_what_is_not_mended_still_stands_after_a_replay(settings: Settings, drop: Path) -> None:
    put(drop, 20, members=GOOD["members.csv"].replace(b",F,", b",xf,"), tickets=tickets(("T1", AT, "-1")))
    run(settings, night(20))
    map_gender(settings, xf="female")

    done = replay(settings, night(20), "point_of_sale")

    assert (done.rejects_before, done.rejects_gone, done.rejects_new, done.rejects_now) == (2, 1, 0, 1)
    assert (done.rows_before, done.rows_still_lost) == (1, 1)
    assert told(settings, "T1") == "open 20 20 1"
    runs = values(settings, "select run_id || ' ' || status from ops.runs order by 1")
    assert runs == ["night__2026-11-20 succeeded", "replay__2026-11-20 succeeded"]


def test_a_replay_is_refused_for_another_night_an_unknown_source_and_while_a_night_is_run(
    settings: Settings, drop: Path
) -> None:
    put(drop, 20, tickets=GOOD["tickets.csv"])
    run(settings, night(20))

    with pytest.raises(StageError, match="not 2026-11-21"):
        replay(settings, night(21))
    with pytest.raises(StageError, match="no source 'web'"):
        replay(settings, night(20), "web")
    ledger.open_run(settings.url, night(21))
    with pytest.raises(StageError, match="still at work"):
        replay(settings, night(20))


@pytest.fixture
def faulty(settings: Settings, drop: Path) -> Settings:
    """A night with a bad phone, two unmapped codes (one of which is a name in the wrong column), and lost orders."""
    bad = members(("M1", "王大明", "02-12", "xf"), ("M2", "Mary Lin", "0922105873", "王大明"))
    put(drop, 20, members=bad, tickets=tickets(("T1", "x", "100"), ("T2", "y", "250.50"), ("T3", AT, "300")))
    run(settings, night(20))
    return settings


def said(settings: Settings, *arguments: str) -> str:
    result = CliRunner().invoke(commands.app, arguments, obj=lambda: settings)
    assert result.exit_code == 0, result.output
    return result.output


def line(output: str, *words: str) -> str:
    return next(" ".join(line.split()) for line in output.splitlines() if all(word in line for word in words))


def test_top_names_first_what_costs_most_and_shows_no_value_of_a_person(faulty: Settings) -> None:
    output = said(faulty, "top")

    assert line(output, "ordered_at") == (
        "point_of_sale orders ordered_at not_a_timestamp 2 2 350.50 2026-11-20 (1 night) a ×2"
    )
    assert output.index("ordered_at") < output.index("phone")
    assert "99-99" in line(output, "phone")
    assert line(output, "xf  ") == "point_of_sale customers gender xf 1 0 2026-11-20 2026-11-20"
    for personal in ("王大明", "02-12", "Mary", "0922105873"):
        assert personal not in output
    assert line(output, "unmapped_code:").startswith("unmapped_code: The source uses a code")


def test_top_of_an_earlier_night_is_told_without_samples(faulty: Settings, drop: Path) -> None:
    put(drop, 21, tickets=tickets(("T1", AT, "100")))
    run(faulty, night(21))

    output = said(faulty, "top", "--night", "2026-11-20")

    assert line(output, "ordered_at") == "point_of_sale orders ordered_at not_a_timestamp 2 2 2026-11-20 (1 night)"
    assert "orders ordered_at not_a_timestamp 1 1" in " ".join(said(faulty, "top").split())


def test_single_rejects_are_listed_and_shown_masked(faulty: Settings) -> None:
    output = said(faulty, "list", "--column", "phone")
    reject = line(output, "phone").split()[0]

    shown = said(faulty, "show", reject)

    assert "1 shown." in output
    assert "point_of_sale customers M1, phone" in shown
    assert "99-99" in shown
    assert "02-12" not in output + shown
    assert "raw.point_of_sale__members" in shown
    assert said(faulty, "list", "--state", "resolved").strip().endswith("0 shown.")


def test_replay_says_what_came_in(faulty: Settings) -> None:
    map_gender(faulty, xf="female")

    output = said(faulty, "replay", "--source", "point_of_sale")

    assert "1 of 5 rejects came in, 4 stand (0 of them new); rows lost: 2 before, 2 now" in output


def test_a_night_without_rejects_says_so(settings: Settings, drop: Path) -> None:
    put(drop, 20, tickets=GOOD["tickets.csv"])
    run(settings, night(20))

    assert said(settings, "top") == "Night 2026-11-20: nothing was rejected.\n"
