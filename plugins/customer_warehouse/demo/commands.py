"""Commands of the demo brand: prepare a night's world, and serve the shop's API."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from customer_warehouse.demo import noise as noise_page
from customer_warehouse.demo import service_desk, world
from customer_warehouse.demo.brand import PEOPLE, SEED, Brand
from customer_warehouse.demo.faults import Faults
from customer_warehouse.demo.moments import end_of
from customer_warehouse.demo.shop_api import ShopServer

app = typer.Typer(help="The demo brand: invented people, and the three systems that know them.", no_args_is_help=True)

Folder = Annotated[Path, typer.Option(help="Where the demo's worlds are.")]


@app.command()
def prepare(
    folder: Folder,
    night: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The business day that is over.")],
    people: Annotated[int, typer.Option(min=1, help="The size of the brand.")] = PEOPLE,
    seed: Annotated[int, typer.Option(help="Another number gives another brand.")] = SEED,
    database: Annotated[str, typer.Option(help="Also fill this PostgreSQL database with the service desk.")] = "",
) -> None:
    """Make the demo's systems show what they show at the end of NIGHT."""
    try:
        made = world.prepare(folder, Brand(seed, people), night.date())
        typer.echo(f"The demo brand of {people:,} people as of {made.night} is in {made.folder}.")
        if database:
            counts = service_desk.load(folder, database)
            typer.echo("Service desk: " + ", ".join(f"{table} {count:,}" for table, count in counts.items()) + ".")
    except world.WorldError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error


@app.command()
def serve(
    folder: Folder,
    token: Annotated[str, typer.Option(envvar="DEMO_SHOP_TOKEN", help="What a reader must show.")],
    port: Annotated[int, typer.Option(help="The port of 127.0.0.1; 0 takes a free one.")] = 0,
    faults: Annotated[
        Path | None, typer.Option(envvar="DEMO_SHOP_FAULTS", help="A JSON file of faults to make.")
    ] = None,
) -> None:
    """Serve the shop's API for whichever night is the current one, until stopped."""
    try:
        rules = Faults.read(faults) if faults else None
        server = ShopServer(folder / "current" / "shop.sqlite", token, port, rules)
    except (OSError, ValueError) as error:
        typer.echo(f"The demo shop cannot be served: {error}", err=True)
        raise typer.Exit(1) from error
    typer.echo(f"The demo shop is served at {server.url}")
    try:
        server.serve()
    except KeyboardInterrupt:
        server.stop()


@app.command()
def noise(
    night: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The business day that is over.")],
    people: Annotated[int, typer.Option(min=1, help="The size of the brand.")] = PEOPLE,
    seed: Annotated[int, typer.Option(help="Another number gives another brand.")] = SEED,
) -> None:
    """Print how often each kind of noise strikes, and which records no method could bring together."""
    typer.echo(noise_page.report(Brand(seed, people), end_of(night.date())), nl=False)
