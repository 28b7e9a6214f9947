"""Reads REST APIs that page by `Link` header, through dlt's `rest_api` source."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
from dlt.sources.helpers.requests import Client
from dlt.sources.rest_api import rest_api_resources
from requests import RequestException, Response
from requests.exceptions import InvalidJSONError

from customer_warehouse.extract.declaration import Entity, RestApiRead, Source
from customer_warehouse.extract.readers import Header, Page, SourceError, Window

ROWS_A_PAGE = 5_000


class RestApiReader:
    """Reads one API. A request is tried again on 429 (obeying Retry-After), 5xx, a lost connection and bad JSON."""

    def __init__(self, source: Source) -> None:
        self.source = source

    def pages(self, entity: str, window: Window) -> Iterator[Page]:
        declared = self.source.entities[entity]
        read = self._read(entity)
        parameters = {
            name: filled for name, value in read.parameters.items() if (filled := _fill(value, window)) is not None
        }
        if declared.full_read:
            parameters = {name: value for name, value in parameters.items() if "{" not in str(read.parameters[name])}
        records = self._records(read, parameters)
        for number in itertools.count(1):
            batch = list(itertools.islice(records, ROWS_A_PAGE))
            if not batch:
                return
            yield page_of(batch, declared, f"page {number}")

    def keys(self, entity: str) -> Iterator[pa.Table]:
        declared = self.source.entities[entity]
        read = self._read(entity)
        fixed = {name: value for name, value in read.parameters.items() if "{" not in str(value)}
        records = self._records(read, fixed | {"fields": ",".join(declared.key)})
        while batch := list(itertools.islice(records, ROWS_A_PAGE)):
            yield pa.table({key: pa.array([_text(row.get(key)) for row in batch], pa.string()) for key in declared.key})

    def _read(self, entity: str) -> RestApiRead:
        read = self.source.read_of(entity)
        assert isinstance(read, RestApiRead)
        return read

    def _records(self, read: RestApiRead, parameters: dict[str, str | int]) -> Iterator[dict[str, Any]]:
        connection = self.source.connection
        answers = _Answers(read.records, connection.attempts)
        client = Client(
            raise_for_status=False,
            request_timeout=(10, 120),
            request_max_attempts=connection.attempts,
            request_backoff_factor=connection.retry_seconds,
            request_max_retry_delay=60,
            retry_condition=answers.is_bad,
        )
        config: Any = {
            "client": {
                "base_url": connection.url,
                "session": client.session,
                "paginator": "header_link",
                **({"auth": {"type": "bearer", "token": connection.token}} if connection.token else {}),
            },
            "resources": [
                {
                    "name": read.records,
                    "endpoint": {"path": read.path, "params": parameters, "data_selector": read.records},
                }
            ],
        }
        try:
            for record in rest_api_resources(config)[0]:
                answers.require_good(read.path)
                if not isinstance(record, dict):
                    raise SourceError(f"{read.path}: the list {read.records!r} holds something else than records.")
                yield record
            answers.require_good(read.path)
        except SourceError:
            raise
        except Exception as error:
            raise SourceError(f"{read.path}: {_cause(error)}.") from None


def _fill(value: str | int, window: Window) -> str | int | None:
    """A parameter with the window filled in; None when it asks for a start and there is none."""
    if isinstance(value, int):
        return value
    if "{window_start}" in value and window.start is None:
        return None
    start = window.start.isoformat() if window.start else ""
    return value.replace("{window_start}", start).replace("{window_end}", window.end.isoformat())


class _Answers:
    """Watches the answers: one that is no JSON or lacks its list is asked for again, and never taken for an empty page.

    dlt itself takes a missing list for a page without records.
    """

    def __init__(self, records: str, attempts: int) -> None:
        self.records = records
        self.attempts = attempts
        self._bad_in_a_row = 0

    def is_bad(self, response: Response | None, _error: BaseException | None) -> bool:
        """Whether to ask again; called for every answer."""
        if response is None or not response.ok:
            return False
        try:
            body = response.json()
        except ValueError:
            body = None
        good = isinstance(body, dict) and isinstance(body.get(self.records), list)
        if self._bad_in_a_row < self.attempts:
            self._bad_in_a_row = 0 if good else self._bad_in_a_row + 1
        return not good

    def require_good(self, path: str) -> None:
        """Raise SourceError when an answer stayed bad to the last attempt."""
        if self._bad_in_a_row >= self.attempts:
            raise SourceError(f"{path}: the answer is not JSON with a list {self.records!r}.")


def _cause(error: BaseException) -> str:
    """The innermost reason in words without any value of a response."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, InvalidJSONError | json.JSONDecodeError):
            return "the answer is not JSON"
        if isinstance(seen, RequestException):
            if seen.response is not None:
                return f"the answer was HTTP {seen.response.status_code}"
            return f"the connection failed ({type(seen).__name__})"
        seen = seen.__cause__ or seen.__context__
    return f"reading failed ({type(error).__name__})"


def page_of(records: list[dict[str, Any]], declared: Entity, place: str) -> Page:
    """The records as a page of text; a member that no record has counts as a column that did not come."""
    names = frozenset[str]().union(*records)
    header = Header(frozenset(declared.columns) - names, names.difference(declared.columns))
    return Page(_as_text(records, declared), place, header=header)


def _as_text(records: list[dict[str, Any]], declared: Entity) -> pa.Table:
    """The records as text columns: the declared ones, and `_extra` with whatever else they hold, as JSON."""
    known = set(declared.columns)
    columns = {name: pa.array([_text(row.get(name)) for row in records], pa.string()) for name in declared.columns}
    extra = [{name: row[name] for name in row if name not in known and row[name] is not None} for row in records]
    columns["_extra"] = pa.array([_text(row) if row else None for row in extra], pa.string())
    return pa.table(columns)


def _text(value: Any) -> str | None:
    """One value as text: text as it is, true/false and numbers as JSON writes them, nested values as sorted JSON."""
    value = _storable(value)
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _storable(value: Any) -> Any:
    """The value without what no database stores: NUL characters and halves of characters."""
    if isinstance(value, str):
        return value.replace("\0", "").encode("utf-8", "ignore").decode("utf-8")
    if isinstance(value, dict):
        return {key: _storable(item) for key, item in value.items()}
    return [_storable(item) for item in value] if isinstance(value, list) else value
