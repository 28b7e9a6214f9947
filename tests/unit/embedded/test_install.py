"""The installer: it finds a Python that fits, says so when there is none, and does not do the same work twice."""

from __future__ import annotations

import ast
import json
import shutil
import sys
from pathlib import Path

import pytest

from customer_warehouse.embedded import install

SCRIPT = Path(install.__file__)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of its own with two locks and something that looks like a virtual environment."""
    monkeypatch.setattr(install, "PROJECT", tmp_path)
    monkeypatch.setattr(install, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(install, "STAMP", tmp_path / ".venv" / "installed.json")
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "python").symlink_to(sys.executable)
    (tmp_path / "requirements.txt").write_text("one==1\n")
    (tmp_path / "requirements-dev.txt").write_text("one==1\ntwo==2\n")
    return tmp_path


@pytest.mark.parametrize(
    ("version", "fits"),
    [((3, 10), False), ((3, 11), True), ((3, 12), True), ((3, 13), True), ((3, 14), False), ((2, 7), False)],
)
def test_only_pythons_that_the_lock_was_made_for_fit(version: tuple[int, int], fits: bool) -> None:
    assert install.fits(version) is fits


def test_a_python_that_does_not_run_does_not_fit() -> None:
    assert not install.fits(install.version_of("/nowhere/python3"))


def test_a_lock_is_installed_once_until_it_changes(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    monkeypatch.setattr(install, "install", lambda lock: calls.append(lock.name) or "uv")

    install.main("requirements.txt")
    install.main("requirements.txt")
    (project / "requirements.txt").write_text("one==2\n")
    install.main("requirements.txt")

    assert calls == ["requirements.txt", "requirements.txt"]


def test_the_larger_lock_holds_the_smaller_one_but_not_the_reverse(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    monkeypatch.setattr(install, "install", lambda lock: calls.append(lock.name) or "uv")

    install.main("requirements.txt")
    install.main("requirements-dev.txt")
    install.main("requirements.txt")

    assert calls == ["requirements.txt", "requirements-dev.txt"]
    assert set(json.loads((project / ".venv" / "installed.json").read_text())) == {
        "requirements.txt",
        "requirements-dev.txt",
    }


def test_a_failed_installation_leaves_no_stamp(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(install, "uv_program", lambda: None)
    monkeypatch.setattr(install, "pip", lambda *_: 1)

    with pytest.raises(install.InstallError, match="index"):
        install.main("requirements.txt")

    assert not (project / ".venv" / "installed.json").exists()


def test_pip_takes_over_when_uv_fails(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pip_calls: list[tuple[str, ...]] = []
    monkeypatch.setattr(install, "uv_program", lambda: shutil.which("false"))
    monkeypatch.setattr(install, "pip", lambda *arguments: pip_calls.append(arguments) or 0)

    assert install.install(project / "requirements.txt") == "pip"
    assert "--require-hashes" in pip_calls[0]


def test_uv_gets_the_index_that_pip_is_configured_for(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:1/simple")
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", "http://127.0.0.1:2/simple http://127.0.0.1:3/simple")
    monkeypatch.delenv("UV_DEFAULT_INDEX", raising=False)
    monkeypatch.delenv("UV_INDEX", raising=False)
    (project / ".venv" / "bin" / "python").unlink()
    (project / ".venv" / "bin" / "python").write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    (project / ".venv" / "bin" / "python").chmod(0o755)

    environment = install.uv_environment()

    assert environment["UV_DEFAULT_INDEX"] == "http://127.0.0.1:1/simple"
    assert environment["UV_INDEX"] == "http://127.0.0.1:2/simple http://127.0.0.1:3/simple"


def test_an_index_named_for_uv_itself_is_kept(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:1/simple")
    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://127.0.0.1:9/simple")

    assert install.uv_environment()["UV_DEFAULT_INDEX"] == "http://127.0.0.1:9/simple"
    assert project


def test_an_old_python_can_read_the_installer_far_enough_to_be_told() -> None:
    source = SCRIPT.read_text(encoding="utf-8")

    ast.parse(source, feature_version=(3, 6))
    assert "__future__" not in source


def test_no_python_that_fits_is_told_in_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(install, "fits", lambda _: False)

    with pytest.raises(install.InstallError, match=r"Python 3\.11, 3\.12 or 3\.13 is needed"):
        install.suitable_python()


def test_the_newest_python_on_path_that_fits_is_taken(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "python3.12").symlink_to(sys.executable)
    monkeypatch.setenv("PATH", str(tmp_path))
    answers = iter([False, True])
    monkeypatch.setattr(install, "fits", lambda _: next(answers))

    assert install.suitable_python() == str(tmp_path / "python3.12")
