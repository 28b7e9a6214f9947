"""Commands of identity as a steward gives them, on a warehouse of a test's own."""

from __future__ import annotations

from click.testing import Result
from typer.testing import CliRunner

from customer_warehouse.database import connect, statement
from customer_warehouse.identity import commands
from customer_warehouse.ops.ledger import StageError
from customer_warehouse.settings import Settings

LIN = ["--by", "Lin", "--why", "seen both"]
OF = "shop_platform:"


def told(url: str, *words: str) -> str:
    """What a command prints; it must end well."""
    result = asked(url, *words)
    assert result.exit_code == 0, result.output + repr(result.exception)
    return result.output


def asked(url: str, *words: str) -> Result:
    return CliRunner().invoke(commands.app, words, obj=lambda: Settings(url=url))


def refused(url: str, *words: str) -> str:
    """The sentence with which a command ends."""
    result = asked(url, *words)
    assert result.exit_code == 1
    assert isinstance(result.exception, StageError), result.output + repr(result.exception)
    return str(result.exception)


def decide(url: str, a: str, b: str, decision: str, *more: str) -> str:
    """Decide about two records of the shop, before all nights of these tests."""
    said = told(url, "decide", OF + a, OF + b, f"--{decision}", *LIN, *more)
    execute(url, "update identity.overrides set decided_at = '2026-11-01' where decided_at > '2026-11-20'")
    return said


def execute(url: str, command: str) -> None:
    with connect(url) as connection:
        connection.execute(statement(command))
