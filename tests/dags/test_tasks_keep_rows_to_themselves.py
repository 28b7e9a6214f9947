"""What a task may raise: an error for Airflow's logs says what kind it is and where, and quotes no row."""

from __future__ import annotations

import logging
import traceback

import psycopg
import pytest
from airflow.sdk.exceptions import AirflowFailException

from customer_warehouse.ops.ledger import StageError
from customer_warehouse.orchestration.tasks import TaskError, told_without_rows

SECRET = "0912345678"


def test_a_stage_that_stops_the_night_is_not_tried_again() -> None:
    with pytest.raises(AirflowFailException, match="mend it") as caught, told_without_rows():
        raise StageError("the table is gone; mend it")

    assert caught.value.__cause__ is None


def test_a_stage_error_of_a_source_may_be_tried_again() -> None:
    with pytest.raises(StageError, match="bring it back"), told_without_rows(worth_another_try=True):
        raise StageError("the source is down; bring it back")


@pytest.mark.parametrize("worth_another_try", [True, False])
def test_the_error_behind_a_stage_error_is_left_out(worth_another_try: bool) -> None:
    with (
        pytest.raises((StageError, AirflowFailException)) as caught,
        told_without_rows(worth_another_try=worth_another_try),
    ):
        try:
            int(f"{SECRET}x")
        except ValueError as error:
            raise StageError("a row cannot be read; see ops.isolated") from error

    assert SECRET not in "".join(traceback.format_exception(caught.value))


def test_an_unexpected_error_is_named_by_its_type_and_may_be_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    with (
        caplog.at_level(logging.ERROR),
        pytest.raises(TaskError, match=r"builtins\.ValueError") as caught,
        told_without_rows(),
    ):
        int(f"{SECRET}x")

    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
    assert SECRET not in f"{caught.value}{caplog.text}"
    assert "test_tasks_keep_rows_to_themselves.py" in caplog.text


def test_a_drivers_error_is_told_with_its_sqlstate_and_without_its_detail(
    warehouse_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    with (
        psycopg.connect(warehouse_url) as connection,
        pytest.raises(TaskError, match="SQLSTATE 22P02") as caught,
        told_without_rows(),
    ):
        connection.execute("select cast(%s as int)", (SECRET + "x",))

    assert SECRET not in f"{caught.value}{caplog.text}"


def test_what_goes_well_raises_nothing() -> None:
    with told_without_rows():
        pass
