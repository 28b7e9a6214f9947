"""The same till files from an SFTP server and an S3 bucket: only the declaration's url and credentials differ."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import boto3
import paramiko
import pytest
import yaml
from moto.server import ThreadedMotoServer

from customer_warehouse.settings import Settings
from integration.sources import deliver, extracted, night, only, tickets, values

GOOD = tickets(("T1", "2026-11-20 10:00:00", "100"), ("T2", "2026-11-20 11:00:00", "200"))


@pytest.fixture
def drop(tmp_path: Path) -> Path:
    """A drop folder with a good file and one whose checksum is wrong."""
    root = tmp_path / "drop"
    deliver(root, "2026-11-20/TPE01/tickets.csv", GOOD)
    deliver(root, "2026-11-20/TXG01/tickets.csv", GOOD.replace(b"T1", b"T3"), sha256="0" * 64)
    return root


def settings_with(warehouse_url: str, folder: Path, url: str, credentials: dict[str, str]) -> Settings:
    sources = only(folder / "sources", "point_of_sale", "tickets")
    file = sources / "point_of_sale.yml"
    declared = yaml.safe_load(file.read_text(encoding="utf-8"))
    declared["connection"] = {"url": url, "credentials": credentials}
    file.write_text(yaml.safe_dump(declared), encoding="utf-8")
    return Settings(url=warehouse_url, sources_dir=sources)


def assert_read(settings: Settings) -> None:
    step = extracted(settings, night(20), "point_of_sale")

    assert (step["landed"], step["isolated"]) == (2, 2)
    assert values(settings, "select ticket_id from raw.point_of_sale__tickets order by 1") == ["T1", "T2"]
    assert values(settings, "select reason from ops.isolated") == ["checksum_differs"]


@pytest.fixture
def bucket(drop: Path) -> Iterator[str]:
    """The endpoint of an S3 server whose bucket `tills` holds the drop folder."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    endpoint = "http://{}:{}".format(*server.get_host_and_port())
    store = boto3.client(
        "s3", endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id="key", aws_secret_access_key="secret"
    )
    store.create_bucket(Bucket="tills")
    for file in drop.rglob("*.*"):
        store.upload_file(str(file), "tills", f"drop/{file.relative_to(drop)}")
    yield endpoint
    server.stop()


def test_files_in_an_s3_bucket(warehouse_url: str, bucket: str, tmp_path: Path) -> None:
    credentials = {
        "aws_access_key_id": "key",
        "aws_secret_access_key": "secret",
        "endpoint_url": bucket,
        "region_name": "us-east-1",
    }

    assert_read(settings_with(warehouse_url, tmp_path, "s3://tills/drop", credentials))


class Gate(paramiko.ServerInterface):
    """Lets the user `till` with the password `secret` in, and nobody else."""

    def check_auth_password(self, username: str, password: str) -> int:
        known = (username, password) == ("till", "secret")
        return paramiko.common.AUTH_SUCCESSFUL if known else paramiko.common.AUTH_FAILED

    def check_channel_request(self, _kind: str, _chanid: int) -> int:
        return paramiko.common.OPEN_SUCCEEDED


class Folder(paramiko.SFTPServerInterface):
    """Serves one folder, to read."""

    root: Path

    def _real(self, path: str) -> Path:
        return self.root / self.canonicalize(path).lstrip("/")

    def list_folder(self, path: str) -> list[paramiko.SFTPAttributes] | int:
        try:
            return [
                paramiko.SFTPAttributes.from_stat(entry.stat(), entry.name) for entry in os.scandir(self._real(path))
            ]
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno or 0)

    def stat(self, path: str) -> paramiko.SFTPAttributes | int:
        try:
            return paramiko.SFTPAttributes.from_stat(self._real(path).stat())
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno or 0)

    lstat = stat

    def open(self, path: str, flags: int, _attr: paramiko.SFTPAttributes) -> paramiko.SFTPHandle | int:
        handle = paramiko.SFTPHandle(flags)
        try:
            handle.readfile = self._real(path).open("rb")  # type: ignore[attr-defined]  # paramiko reads it from there
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno or 0)
        return handle


@pytest.fixture
def sftp_port(drop: Path) -> Iterator[int]:
    """The port of an SFTP server that serves the drop folder."""
    served = type("ServedFolder", (Folder,), {"root": drop})
    key = paramiko.RSAKey.generate(2048)
    listener = socket.create_server(("127.0.0.1", 0))
    transports: list[paramiko.Transport] = []

    def accept() -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            transport = paramiko.Transport(client)
            transport.add_server_key(key)
            transport.set_subsystem_handler("sftp", paramiko.SFTPServer, served)
            transport.start_server(server=Gate())
            transports.append(transport)

    threading.Thread(target=accept, daemon=True).start()
    yield listener.getsockname()[1]
    listener.close()
    for transport in transports:
        transport.close()


def test_files_on_an_sftp_server(warehouse_url: str, sftp_port: int, tmp_path: Path) -> None:
    credentials = {"sftp_username": "till", "sftp_password": "secret", "sftp_port": str(sftp_port)}

    assert_read(settings_with(warehouse_url, tmp_path, "sftp://127.0.0.1/", credentials))
