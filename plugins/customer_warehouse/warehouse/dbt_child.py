"""One dbt process that does not parse the project again when any process before it has.

dbt parses all files whenever a variable is another, and the night is a variable: most of a small night's time. What it
makes of the files does not depend on them, so the parsed project is kept in the user's cache by the files' contents.

dbt starts what is nearest to the sources first. Here the node with the longest way after it starts first, by the
seconds that each took the last time: else the longest chain of models begins late and ends alone, on one core.

It says on its standard output, in lines of JSON, what `dbt_runner` tells the people who watch: each node that ended and
each error. dbt's own log writes every statement as JSON before it looks whether anybody asked for it, and its own
report comes with the whole project and graph: a fifth of a small night. So both are switched off.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any

from dbt.artifacts.schemas.run import RunExecutionResult
from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest
from dbt.graph.queue import GraphQueue
from dbt_common.events.base_types import EventMsg

OF_EVERY_COMMAND = (
    *("project-dir", "profiles-dir", "target-path", "log-path", "log-level-file", "log-format", "log-level", "vars"),
)
MADE_BY_DBT = ("target", "logs", ".")
KEPT_DAYS = 14
FINISHED = {"LogModelResult", "LogSeedResult", "LogTestResult", "LogSnapshotResult", "LogNodeResult"}
REPORT, LAST_REPORT = "run_results.json", "last_run_results.json"
OF_A_RESULT = ("status", "execution_time", "failures", "message", "adapter_response")


def main(arguments: Sequence[str]) -> int:
    """Run dbt with its own `arguments`; returns its exit code: 1 when a node failed, 2 when dbt could not go on.

    A build leaves a report of the nodes that ran in the target path, with what dbt's own has of each.
    """
    parser = argparse.ArgumentParser(allow_abbrev=False)
    for name in OF_EVERY_COMMAND:
        parser.add_argument(f"--{name}")
    given, _ = parser.parse_known_args(arguments)
    if arguments[0] == "build":
        _longest_way_first(_seconds_taken(Path(given.target_path) / LAST_REPORT))
    result = dbtRunner(manifest=_parsed(given), callbacks=[_tell]).invoke(list(arguments))
    if arguments[0] == "build" and isinstance(result.result, RunExecutionResult):
        _report(result.result, Path(given.target_path))
    if result.success:
        return 0
    if result.exception:
        _say({"error": str(result.exception)})
        return 2
    return 1


def _longest_way_first(seconds: dict[str, float]) -> None:
    """Let dbt start, of the nodes that are ready, the one with the most `seconds` of nodes after it."""

    def scores(_queue: GraphQueue, graph: Any) -> dict[str, float]:
        found: dict[str, float] = {}

        def way(node: str) -> float:
            if node not in found:
                found[node] = min(map(way, graph.successors(node)), default=0.0) - seconds.get(node, 1)
            return found[node]

        for node in graph:
            way(node)
        return found

    untyped: Any = GraphQueue
    untyped._get_scores = scores


def _seconds_taken(report: Path) -> dict[str, float]:
    """By a build's report, how long each node took that ran; nothing where there is none."""
    try:
        rows = json.loads(report.read_text(encoding="utf-8"))["results"]
        return {row["unique_id"]: row["execution_time"] for row in rows if row["execution_time"]}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _tell(event: EventMsg) -> None:
    """Say what an event of dbt says of an error, or of a node that ended."""
    # dbt's types name too few of the fields that its messages have.
    about: Any = event.info
    ended: Any = event.data
    if about.level == "error":
        _say({"error": about.msg})
    if about.name in FINISHED:
        node = ended.node_info
        test = node.resource_type == "test"
        _say({"node": node.node_name, "is_test": test, "status": ended.status, "seconds": ended.execution_time})


def _say(what: dict[str, Any]) -> None:
    print(json.dumps(what), flush=True)


def _report(result: RunExecutionResult, target: Path) -> None:
    rows = [
        {"unique_id": found.node.unique_id, **{name: getattr(found, name) for name in OF_A_RESULT}}
        for found in result.results
    ]
    (target / REPORT).write_text(json.dumps({"results": rows}), encoding="utf-8")


def _parsed(given: argparse.Namespace) -> Manifest | None:
    """The parsed project; None when it does not parse, which the command itself then says."""
    kept = _kept(Path(given.project_dir))
    if kept:
        with suppress(OSError, ValueError):
            return _in_database(Manifest.from_msgpack(kept.read_bytes()), os.environ["WAREHOUSE_DBT_DBNAME"])
    values = {f"--{name}": getattr(given, name.replace("-", "_")) for name in OF_EVERY_COMMAND}
    options = [part for option, value in values.items() if value is not None for part in (option, value)]
    manifest = dbtRunner().invoke(["parse", "--no-partial-parse", *options]).result
    if not isinstance(manifest, Manifest):
        return None
    if kept:
        with suppress(OSError):
            _keep(kept, manifest.to_msgpack())
    return manifest


def _kept(project: Path) -> Path | None:
    """Where the parsed project is, or will be; None for a user who has no home."""
    try:
        return _cache() / f"{_contents(project)}.msgpack"
    except RuntimeError:
        return None


def _in_database(manifest: Manifest, database: str) -> Manifest:
    """The project as it is parsed for another database, which is written to every relation."""
    for relation in (*manifest.nodes.values(), *manifest.sources.values()):
        if relation.relation_name:
            relation.relation_name = relation.relation_name.replace(f'"{relation.database}".', f'"{database}".', 1)
        relation.database = database
    untyped: Any = manifest
    untyped.build_flat_graph()
    return manifest


def _contents(project: Path) -> str:
    """Changes whenever a file of the project does, or dbt itself."""
    digest = hashlib.sha256(f"{version('dbt-core')} {version('dbt-postgres')} {sys.version}".encode())
    for file in sorted(project.rglob("*")):
        if file.is_file() and not file.relative_to(project).parts[0].startswith(MADE_BY_DBT):
            digest.update(f"\0{file.relative_to(project)}\0{hashlib.sha256(file.read_bytes()).hexdigest()}".encode())
    return digest.hexdigest()[:32]


def _cache() -> Path:
    """A folder of the user alone: what lies there is run in the warehouse."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "customer_warehouse" / "dbt"


def _keep(kept: Path, content: bytes) -> None:
    """Leave the file whole or not at all, and take away those that nobody made lately."""
    kept.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    partly = kept.with_suffix(f".{os.getpid()}")
    partly.write_bytes(content)
    partly.replace(kept)
    for file in kept.parent.iterdir():
        if file.stat().st_mtime < time.time() - KEPT_DAYS * 24 * 3600:
            file.unlink(missing_ok=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
