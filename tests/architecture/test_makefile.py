"""The make targets are one line each to one program, and `make help` lists them."""

from __future__ import annotations

import re
import subprocess

import pytest
from typer.main import get_command

from customer_warehouse import cli
from customer_warehouse.settings import PROJECT

TEXT = (PROJECT / "Makefile").read_text(encoding="utf-8")
TARGETS = re.findall(r"^([a-z-]+):(?!=)", TEXT, re.MULTILINE)


def test_every_target_is_phony_and_explained() -> None:
    phony = re.search(r"^\.PHONY: (.+)$", TEXT, re.MULTILINE)

    assert phony
    assert sorted(phony[1].split()) == sorted(TARGETS)
    assert re.findall(r"^([a-z-]+):.*## \S", TEXT, re.MULTILINE) == TARGETS


def test_help_lists_every_target() -> None:
    listed = subprocess.run(["make", "help"], cwd=PROJECT, capture_output=True, text=True, check=True).stdout

    assert re.findall(r"^  make ([a-z-]+)", listed, re.MULTILINE) == TARGETS


@pytest.mark.parametrize("command", re.findall(r"\$\(CLI\) (\w+)", TEXT))
def test_a_target_calls_a_command_that_there_is(command: str) -> None:
    cli.mount()

    assert command in get_command(cli.app).commands  # type: ignore[attr-defined]


def test_the_makefile_names_no_registry() -> None:
    assert "://" not in TEXT
