"""What a night did, in numbers: read from the run ledger and the activation's own tables, and from nothing else.

The same summary is printed, written as JSON for machines, and rendered as a page (`report.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from rich.console import Console
from rich.table import Table

from customer_warehouse import pipeline
from customer_warehouse.database import connect
from customer_warehouse.embedded.progress import COLOURS, StepRow, read_steps
from customer_warehouse.night import Night
from customer_warehouse.quality.targets import Reading, Status
from customer_warehouse.settings import Settings

COUNTED = {"marts": "build", "activation": "plan"}
"""The step that speaks for its stage where steps count the same rows again; in other stages all but the check do."""


@dataclass(frozen=True)
class StageTotals:
    """One stage of the night: its rows, without its checks, and the time it took with them."""

    stage: str
    status: str
    rows_in: int
    rows_out: int
    rows_rejected: int
    rows_duplicate: int
    seconds: float
    steps: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class Segment:
    """One segment at one destination, counted in customers: eligible = sent + withheld."""

    segment: str
    destination: str
    eligible: int
    sent: int
    sent_new: int
    """Of those sent, the ones who were not yet on this night's list."""
    withheld: int
    reasons: dict[str, int]
    file: str | None


@dataclass(frozen=True)
class Summary:
    """The whole night."""

    night: str
    as_of: str
    status: str
    """succeeded, degraded or failed."""
    cause: str | None
    stages: list[StageTotals]
    records: int
    customers: int
    duplicates_merged: int
    quality: dict[str, float]
    """The mean data quality score of each source's records of people, 0 to 100."""
    rejects: dict[str, int]
    """Rejects that stand (`open`), those of them that cost a row (`rows`), and tonight's `new` and `resolved` ones."""
    conservation: dict[str, int]
    """Figures compared, by border."""
    not_conserved: dict[str, int]
    """Of these the ones that differ, by border."""
    segments: list[Segment]
    held: dict[str, str]
    """Segments that keep their last list, with the reason."""
    degraded: list[str]
    checks: dict[str, int]
    """How many checks passed, failed, have no baseline yet, and could not be made."""
    failed_checks: list[dict[str, str]]
    check_pages: list[str]
    """Pages of the checks, relative to the folder of reports."""
    places: dict[str, str]
    seconds: dict[str, float]

    def as_dict(self) -> dict[str, Any]:
        """The summary as plain values, for JSON."""
        return asdict(self)


def summarise(
    settings: Settings,
    night: Night,
    seconds: Mapping[str, float],
    places: Mapping[str, str],
    cause: str | None = None,
) -> Summary:
    """Read the summary of the night's last nightly run, and of the activation run that came after it.

    `cause` is why the command that ran them failed, if it did.
    """
    activation = pipeline.activation_night(settings, night.date)
    with connect(settings.url) as connection:
        # An activation that is older than the nightly belongs to an earlier run of the same night.
        runs = connection.execute(
            """
            select run_id, status, message from ops.runs
            where run_id = %(nightly)s or run_id = %(activation)s
                and started_at > (select started_at from ops.runs where run_id = %(nightly)s)
            order by started_at
            """,
            {"nightly": night.run_id, "activation": activation.run_id},
        ).fetchall()
        run_ids = [run_id for run_id, *_ in runs]
        checks = connection.execute(
            """
            select stage, table_name, check_name, severity, status, why, what_to_do, label, observed, low, high, nights
            from ops.checks where run_id = any(%s) and status in ('failed', 'not_made')
            order by severity, stage, table_name, check_name
            """,
            (run_ids,),
        ).fetchall()
        counted = connection.execute(
            "select status, count(*) from ops.checks where run_id = any(%s) group by status", (run_ids,)
        ).fetchall()
        balances = connection.execute(
            "select border, count(*), count(*) filter (where difference <> 0) from ops.conservation"
            " where run_id = any(%s) group by border order by min(taken_at)",
            (run_ids,),
        ).fetchall()
    steps = read_steps(settings.url, run_ids)
    stages = [totals for stage in pipeline.STAGES if (totals := stage_totals(stage, steps))]
    resolved = next((totals for totals in stages if totals.stage == "identity"), None)
    statuses = [status for _, status, _ in runs]
    return Summary(
        night=night.date.isoformat(),
        as_of=night.as_of.isoformat(),
        status="failed" if cause or not statuses else _worst(statuses),
        cause=cause or next((message for _, status, message in runs if status == "failed" and message), None),
        stages=stages,
        records=resolved.rows_in if resolved else 0,
        customers=resolved.rows_out if resolved else 0,
        duplicates_merged=resolved.rows_in - resolved.rows_out if resolved else 0,
        quality=next((step.detail["source_quality"] for step in steps if "source_quality" in step.detail), {}),
        rejects=next((step.detail for step in reversed(steps) if step.step == "rejects" and step.detail), {}),
        conservation={border: figures for border, figures, _ in balances},
        not_conserved={border: wrong for border, _, wrong in balances if wrong},
        segments=segments_of(steps),
        held={step.detail["held"]: step.detail["reason"] for step in steps if step.step.startswith("held: ")},
        degraded=[step.message or f"{step.stage} / {step.step}" for step in steps if step.status == "degraded"],
        checks={"passed": 0, "failed": 0, "no_baseline": 0, "not_made": 0} | dict(counted),
        failed_checks=[_failed_check(*row) for row in checks],
        check_pages=[
            f"checks/{run_id}/index.html"
            for run_id in run_ids
            if (settings.state_dir / "reports" / "checks" / run_id / "index.html").exists()
        ],
        places=dict(places),
        seconds={name: round(value, 1) for name, value in seconds.items()},
    )


def _failed_check(
    stage: str, table: str, check: str, severity: str, status: Status, why: str, what_to_do: str, *numbers: Any
) -> dict[str, str]:
    label, observed, low, high, nights = numbers
    found = "could not be made" if status == "not_made" else ""
    if observed is not None:
        found = Reading(label, status, observed, low, high, nights).in_words
    return {
        "stage": stage,
        "table": table,
        "check": check,
        "severity": severity,
        "found": found,
        "why": why,
        "what_to_do": what_to_do,
    }


def segments_of(steps: Sequence[StepRow]) -> list[Segment]:
    """The segments that were sent: activation has a step for each destination and segment."""
    return [
        Segment(
            segment=step.detail["segment"],
            destination=step.step.partition(":")[0],
            eligible=step.detail["eligible"],
            sent=step.detail["sent"],
            sent_new=step.detail["sent_new"],
            withheld=sum(step.detail["withheld"].values()),
            reasons=step.detail["withheld"],
            file=step.detail["file"],
        )
        for step in steps
        if step.stage == "activation" and step.status == "succeeded" and "segment" in step.detail
    ]


def stage_totals(stage: str, steps: Sequence[StepRow]) -> StageTotals | None:
    """The stage's steps added up, or None when it has not run. Its check counts only in status and time."""
    mine = [step for step in steps if step.stage == stage]
    work = [step for step in mine if step.step == COUNTED.get(stage, step.step) != "check"]
    if not mine:
        return None
    return StageTotals(
        stage=stage,
        status=_worst([step.status for step in mine]),
        rows_in=sum(step.rows_in for step in work),
        rows_out=sum(step.rows_out for step in work),
        rows_rejected=sum(step.rows_rejected for step in work),
        rows_duplicate=sum(step.rows_duplicate for step in work),
        seconds=round(sum(step.seconds for step in mine), 2),
        steps=[asdict(step) | {"seconds": round(step.seconds, 2)} for step in mine],
    )


def print_summary(summary: Summary, console: Console) -> None:
    """Print the summary for people."""
    colour = COLOURS.get(summary.status, "")
    console.print()
    console.print(f"[bold]Night {summary.night}[/]: [{colour}]{summary.status}[/]")
    console.print(_stages_table(summary))
    console.print(
        f"{summary.records:,} customer records are {summary.customers:,} customers:"
        f" {summary.duplicates_merged:,} duplicates merged."
    )
    if summary.quality:
        console.print(quality_line(summary.quality))
    for line in (rejects_line(summary.rejects), conservation_line(summary)):
        if line:
            console.print(line, markup=False, highlight=False, soft_wrap=True)
    if summary.segments:
        console.print(_segments_table(summary))
    for message in summary.degraded:
        if any(message.startswith(f"Segment {name} keeps") for name in summary.held):
            continue
        console.print(f"degraded: {message}", style="yellow", markup=False, soft_wrap=True)
    for segment, reason in summary.held.items():
        console.print(f"held: {segment} keeps its last list: {reason}", style="yellow", markup=False, soft_wrap=True)
    console.print(checks_line(summary), markup=False, highlight=False)
    for check in summary.failed_checks:
        found = f" ({check['found']})" if check["found"] else ""
        console.print(
            f"check failed ({check['severity']}): {check['stage']} / {check['table']} / {check['check']}{found}:"
            f" {check['what_to_do']}",
            style="red" if check["severity"] == "critical" else "yellow",
            markup=False,
            soft_wrap=True,
        )
    for name, place in summary.places.items():
        console.print(f"{name:12} {place}", markup=False, highlight=False, soft_wrap=True)
    parts = ", ".join(f"{name} {value:.1f} s" for name, value in summary.seconds.items())
    console.print(f"Time: {parts}.", markup=False, highlight=False, soft_wrap=True)


def checks_line(summary: Summary) -> str:
    """How the checks went, in one line."""
    words = {"passed": "passed", "failed": "failed", "no_baseline": "without a baseline yet", "not_made": "not made"}
    return "Checks: " + ", ".join(f"{summary.checks[name]:,} {said}" for name, said in words.items()) + "."


def quality_line(quality: Mapping[str, float]) -> str:
    """The quality of every source in one sentence, the best first."""
    ranked = sorted(quality.items(), key=lambda item: (-item[1], item[0]))
    return f"Data quality of 100: {', '.join(f'{source} {score:.1f}' for source, score in ranked)}."


def rejects_line(rejects: Mapping[str, int]) -> str:
    """What stands and what became of it tonight, in one sentence; empty for a night that has not come so far."""
    if not rejects:
        return ""
    return (
        f"Rejects: {rejects['open']:,} stand ({rejects['rows']:,} cost a row), {rejects['new']:,} of them new;"
        f" {rejects['resolved']:,} resolved. `python -m customer_warehouse rejects top` says what to mend first."
    )


def conservation_line(summary: Summary) -> str:
    """Whether every row and every cent came through, in one sentence; empty for a night without any figure."""
    if not summary.conservation:
        return ""
    figures = f"{sum(summary.conservation.values()):,} figures of rows and money at {', '.join(summary.conservation)}"
    if not summary.not_conserved:
        return f"Conservation: {figures}; all are equal on both sides."
    wrong = ", ".join(f"{count:,} at {border}" for border, count in summary.not_conserved.items())
    return f"Conservation: {figures}; they differ: {wrong} (ops.conservation)."


def _stages_table(summary: Summary) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("stage", no_wrap=True)
    for name in ("rows in", "out", "rejected", "duplicate", "seconds"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("")
    for stage in summary.stages:
        table.add_row(
            stage.stage,
            f"{stage.rows_in:,}",
            f"{stage.rows_out:,}",
            f"{stage.rows_rejected:,}",
            f"{stage.rows_duplicate:,}",
            f"{stage.seconds:.1f}",
            f"[{COLOURS.get(stage.status, '')}]{stage.status}[/]",
        )
    return table


def _segments_table(summary: Summary) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("segment", no_wrap=True)
    table.add_column("destination", no_wrap=True)
    for name in ("eligible", "sent", "new", "withheld"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("withheld because")
    for row in summary.segments:
        reasons = ", ".join(f"{name} {count:,}" for name, count in sorted(row.reasons.items()))
        counts = (f"{count:,}" for count in (row.eligible, row.sent, row.sent_new, row.withheld))
        table.add_row(row.segment, row.destination, *counts, reasons)
    return table


def _worst(statuses: Sequence[str]) -> str:
    order = ("failed", "running", "degraded", "succeeded")
    return min(statuses, key=order.index)
