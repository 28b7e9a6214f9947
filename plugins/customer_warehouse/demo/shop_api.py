"""The shop platform's API, page by page, in the shape of Shopify's Admin REST API.

    GET /admin/api/<version>/customers.json|products.json|orders.json|
        transactions.json|point_movements.json|coupons.json|checkouts.json|reviews.json|
        marketing_events.json|marketing_engagements.json|marketing_messages.json|events.json
        ?limit=250&updated_at_min=…&updated_at_max=…&fields=id,email&status=any

A window is half-open on `updated_at`: [min, max). Pages come in the order of (updated_at, id); the header `Link` leads
to the next one by `page_info`, beside which only `limit` and `fields` may stand. Orders that are cancelled are only
shown with `status=any`. Transactions and engagements are listed over all orders and events, not one by one. Too many
requests are answered with 429 and `Retry-After`. The database is looked up anew for each request, so another world can
be put in its place while the server runs.
"""

from __future__ import annotations

import base64
import json
import re
import sqlite3
import threading
import time
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self
from urllib.parse import parse_qsl, urlencode, urlsplit

import orjson

from customer_warehouse.demo.faults import Fault, Faults
from customer_warehouse.demo.shop import SHOP_TABLES

VERSION = "2026-10"
PATH = re.compile(rf"/admin/api/\d{{4}}-\d{{2}}/({'|'.join(SHOP_TABLES)})\.json")
MOST = 250
USUAL = 50


class RequestError(Exception):
    """A request that gets no data: the HTTP status and what to say."""

    def __init__(self, status: int, message: str, **headers: str) -> None:
        super().__init__(message)
        self.status = status
        self.headers = headers


class Window(NamedTuple):
    """Which rows are asked for: [start, end) of `updated_at`, after the row (`updated_at`, `id`), or all."""

    start: int | None
    end: int | None
    every: bool
    after: tuple[int, int] | None = None

    def cursor(self, after: tuple[int, int]) -> str:
        text = json.dumps([self.start, self.end, self.every, *after])
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    @classmethod
    def of_cursor(cls, cursor: str) -> Self:
        try:
            start, end, every, updated, number = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
            return cls(start, end, bool(every), (int(updated), int(number)))
        except (ValueError, TypeError) as error:
            raise RequestError(400, "page_info is not one of ours") from error


class Bucket:
    """A leaky bucket: `size` requests at once, `leak` a second in the long run."""

    def __init__(self, size: float, leak: float) -> None:
        self.size, self.leak = size, leak
        self._level, self._at = 0.0, time.monotonic()
        self._lock = threading.Lock()

    def pour(self) -> float:
        """Take one request in; the seconds to wait when there is no room for it, else 0."""
        with self._lock:
            now = time.monotonic()
            self._level = max(0.0, self._level - (now - self._at) * self.leak)
            self._at = now
            if self._level + 1 > self.size:
                return (self._level + 1 - self.size) / self.leak
            self._level += 1
            return 0.0


class ShopServer:
    """The API on 127.0.0.1 in threads of this process: `with ShopServer(database, token) as shop: … shop.url`.

    `database` is a world's `shop.sqlite`; it may lead through a link that is moved. `faults` may be changed any time.
    """

    def __init__(
        self,
        database: Path,
        token: str,
        port: int = 0,
        faults: Faults | None = None,
        bucket_size: float = 400,
        leak_per_second: float = 200,
    ) -> None:
        self.database = database
        self.token = token
        self.faults = faults or Faults()
        self.bucket = Bucket(bucket_size, leak_per_second)
        self._server = _Server(("127.0.0.1", port), _Handler)
        self._server.shop = self
        self._thread: threading.Thread | None = None

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        """The base address of the API, with a slash at its end."""
        return f"http://127.0.0.1:{self.port}/admin/api/{VERSION}/"

    def serve(self) -> None:
        """Serve until `stop` is called from elsewhere."""
        self._server.serve_forever(poll_interval=0.1)

    def start(self) -> Self:
        self._thread = threading.Thread(target=self.serve, name="demo-shop", daemon=True)
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop serving and let the port go."""
        if self._thread is not None:
            self._server.shutdown()
            self._thread.join()
            self._thread = None
        self._server.server_close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64
    shop: ShopServer


class _Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True
    """With the buffer above: head and body of an answer do not wait for each other's acknowledgement."""
    server: _Server
    _opened: tuple[Path, sqlite3.Connection] | None = None

    def do_GET(self) -> None:
        split = urlsplit(self.path)
        fault = self.server.shop.faults.strike(split.path)
        if fault is not None and fault.kind == "reset":
            self.close_connection = True
            return
        try:
            if fault is not None:
                self._suffer(fault)
            body, headers = self._answer(split.path, split.query)
        except RequestError as error:
            self._send(error.status, orjson.dumps({"errors": str(error)}), error.headers)
            return
        if fault is not None and fault.kind == "malformed":
            body = body[: len(body) // 2]
        self._send(200, body, headers)

    def _suffer(self, fault: Fault) -> None:
        if fault.kind == "slow":
            time.sleep(fault.seconds)
        if fault.kind == "status":
            headers = {} if fault.retry_after is None else {"Retry-After": f"{fault.retry_after:g}"}
            raise RequestError(fault.status, "This fault was asked for", **headers)

    def _answer(self, path: str, query: str) -> tuple[bytes, dict[str, str]]:
        shop = self.server.shop
        if self.headers.get("Authorization") != f"Bearer {shop.token}":
            raise RequestError(401, "[API] Invalid API key or access token")
        wait = shop.bucket.pour()
        if wait:
            raise RequestError(429, "Exceeded the call limit for this shop", **{"Retry-After": f"{max(wait, 0.1):.1f}"})
        found = PATH.fullmatch(path)
        if found is None:
            raise RequestError(404, "Not Found")
        table = found.group(1)
        parameters = dict(parse_qsl(query))
        limit, fields = _limit(parameters), parameters.get("fields", "")
        window = _window(table, parameters)
        rows = self._rows(table, window, limit + 1, with_body=fields != "id")
        headers = {}
        if len(rows) > limit:
            rows = rows[:limit]
            again = {"limit": str(limit), "page_info": window.cursor(rows[-1][:2])}
            if fields:
                again["fields"] = fields
            headers["Link"] = f'<http://{self.headers.get("Host")}{path}?{urlencode(again)}>; rel="next"'
        return b'{"' + table.encode() + b'":[' + b",".join(_shown(row, fields) for row in rows) + b"]}", headers

    def _rows(self, table: str, window: Window, limit: int, *, with_body: bool) -> list[tuple[int, int, bytes]]:
        conditions: list[str] = []
        values: list[int] = []
        if window.after is not None:
            conditions.append("(updated_at, id) > (?, ?)")
            values += window.after
        elif window.start is not None:
            conditions.append("updated_at >= ?")
            values.append(window.start)
        if window.end is not None:
            conditions.append("updated_at < ?")
            values.append(window.end)
        if not window.every:
            conditions.append("open")
        where = f"where {' and '.join(conditions)}" if conditions else ""
        body = "body" if with_body else "x''"
        text = f"select updated_at, id, {body} from {table} {where} order by updated_at, id limit ?"
        return self._database().execute(text, (*values, limit)).fetchall()

    def _database(self) -> sqlite3.Connection:
        path = self.server.shop.database.resolve()
        if self._opened is None or self._opened[0] != path:
            self._close()
            try:
                self._opened = path, sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)
            except sqlite3.OperationalError as error:
                raise RequestError(503, "No world is prepared") from error
        return self._opened[1]

    def _close(self) -> None:
        if self._opened is not None:
            self._opened[1].close()
            self._opened = None

    def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def finish(self) -> None:
        self._close()
        super().finish()

    def log_message(self, format: str, *arguments: Any) -> None:
        """Nothing: addresses hold what people ask for."""


def _limit(parameters: dict[str, str]) -> int:
    text = parameters.get("limit", str(USUAL))
    if not text.isdecimal() or not 1 <= int(text) <= MOST:
        raise RequestError(400, f"limit is a number from 1 to {MOST}")
    return int(text)


def _window(table: str, parameters: dict[str, str]) -> Window:
    if "page_info" in parameters:
        if set(parameters) - {"page_info", "limit", "fields"}:
            raise RequestError(400, "page_info cannot be combined with anything but limit and fields")
        return Window.of_cursor(parameters["page_info"])
    every = table != "orders" or parameters.get("status") == "any"
    return Window(_seconds(parameters, "updated_at_min"), _seconds(parameters, "updated_at_max"), every)


def _seconds(parameters: dict[str, str], name: str) -> int | None:
    """The moment as whole seconds, rounded up: rows have whole seconds, so the window stays the same."""
    if name not in parameters:
        return None
    try:
        moment = datetime.fromisoformat(parameters[name].replace(" ", "+"))
    except ValueError as error:
        raise RequestError(400, f"{name} is not an ISO 8601 time") from error
    if moment.tzinfo is None:
        raise RequestError(400, f"{name} has no time zone")
    return -int(-moment.timestamp() // 1)


def _shown(row: tuple[int, int, bytes], fields: str) -> bytes:
    if not fields:
        return row[2]
    if fields == "id":
        return b'{"id":%d}' % row[1]
    wanted = set(fields.split(","))
    return orjson.dumps({name: value for name, value in orjson.loads(row[2]).items() if name in wanted})
