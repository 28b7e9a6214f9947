"""The summary of a night as one self-contained page: no script, nothing loaded from elsewhere, every value escaped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path

from customer_warehouse.embedded.summary import Summary, checks_line, conservation_line, quality_line, rejects_line

STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 62rem; padding: 0 1rem; color: #1c2430 }
h1 { font-size: 1.5rem } h2 { font-size: 1.1rem; margin-top: 2rem }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid #d8dee6; vertical-align: top }
th { font-weight: 600 } .number { text-align: right; font-variant-numeric: tabular-nums }
.succeeded { color: #1a7f37 } .degraded { color: #9a6700 } .failed, .critical { color: #b3261e }
@media (prefers-color-scheme: dark) { body { background: #12161c; color: #dfe5ec } th, td { border-color: #333c48 } }
"""
Cell = str | int | float


def write(summary: Summary, file: Path) -> None:
    """Write the page to `file`, all of it or nothing."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_suffix(".part")
    draft.write_text(render(summary), encoding="utf-8")
    draft.replace(file)


def render(summary: Summary) -> str:
    """The page as HTML."""
    parts = [
        f"<h1>Night {escape(summary.night)}: {_status(summary.status)}</h1>",
        f"<p class=failed>{escape(summary.cause)}</p>" if summary.cause else "",
        f"<p>{summary.records:,} customer records are {summary.customers:,} customers:"
        f" {summary.duplicates_merged:,} duplicates merged. Everything is as of {escape(summary.as_of)}.</p>",
        f"<p>{escape(quality_line(summary.quality))}</p>" if summary.quality else "",
        *(f"<p>{escape(line)}</p>" for line in (rejects_line(summary.rejects), conservation_line(summary)) if line),
        _table(
            "Stages",
            ("stage", "rows in", "out", "rejected", "duplicate", "seconds", ""),
            (
                (s.stage, s.rows_in, s.rows_out, s.rows_rejected, s.rows_duplicate, s.seconds, s.status)
                for s in summary.stages
            ),
        ),
        _table(
            "Steps",
            ("stage", "step", "rows in", "out", "rejected", "seconds", "", "message"),
            (
                (
                    stage.stage,
                    step["step"],
                    step["rows_in"],
                    step["rows_out"],
                    step["rows_rejected"],
                    step["seconds"],
                    step["status"],
                    step["message"] or "",
                )
                for stage in summary.stages
                for step in stage.steps
            ),
        ),
        _table(
            "Segments",
            ("segment", "destination", "eligible", "sent", "new", "withheld", "withheld because"),
            (
                (
                    row.segment,
                    row.destination,
                    row.eligible,
                    row.sent,
                    row.sent_new,
                    row.withheld,
                    ", ".join(f"{name} {count:,}" for name, count in sorted(row.reasons.items())),
                )
                for row in summary.segments
            ),
        ),
        _table("Degraded", ("what was left out, and why",), ((message,) for message in summary.degraded)),
        _table("Held segments", ("segment", "keeps its last list because"), summary.held.items()),
        f"<h2>Checks</h2><p>{escape(checks_line(summary))}{_links(summary.check_pages)}</p>",
        _table(
            "Failed checks",
            ("stage", "table", "check", "severity", "found", "why", "what to do"),
            (
                tuple(check[name] for name in ("stage", "table", "check", "severity", "found", "why", "what_to_do"))
                for check in summary.failed_checks
            ),
        ),
        _table("Where things are", ("", ""), summary.places.items()),
        _table("Time", ("part", "seconds"), summary.seconds.items()),
    ]
    title = f"Night {escape(summary.night)}"
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{STYLE}</style></head><body>{''.join(parts)}</body></html>\n"
    )


def _links(pages: Sequence[str]) -> str:
    """Links to pages beside this one, each named after its folder."""
    named = (f'<a href="{escape(page)}">{escape(Path(page).parent.name)}</a>' for page in pages)
    return f" All of them: {', '.join(named)}." if pages else ""


def _table(title: str, head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """A headed table, or nothing when it would have no rows."""
    body = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in rows)
    if not body:
        return ""
    heads = "".join(f"<th>{escape(name)}</th>" for name in head)
    return f"<h2>{escape(title)}</h2><table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>"


def _cell(value: Cell) -> str:
    if isinstance(value, str):
        return f"<td>{_status(value) if value in STATUSES else escape(value)}</td>"
    return f"<td class=number>{value:,}</td>"


STATUSES = ("succeeded", "degraded", "failed", "critical")


def _status(status: str) -> str:
    """A status word in its colour."""
    return f"<span class={status}>{status}</span>" if status in STATUSES else escape(status)
