"""The files' own books: what is delivered, how many rows, and the figures over them."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from customer_warehouse.acceptance.books import open_books
from customer_warehouse.acceptance.data_set import AcceptanceError
from customer_warehouse.extract.declaration import Source

MONDAY, TUESDAY = date(2026, 3, 2), date(2026, 3, 3)
HEADER = "receipt;item;amount\n"


def till(folder: Path, read: dict[str, Any] | None = None, **controls: str) -> Source:
    """A till of one entity, delimited by semicolons."""
    return Source.model_validate(
        {
            "source": "till",
            "kind": "files",
            "description": "a till",
            "currency": "EUR",
            "connection": {"url": str(folder)},
            "entities": {
                "lines": {
                    "read": {"path": "{date}/{store}.csv", "delimiter": ";"} | (read or {}),
                    "key": ["_file", "_line"],
                    "columns": ["receipt", "item", "amount"],
                }
            },
            "controls": controls,
        }
    )


def deliver(folder: Path, name: str, text: str, encoding: str = "utf-8") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode(encoding))
    return path


def promise(path: Path, rows: int) -> None:
    manifest = {"file": path.name, "rows": rows, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
    Path(f"{path}.manifest.json").write_text(json.dumps(manifest))


def test_figures_know_only_the_files_up_to_the_night(tmp_path: Path) -> None:
    deliver(tmp_path, "2026-03-02/north.csv", HEADER + "1;tea;1.10\n1;cup;2.25\n")
    deliver(tmp_path, "2026-03-03/north.csv", HEADER + "2;tea;1.10\n")
    source = till(
        tmp_path,
        lines="select count(*) from files",
        revenue="select sum(cast(amount as decimal(12, 2))) from lines",
    )

    with open_books((source,)) as books:
        assert books.days() == [MONDAY, TUESDAY]
        assert books.figures("till", MONDAY) == {"lines": Decimal(2), "revenue": Decimal("3.35")}
        assert books.figures("till", TUESDAY) == {"lines": Decimal(3), "revenue": Decimal("4.45")}
        assert books.rows("till", "lines", MONDAY) == 2


def test_every_field_is_text_and_an_empty_one_is_null(tmp_path: Path) -> None:
    deliver(tmp_path, "2026-03-02/north.csv", HEADER + '007;"a ""b""; c\nd";\n008;;1\n')
    source = till(
        tmp_path,
        receipts="select count(*) from files where receipt in ('007', '008')",
        quoted="select count(*) from files where item = 'a \"b\"; c' || chr(10) || 'd'",
        empty="select count(*) from files where amount is null or item is null",
    )

    with open_books((source,)) as books:
        assert books.figures("till", MONDAY) == {"receipts": 2, "quoted": 1, "empty": 2}
        assert books.rows("till", "lines", MONDAY) == 2


def test_columns_may_come_and_go_from_day_to_day(tmp_path: Path) -> None:
    deliver(tmp_path, "2026-03-02/north.csv", HEADER + "1;tea;1.10\n")
    deliver(tmp_path, "2026-03-03/north.csv", "amount;receipt;clerk\n2.00;2;x\n")
    source = till(tmp_path, revenue="select sum(cast(amount as decimal(9, 2))) from files where receipt in ('1', '2')")

    with open_books((source,)) as books:
        assert books.figures("till", TUESDAY) == {"revenue": Decimal("3.10")}


def test_a_file_in_another_encoding_is_read_in_it(tmp_path: Path) -> None:
    deliver(tmp_path, "2026-03-02/north.csv", HEADER + "1;高山茶;1.10\n", "cp950")
    source = till(tmp_path, {"encoding": "cp950"}, tea="select count(*) from files where item = '高山茶'")

    with open_books((source,)) as books:
        assert books.figures("till", MONDAY) == {"tea": 1}


def test_a_file_without_its_manifest_is_not_delivered_yet(tmp_path: Path) -> None:
    promise(deliver(tmp_path, "2026-03-02/north.csv", HEADER + "1;tea;1.10\n"), 1)
    deliver(tmp_path, "2026-03-03/north.csv", HEADER + "2;tea;1.10\n")
    source = till(tmp_path, {"manifest": ".manifest.json"}, lines="select count(*) from files")

    with open_books((source,)) as books:
        assert books.days() == [MONDAY]
        assert books.figures("till", TUESDAY) == {"lines": 1}


def test_a_file_counts_with_the_rows_its_manifest_promises(tmp_path: Path) -> None:
    promise(deliver(tmp_path, "2026-03-02/north.csv", HEADER + "1;tea;1.10\n"), 9)
    source = till(tmp_path, {"manifest": ".manifest.json"})

    with open_books((source,)) as books:
        assert books.rows("till", "lines", MONDAY) == 9


def test_the_same_content_again_is_a_repeat_and_in_no_figure(tmp_path: Path) -> None:
    deliver(tmp_path, "2026-03-02/north.csv", HEADER + "1;tea;1.10\n")
    deliver(tmp_path, "2026-03-03/north.csv", HEADER + "1;tea;1.10\n")
    source = till(tmp_path, lines="select count(*) from files")

    with open_books((source,)) as books:
        assert books.rows("till", "lines", TUESDAY) == 2
        assert books.repeated("till", "lines", TUESDAY) == 1
        assert books.figures("till", TUESDAY) == {"lines": 1}


def test_empty_files_are_no_repeats_of_each_other(tmp_path: Path) -> None:
    deliver(tmp_path, "2026-03-02/north.csv", HEADER)
    deliver(tmp_path, "2026-03-03/north.csv", HEADER)

    with open_books((till(tmp_path),)) as books:
        assert [file.repeats for file in books.files["till", "lines"]] == [None, None]


def test_a_part_that_is_named_twice_has_the_same_value_twice(tmp_path: Path) -> None:
    deliver(tmp_path, "2026-03-02/north_2026-03-02.csv", HEADER)
    deliver(tmp_path, "2026-03-02/north_2026-03-03.csv", HEADER)

    with open_books((till(tmp_path, {"path": "{date}/{store}_{date}.csv"}),)) as books:
        assert [file.name for file in books.files["till", "lines"]] == ["2026-03-02/north_2026-03-02.csv"]


def test_no_file_at_all_names_the_form_that_was_looked_for(tmp_path: Path) -> None:
    deliver(tmp_path, "02-03-2026/north.csv", HEADER)

    with pytest.raises(AcceptanceError, match=r"holds no file of the form \{date\}/\{store\}\.csv"):
        open_books((till(tmp_path),)).__enter__()


def test_a_folder_elsewhere_cannot_be_compared_with(tmp_path: Path) -> None:
    source = till(tmp_path).model_copy(
        update={"connection": till(tmp_path).connection.model_copy(update={"url": "s3://b"})}
    )

    with pytest.raises(AcceptanceError, match="reads from s3://"):
        open_books((source,)).__enter__()


def test_a_control_that_cannot_be_computed_names_what_there_is(tmp_path: Path) -> None:
    deliver(tmp_path, "2026-03-02/north.csv", HEADER + "1;tea;1.10\n")

    with (
        open_books((till(tmp_path, lines="select sum(price) from files"),)) as books,
        pytest.raises(AcceptanceError, match=r"'lines' of till\.yml .* views files, lines: .*price"),
    ):
        books.figures("till", MONDAY)


def test_the_message_of_a_failed_control_quotes_no_value(tmp_path: Path) -> None:
    deliver(tmp_path, "2026-03-02/north.csv", HEADER + "1;tea;ann@example.com\n")

    with (
        open_books((till(tmp_path, revenue="select sum(cast(amount as decimal(9, 2))) from files"),)) as books,
        pytest.raises(AcceptanceError) as caught,
    ):
        books.figures("till", MONDAY)
    assert "example" not in str(caught.value)


@pytest.mark.parametrize(
    ("query", "figure"),
    [
        ("select sum(cast(amount as decimal(9, 2))) from files where false", Decimal(0)),
        ("select sum(cast(amount as double)) from files", 1.1),
        ("select max(cast(amount as decimal(9, 3))) from files", Decimal("1.100")),
    ],
    ids=["nothing is nought", "inexact stays inexact", "exact stays exact"],
)
def test_a_figure_is_a_number_of_its_own_kind(tmp_path: Path, query: str, figure: Decimal | float) -> None:
    deliver(tmp_path, "2026-03-02/north.csv", HEADER + "1;tea;1.10\n")

    with open_books((till(tmp_path, revenue=query),)) as books:
        value = books.figures("till", MONDAY)["revenue"]
    assert value == figure
    assert type(value) is type(figure)


def test_a_control_that_gives_text_is_refused(tmp_path: Path) -> None:
    deliver(tmp_path, "2026-03-02/north.csv", HEADER + "1;tea;1.10\n")

    with (
        open_books((till(tmp_path, lines="select item from files"),)) as books,
        pytest.raises(AcceptanceError, match="gives no number"),
    ):
        books.figures("till", MONDAY)
