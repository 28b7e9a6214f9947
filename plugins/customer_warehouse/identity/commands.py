"""Commands of the identity stage besides `run`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Look at who is taken for whom, and measure it.", no_args_is_help=True)


@app.command("evaluate")
def evaluate_(
    records: Annotated[Path, typer.Option(help="The records: CSV or Parquet with a column of ids.")],
    truth: Annotated[Path, typer.Option(help="Which records are one entity: record_id, entity_id.")],
    columns: Annotated[Path, typer.Option(help="YAML: `columns:` and below it `their_column: type`.")],
    train: Annotated[bool, typer.Option("--train", help="Train the scoring on these records first.")] = False,
    json_file: Annotated[Path | None, typer.Option("--json", help="Also write the figures to this file.")] = None,
) -> None:
    """Resolve a labelled file as a night would, and say how well the clusters agree with the truth."""
    from customer_warehouse.identity.evaluate import evaluate
    from customer_warehouse.settings import Settings

    found = evaluate(records, truth, columns, train=train, processes=Settings.from_environment().processes)
    if json_file:
        json_file.parent.mkdir(parents=True, exist_ok=True)
        json_file.write_text(json.dumps(found.as_json(), indent=2) + "\n", encoding="utf-8")
    for column in found.left_out:
        print(f"The column {column} was not used: there are more of its kind than can be compared.")
    print(f"{'':18}precision  recall     F1")
    for name, measure in (("pairwise", found.pairwise), ("B³", found.b_cubed)):
        print(f"{name:18}{measure.precision:9.4f} {measure.recall:7.4f} {measure.f1:6.4f}")
    print(f"candidate recall  {found.candidate_recall:.4f}")
    print(f"records           {found.records:,}, of which {found.labelled:,} have a truth")
    print(f"clusters          {found.clusters:,}")
    print(f"seconds           {found.seconds:.1f}; peak memory {found.peak_mb:,.0f} MB")
