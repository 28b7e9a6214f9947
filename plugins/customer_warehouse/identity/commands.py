"""Commands of the identity stage besides `run`: ask why, decide, look ahead, and measure.

The context's object gives the settings: which warehouse the command line is about. Values of people are masked unless
`--unmasked` asks for them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from customer_warehouse.database import Connection
    from customer_warehouse.identity.desk import Desk
    from customer_warehouse.settings import Settings

app = typer.Typer(help="Look at who is taken for whom, and measure it.", no_args_is_help=True)
review = typer.Typer(help="Pairs that wait for a person's decision.", no_args_is_help=True)
overrides = typer.Typer(help="What people have decided.", no_args_is_help=True)
bypass = typer.Typer(help="Values that are nobody's, such as a store's own phone.", no_args_is_help=True)
app.add_typer(review, name="review")
app.add_typer(overrides, name="overrides")
app.add_typer(bypass, name="bypass")

RecordArgument = Annotated[str, typer.Argument(metavar="SOURCE:KEY", help="A record, such as shop_platform:17.")]
UnmaskedOption = Annotated[bool, typer.Option("--unmasked", help="Show the values themselves: personal data.")]
LimitOption = Annotated[int, typer.Option(min=1, max=10_000, help="How many.")]
ByOption = Annotated[str, typer.Option(help="Who decides.")]
WhyOption = Annotated[str, typer.Option(help="The reason, for whoever asks later.")]
ExpiresOption = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The last day on which it holds; default: for good.")
]


@app.command()
def explain(context: typer.Context, a: RecordArgument, b: RecordArgument, unmasked: UnmaskedOption = False) -> None:
    """Say why two records are one customer, or what keeps them apart: rules, score, decisions, links, history."""
    from customer_warehouse.identity import desk, lookup

    with _desk(context, *desk.TABLES, unmasked=unmasked) as at:
        at.explanation(lookup.record_named(at.connection, a), lookup.record_named(at.connection, b))


@app.command()
def show(
    context: typer.Context,
    customer: Annotated[str, typer.Argument(help="A customer's id, also one that has ended.")],
    unmasked: UnmaskedOption = False,
) -> None:
    """Show a customer: its records, links, contact points, health, history, open reviews, decisions and households."""
    from customer_warehouse.identity import desk, lookup

    with _desk(context, *desk.TABLES, unmasked=unmasked) as at:
        at.card(lookup.customer_named(at.connection, customer))


@app.command()
def preview(
    context: typer.Context,
    rules: Annotated[Path | None, typer.Option(help="A rules file to try instead of the one in force.")] = None,
    model: Annotated[Path | None, typer.Option(help="A trained model to try.")] = None,
    link: Annotated[float | None, typer.Option(min=0, max=1, help="Link pairs at least this probable.")] = None,
    review_: Annotated[float | None, typer.Option("--review", min=0, max=1, help="Put to people from here on.")] = None,
    examples: Annotated[int, typer.Option(min=0, max=1_000, help="How many to show of each kind.")] = 10,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Say what the next night would change, under other rules or with the decisions taken since; nothing is written."""
    from customer_warehouse.identity import lookup
    from customer_warehouse.identity import preview as look_ahead
    from customer_warehouse.identity.print_preview import print_preview

    settings: Settings = context.obj()
    with lookup.reading(settings.url) as connection:
        lookup.require_identity(connection, "bypass")
        policy = look_ahead.policy_to_try(
            connection, settings.business_time_zone, rules=rules, model=model, link=link, review=review_
        )
    found = look_ahead.preview(settings, policy)
    if as_json:
        print(json.dumps(look_ahead.as_json(found, examples), indent=2))
    else:
        print_preview(found, examples, settings)


@app.command()
def decide(
    context: typer.Context,
    a: RecordArgument,
    b: RecordArgument,
    same: Annotated[bool, typer.Option("--same/--not-same", help="Are both one person?")],
    by: ByOption,
    why: WhyOption,
    expires: ExpiresOption = None,
) -> None:
    """Decide that two records are one person, or are not. It wins over rules and scores until it ends."""
    from customer_warehouse.identity import lookup
    from customer_warehouse.identity.desk import Desk
    from customer_warehouse.identity.overrides import NOT_SAME, SAME
    from customer_warehouse.identity.overrides import decide as write_down

    settings: Settings = context.obj()
    _not_blank(by, "--by")
    _not_blank(why, "--why")
    with lookup.writing(settings.url) as connection:
        lookup.require_identity(connection, "overrides")
        one, other = lookup.record_named(connection, a), lookup.record_named(connection, b)
        if one == other:
            raise typer.BadParameter("a decision is about two different records")
        until = _end_of(connection, settings, expires)
        number = write_down(connection, (one, other), SAME if same else NOT_SAME, by, why, until)
        Desk(connection, lookup.Days(settings.business_time_zone)).decided(number)


@review.command("list")
def review_list(context: typer.Context, limit: LimitOption = 50, unmasked: UnmaskedOption = False) -> None:
    """List the pairs that wait, most probable first."""
    with _desk(context, "overrides", "review_queue", unmasked=unmasked) as at:
        at.reviews(limit)


@review.command("show")
def review_show(
    context: typer.Context,
    number: Annotated[str, typer.Argument(help="The first characters of a pair's number in the list.")],
    unmasked: UnmaskedOption = False,
) -> None:
    """Explain a pair that waits, and say how to decide."""
    from customer_warehouse.identity import desk
    from customer_warehouse.identity.review import numbered

    with _desk(context, *desk.TABLES, unmasked=unmasked) as at:
        pair = numbered(at.connection, number)
        at.explanation(pair.a, pair.b)
    print("\nDecide with `identity decide` and the two records, --same or --not-same, --by and --why.")


@overrides.command("list")
def overrides_list(
    context: typer.Context,
    every: Annotated[bool, typer.Option("--all", help="Also what was withdrawn or has expired.")] = False,
    unmasked: UnmaskedOption = False,
) -> None:
    """List decisions, and those that contradict each other."""
    with _desk(context, "overrides", unmasked=unmasked) as at:
        at.decisions(every=every)


@overrides.command("withdraw")
def overrides_withdraw(
    context: typer.Context, number: Annotated[int, typer.Argument(help="Of the decision.")], by: ByOption
) -> None:
    """End a decision: the next night is without it. It stays on record."""
    from customer_warehouse.identity import lookup
    from customer_warehouse.identity.overrides import withdraw
    from customer_warehouse.ops.ledger import StageError

    settings: Settings = context.obj()
    _not_blank(by, "--by")
    with lookup.writing(settings.url) as connection:
        lookup.require_identity(connection, "overrides")
        if not withdraw(connection, number, by):
            raise StageError(f"There is no decision {number} that stands; `identity overrides list --all` has all.")
    print(f"Decision {number} is withdrawn; the next night is without it.")


@bypass.command("list")
def bypass_list(context: typer.Context, unmasked: UnmaskedOption = False) -> None:
    """List the values that are taken out before records are compared."""
    with _desk(context, "bypass", unmasked=unmasked) as at:
        at.bypassed()


@bypass.command("propose")
def bypass_propose(context: typer.Context, unmasked: UnmaskedOption = False) -> None:
    """List the values that the last night proposes: more different people share them than can be."""
    with _desk(context, "bypass", "bypass_proposals", unmasked=unmasked) as at:
        at.proposals()


@bypass.command("add")
def bypass_add(
    context: typer.Context,
    value: Annotated[str, typer.Argument(help="A proposal's number, or column:value; * stands for any characters.")],
    by: ByOption,
    why: WhyOption,
    expires: ExpiresOption = None,
) -> None:
    """Say that a value is nobody's: the next night takes it out of all records before it compares them."""
    from customer_warehouse.identity import lookup, nobodys

    settings: Settings = context.obj()
    _not_blank(by, "--by")
    _not_blank(why, "--why")
    with lookup.writing(settings.url) as connection:
        lookup.require_identity(connection, "bypass", "bypass_proposals")
        column, found = nobodys.named(connection, value)
        nobodys.add(connection, column, found, by, why, _end_of(connection, settings, expires))
        records = nobodys.holders(connection, column, found)
    print(f"It is taken out of {records:,} records from the next night on; `identity preview` says what that changes.")


@contextmanager
def _desk(context: typer.Context, *tables: str, unmasked: bool) -> Iterator[Desk]:
    """What prints for stewards, over a connection that cannot write and needs these tables of schema identity."""
    from customer_warehouse.identity import desk, lookup

    settings: Settings = context.obj()
    with lookup.reading(settings.url) as connection:
        lookup.require_identity(connection, *tables)
        yield desk.Desk(connection, lookup.Days(settings.business_time_zone), unmasked)


def _end_of(connection: Connection, settings: Settings, day: datetime | None) -> datetime | None:
    """The end of the last day on which something holds; None for good."""
    from customer_warehouse.identity.lookup import is_over
    from customer_warehouse.night import night_of

    if day is None:
        return None
    end = night_of(day.date(), settings.business_time_zone).as_of
    if is_over(connection, end):
        raise typer.BadParameter("this day is over", param_hint="--expires")
    return end


def _not_blank(text: str, option: str) -> None:
    if not text.strip():
        raise typer.BadParameter("it may not be empty", param_hint=option)


@app.command("train")
def train_(
    version: Annotated[str, typer.Argument(help="The model's name, as it will stand in the run ledger.")],
    out: Annotated[Path, typer.Option(help="The file to write.")],
) -> None:
    """Train the scoring's model on the records of the warehouse, without knowing who is who."""
    from customer_warehouse.identity.training import train_on_warehouse
    from customer_warehouse.settings import Settings

    model = train_on_warehouse(Settings.from_environment(), version)
    model.save(out)
    print(f"Model {version}, trained on {model.records:,} records, is in {out}. Put it in force by `identity preview`,")
    print("which says what it would change, and then in the place of models/default.json.")


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
