"""Commands about what readers see: which night, going back to the one before, who may read, and contracts.

The context's object gives the settings: which warehouse the command line is about.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from customer_warehouse.settings import Settings

app = typer.Typer(help="What readers of the marts see, and going back to the night before.", no_args_is_help=True)


@app.command()
def status(context: typer.Context) -> None:
    """Show which night is published, which are kept to go back to, and whether the rights of readers are right."""
    from customer_warehouse.database import connect
    from customer_warehouse.publish import pointer, roles
    from customer_warehouse.publish.declared import declared_marts

    settings: Settings = context.obj()
    with connect(settings.url) as connection:
        batches = pointer.kept(connection)
        moves = connection.execute(
            "select published_at, night, by_whom, why from ops.publications where kind = 'rollback'"
            " order by publication_id desc limit 5"
        ).fetchall()
        wrong = roles.problems(connection, declared_marts(settings.dbt_project_dir))
        missing = [role for role in roles.ROLES if not roles.exists(connection, role)]
    if not batches:
        print("No night is published.")
    for batch in batches:
        shown = "  <- readers see this one" if batch.is_shown else ""
        held = f"  {len(batch.held)} segments held" if batch.held else ""
        published = f"published {batch.published_at:%Y-%m-%d %H:%M} UTC"
        print(f"night {batch.night}  batch {batch.batch_id:<6} {published}{held}{shown}")
    for at, night, by, why in moves:
        print(f"rolled back to {night} at {at:%Y-%m-%d %H:%M} UTC by {by}: {why}")
    for problem in wrong:
        print(f"Rights: {problem}.")
    if missing:
        print(f"The roles {', '.join(missing)} are missing; publishing makes them, or a DBA: {roles.FOR_THE_DBA}")


@app.command()
def rollback(
    context: typer.Context,
    by: Annotated[str, typer.Option(help="Who decides it.")],
    why: Annotated[str, typer.Option(help="Why, in a sentence.")],
    batch: Annotated[int | None, typer.Option(help="Go to this batch; default: that of the night before.")] = None,
) -> None:
    """Take readers of all marts back to the night before the one they see. Sends nothing."""
    from customer_warehouse.publish import pointer

    settings: Settings = context.obj()
    done = pointer.rollback(settings.url, by, why, batch)
    print(
        f"Readers see the night {done.back_to.night} (batch {done.back_to.batch_id}) and no more"
        f" {done.back_from.night} (batch {done.back_from.batch_id})."
    )
    for name, sent in done.lists_out.items():
        print(f"Already out: list {name}, {sent} customers. Tell who uses it.")
    print("Nothing is sent until a night is published; the next one publishes as always.")


@app.command("roles")
def roles_(context: typer.Context) -> None:
    """Make the roles of readers and their rights what the marts declare, and check them; or say what a DBA must run."""
    from customer_warehouse.database import connect
    from customer_warehouse.ops.ledger import StageError
    from customer_warehouse.publish import roles
    from customer_warehouse.publish.declared import declared_marts
    from customer_warehouse.publish.views import FULL, shapes

    settings: Settings = context.obj()
    with connect(settings.url) as connection:
        found = shapes(connection)
        marts = [mart for mart in declared_marts(settings.dbt_project_dir) if (FULL, mart.name) in found]
        missing = roles.ensure(connection)
        if missing:
            raise StageError(missing)
        roles.give(connection, marts)
        roles.require(connection, marts)
    print(f"{roles.READER} and {roles.PII} may read what {len(marts)} marts declare, and nothing else.")


@app.command()
def contract(
    context: typer.Context,
    new_version: Annotated[bool, typer.Option("--new-version", help="Take columns away or change them.")] = False,
    why: Annotated[str | None, typer.Option(help="Why a new version is needed, in a sentence.")] = None,
) -> None:
    """Write the contracts of all marts: new columns, and with --new-version what is taken away or changed."""
    from customer_warehouse.publish import contracts
    from customer_warehouse.publish.declared import declared_marts

    if new_version != (why is not None):
        raise typer.BadParameter("--new-version and --why belong together.")
    folder = context.obj().dbt_project_dir
    written = contracts.renew(folder, declared_marts(folder), why)
    print(f"Written: {', '.join(written)}." if written else "The contracts are what the marts declare.")


@app.command()
def docs(context: typer.Context) -> None:
    """Write dbt's documentation of models, columns, lineage and who reads them to one HTML file."""
    from customer_warehouse.pipeline import published_night
    from customer_warehouse.warehouse import dbt_runner

    settings: Settings = context.obj()
    print(f"Open {dbt_runner.docs(settings, published_night(settings))} in a browser; it needs no network.")
