"""Till files as stores really send them: cut, wrong, foreign, twice, late. The rest of the delivery always loads."""

from __future__ import annotations

from pathlib import Path

import pytest

from customer_warehouse.ops.ledger import StageError
from customer_warehouse.settings import Settings
from integration.sources import deliver, extracted, night, only, tickets, value, values

GOOD = tickets(("T1", "2026-11-20 10:00:00", "100"), ("T2", "2026-11-20 11:00:00", "200"))
OTHER = tickets(("T3", "2026-11-20 12:00:00", "300"))
WIDER = OTHER.replace(b"currency", b"currency,till").replace(b"TWD", b"TWD,7")
TABLE = "raw.point_of_sale__tickets"
pytestmark = pytest.mark.usefixtures("drop")


@pytest.fixture
def drop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The drop folder, with one good file in it."""
    root = tmp_path / "drop"
    monkeypatch.setenv("POINT_OF_SALE_URL", str(root))
    deliver(root, "2026-11-20/TPE01/tickets.csv", GOOD)
    return root


@pytest.fixture
def settings(warehouse_url: str, tmp_path: Path) -> Settings:
    return Settings(url=warehouse_url, sources_dir=only(tmp_path / "sources", "point_of_sale", "tickets"))


def reasons(settings: Settings) -> list[str]:
    return values(settings, "select reason from ops.isolated order by place")


def test_a_good_file_lands_once_however_often_the_night_runs(settings: Settings) -> None:
    first = extracted(settings, night(20), "point_of_sale")
    second = extracted(settings, night(20), "point_of_sale")

    assert (first["read"], first["landed"]) == (2, 2)
    assert (second["read"], second["landed"]) == (0, 0)
    assert value(settings, f"select count(*) from {TABLE}") == 2


def test_a_file_without_its_manifest_is_not_ready_yet(settings: Settings, drop: Path) -> None:
    late = drop / "2026-11-20/TXG01/tickets.csv"
    late.parent.mkdir(parents=True)
    late.write_bytes(OTHER)
    assert extracted(settings, night(20), "point_of_sale")["landed"] == 2

    deliver(drop, "2026-11-20/TXG01/tickets.csv", OTHER)

    assert extracted(settings, night(21), "point_of_sale")["landed"] == 1


def test_a_file_cut_in_half_is_isolated_until_it_is_sent_again(settings: Settings, drop: Path) -> None:
    deliver(drop, "2026-11-20/TXG01/tickets.csv", OTHER)
    (drop / "2026-11-20/TXG01/tickets.csv").write_bytes(OTHER[: len(OTHER) // 2])
    step = extracted(settings, night(20), "point_of_sale")
    assert (step["read"], step["landed"], step["isolated"]) == (3, 2, 1)
    assert reasons(settings) == ["checksum_differs"]

    (drop / "2026-11-20/TXG01/tickets.csv").write_bytes(OTHER)
    step = extracted(settings, night(21), "point_of_sale")

    assert (step["read"], step["landed"], step["isolated"]) == (1, 1, 0)
    assert values(settings, f"select ticket_id from {TABLE} order by 1") == ["T1", "T2", "T3"]


def test_a_file_whose_manifest_was_wrong_loads_once_the_manifest_is_right(settings: Settings, drop: Path) -> None:
    deliver(drop, "2026-11-20/TXG01/tickets.csv", OTHER, rows=9)
    assert extracted(settings, night(20), "point_of_sale")["isolated"] == 9

    deliver(drop, "2026-11-20/TXG01/tickets.csv", OTHER)

    assert extracted(settings, night(20), "point_of_sale")["landed"] == 1
    assert values(settings, "select status from ops.files order by file") == ["landed", "landed"]


def test_what_a_silent_till_delivers_weeks_later_is_still_read(settings: Settings, drop: Path) -> None:
    extracted(settings, night(20), "point_of_sale")
    for day in (21, 22):
        extracted(settings, night(day), "point_of_sale")
    with pytest.raises(StageError, match="no file for 2026-11-29"):
        extracted(settings, night(29), "point_of_sale")
    deliver(drop, "2026-11-21/TPE01/tickets.csv", OTHER)
    deliver(drop, "2026-11-30/TPE01/tickets.csv", tickets(("T9", "2026-11-30 09:00:00", "9")))

    assert extracted(settings, night(30), "point_of_sale")["landed"] == 2


def test_a_list_that_goes_back_to_what_it_was_is_believed(settings: Settings, drop: Path) -> None:
    extracted(settings, night(20), "point_of_sale")
    for day, total in ((21, b"150"), (22, b"100")):
        deliver(drop, f"2026-11-{day}/TPE01/tickets.csv", GOOD.replace(b",100,", b"," + total + b","))
        extracted(settings, night(day), "point_of_sale")

    totals = f"select total_amount from {TABLE} where ticket_id = 'T1' order by _version_at"
    assert values(settings, totals) == ["100", "150", "100"]


@pytest.mark.parametrize(
    ("content", "promised", "reason"),
    [
        pytest.param(OTHER, {"sha256": "0" * 64}, "checksum_differs", id="wrong checksum"),
        pytest.param(OTHER, {"rows": 7}, "row_count_differs", id="wrong count"),
        pytest.param(OTHER.replace(b"c1", "王".encode("big5")), {}, "not_utf8", id="Big5"),
        pytest.param(OTHER.replace(b"ticket_id", b"number"), {}, "key_column_missing", id="no key column"),
        pytest.param(OTHER.replace(b"cashier", b"currency"), {}, "column_named_twice", id="a column twice"),
        pytest.param(b"", {"rows": 0}, "empty", id="empty"),
    ],
)
def test_a_bad_file_is_isolated_with_its_reason_and_the_others_load(
    settings: Settings, drop: Path, content: bytes, promised: dict[str, object], reason: str
) -> None:
    deliver(drop, "2026-11-20/TXG01/tickets.csv", content, **promised)  # type: ignore[arg-type]

    step = extracted(settings, night(20), "point_of_sale")

    assert step["landed"] == 2
    assert step["read"] == step["landed"] + step["duplicate"] + step["isolated"]
    assert reasons(settings) == [reason]


def test_a_bad_file_stops_the_entity_where_the_declaration_says_so(
    warehouse_url: str, drop: Path, tmp_path: Path
) -> None:
    sources = only(tmp_path / "sources", "point_of_sale", "tickets", on_bad_file="stop")
    deliver(drop, "2026-11-20/TXG01/tickets.csv", OTHER, rows=9)

    with pytest.raises(StageError, match="row_count_differs"):
        extracted(Settings(url=warehouse_url, sources_dir=sources), night(20), "point_of_sale")


@pytest.mark.parametrize("known_by", ["key", "line"])
def test_the_same_file_under_another_name_is_a_duplicate(
    settings: Settings, by_line: Settings, drop: Path, known_by: str
) -> None:
    deliver(drop, "2026-11-20/TXG01/tickets.csv", GOOD)

    step = extracted(by_line if known_by == "line" else settings, night(20), "point_of_sale")

    assert (step["read"], step["landed"], step["duplicate"]) == (4, 2, 2)
    assert value(settings, f"select count(*) from {TABLE}") == 2


def test_a_line_that_does_not_fit_the_header_is_isolated_alone(settings: Settings, drop: Path) -> None:
    deliver(drop, "2026-11-20/TXG01/tickets.csv", OTHER + b"T4,TPE01\n")

    step = extracted(settings, night(20), "point_of_sale")

    assert (step["read"], step["landed"], step["isolated"]) == (4, 3, 1)
    assert reasons(settings) == ["wrong_number_of_columns"]


def test_a_row_without_a_key_is_isolated(settings: Settings, drop: Path) -> None:
    deliver(drop, "2026-11-20/TXG01/tickets.csv", OTHER + b",TPE01,,2026-11-20 13:00:00,c1,5,TWD\n")

    step = extracted(settings, night(20), "point_of_sale")

    assert (step["landed"], step["isolated"]) == (3, 1)
    assert reasons(settings) == ["key_missing"]


def test_an_unknown_column_is_kept_and_reported(settings: Settings, drop: Path) -> None:
    deliver(
        drop, "2026-11-20/TXG01/tickets.csv", OTHER.replace(b"currency", b"currency,till").replace(b"TWD", b"TWD,7")
    )

    assert extracted(settings, night(20), "point_of_sale")["landed"] == 3

    assert value(settings, f"select _extra from {TABLE} where ticket_id = 'T3'") == '{"till":"7"}'
    assert values(settings, "select column_name from ops.drift where kind = 'added'") == ["till"]


def test_an_unknown_column_stops_the_entity_where_the_declaration_says_so(
    warehouse_url: str, drop: Path, tmp_path: Path
) -> None:
    sources = only(tmp_path / "sources", "point_of_sale", "tickets", drift={"added": "stop_entity"})
    deliver(
        drop, "2026-11-20/TXG01/tickets.csv", OTHER.replace(b"currency", b"currency,till").replace(b"TWD", b"TWD,7")
    )

    with pytest.raises(StageError, match="till"):
        extracted(Settings(url=warehouse_url, sources_dir=sources), night(20), "point_of_sale")


def test_a_corrected_row_is_one_more_version_and_a_repeated_one_is_not(settings: Settings, drop: Path) -> None:
    extracted(settings, night(20), "point_of_sale")
    deliver(drop, "2026-11-21/TPE01/tickets.csv", GOOD.replace(b",100,", b",150,"))

    step = extracted(settings, night(21), "point_of_sale")

    assert (step["landed"], step["duplicate"]) == (1, 1)
    assert values(settings, f"select total_amount from {TABLE} where ticket_id = 'T1' order by _seq") == ["100", "150"]


def test_a_file_of_tomorrow_waits_for_its_night_and_a_late_one_is_still_taken(settings: Settings, drop: Path) -> None:
    deliver(drop, "2026-11-21/TPE01/tickets.csv", tickets(("T9", "2026-11-21 09:00:00", "9")))
    assert extracted(settings, night(20), "point_of_sale")["landed"] == 2

    deliver(drop, "2026-11-20/KHH01/tickets.csv", OTHER)

    assert extracted(settings, night(21), "point_of_sale")["landed"] == 2
    assert values(settings, f"select ticket_id from {TABLE} order by 1") == ["T1", "T2", "T3", "T9"]


def test_a_night_run_first_after_a_later_one_sees_only_its_own_past(settings: Settings, drop: Path) -> None:
    deliver(drop, "2026-11-21/TPE01/tickets.csv", tickets(("T9", "2026-11-21 09:00:00", "9")))
    extracted(settings, night(21), "point_of_sale")

    step = extracted(settings, night(20), "point_of_sale")

    assert (step["read"], step["landed"], step["duplicate"]) == (2, 0, 2)
    known = f"select ticket_id from {TABLE} where _as_of <= '{night(20).as_of}' order by 1"
    assert values(settings, known) == ["T1", "T2"]


@pytest.fixture
def by_line(warehouse_url: str, tmp_path: Path) -> Settings:
    """The tickets without a number to know them by: each is known by its place in its file."""
    key = {"key": ["_file", "_line"], "standard": []}
    return Settings(url=warehouse_url, sources_dir=only(tmp_path / "by_line", "point_of_sale", "tickets", **key))


def test_equal_lines_of_a_file_without_a_key_are_all_kept(by_line: Settings, drop: Path) -> None:
    deliver(drop, "2026-11-20/TXG01/tickets.csv", OTHER + OTHER.splitlines(keepends=True)[1])

    assert extracted(by_line, night(20), "point_of_sale")["landed"] == 4
    assert extracted(by_line, night(20), "point_of_sale")["landed"] == 0


def test_a_file_sent_anew_replaces_its_lines_and_takes_back_those_it_lacks(by_line: Settings, drop: Path) -> None:
    extracted(by_line, night(20), "point_of_sale")
    deliver(drop, "2026-11-20/TPE01/tickets.csv", tickets(("T1", "2026-11-20 10:00:00", "150")))

    step = extracted(by_line, night(21), "point_of_sale")

    assert (step["read"], step["landed"], step["detail"]["tickets"]["deleted"]) == (1, 1, 1)
    latest = f"select distinct on (_key) total_amount, _deleted, _key from {TABLE} order by _key, _seq desc"
    assert values(by_line, f"select coalesce(total_amount, 'gone') from ({latest}) as r order by _key") == [
        "150",
        "gone",
    ]


def test_a_folder_that_is_not_there_stops_the_night_with_what_to_do(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POINT_OF_SALE_URL", str(tmp_path / "nowhere"))

    with pytest.raises(StageError, match="Bring the source back"):
        extracted(settings, night(20), "point_of_sale")


def test_a_file_that_was_never_there_is_read_a_month_late_while_other_stores_deliver(
    settings: Settings, drop: Path
) -> None:
    for day in (21, 22):
        deliver(drop, f"2026-11-{day}/TPE01/tickets.csv", tickets((f"T{day}", f"2026-11-{day} 09:00:00", "9")))
        extracted(settings, night(day), "point_of_sale")
    for day in (9, 19):
        deliver(drop, f"2026-12-{day:02}/TPE01/tickets.csv", tickets((f"U{day}", f"2026-12-{day:02} 09:00:00", "9")))
    deliver(drop, "2026-11-20/TXG01/tickets.csv", OTHER)
    extracted(settings, night(19, month=12), "point_of_sale")

    assert value(settings, f"select count(*) from {TABLE} where ticket_id = 'T3'") == 1


def test_a_store_that_speaks_again_after_months_is_heard_from_where_it_stopped(settings: Settings, drop: Path) -> None:
    deliver(drop, "2026-05-02/TXG01/tickets.csv", tickets(("X1", "2026-05-02 09:00:00", "9")))
    extracted(settings, night(20), "point_of_sale")
    deliver(drop, "2026-05-03/TXG01/tickets.csv", tickets(("X2", "2026-05-03 09:00:00", "9")))
    for day in (21, 22):
        deliver(drop, f"2026-11-{day}/TPE01/tickets.csv", tickets((f"T{day}", f"2026-11-{day} 09:00:00", "9")))
    extracted(settings, night(21), "point_of_sale")
    assert value(settings, f"select count(*) from {TABLE} where ticket_id = 'X2'") == 0
    deliver(drop, "2026-11-22/TXG01/tickets.csv", OTHER)

    extracted(settings, night(22), "point_of_sale")

    assert value(settings, f"select count(*) from {TABLE} where ticket_id = 'X2'") == 1


@pytest.mark.parametrize("known_by", ["key", "line"])
def test_a_file_that_goes_back_to_what_it_was_is_believed(
    settings: Settings, by_line: Settings, drop: Path, known_by: str
) -> None:
    chosen = by_line if known_by == "line" else settings
    for day, total in ((20, b"100"), (21, b"150"), (22, b"100")):
        deliver(drop, "2026-11-20/TPE01/tickets.csv", GOOD.replace(b",100,", b"," + total + b","))
        extracted(chosen, night(day), "point_of_sale")
        again = extracted(chosen, night(day), "point_of_sale")
        assert (again["landed"], again["read"]) == (0, 0)

    totals = f"select total_amount from {TABLE} where ticket_id = 'T1' order by _version_at desc limit 1"
    assert value(chosen, totals) == "100"
    assert value(chosen, f"select count(*) from {TABLE}") == 4, "of what did not change there is one version"
    assert value(chosen, "select sum(deliveries) from ops.files") == 3


def test_a_file_sent_anew_without_any_line_takes_all_back(by_line: Settings, drop: Path) -> None:
    extracted(by_line, night(20), "point_of_sale")
    deliver(drop, "2026-11-20/TPE01/tickets.csv", GOOD.splitlines(keepends=True)[0])

    step = extracted(by_line, night(21), "point_of_sale")

    assert step["detail"]["tickets"]["deleted"] == 2
