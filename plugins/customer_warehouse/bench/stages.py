"""What is measured: each stage's work, what it needs loaded first, and what it takes in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from customer_warehouse import pipeline
from customer_warehouse.database import connect
from customer_warehouse.night import Night
from customer_warehouse.settings import Settings


@dataclass(frozen=True)
class Stage:
    """One thing to measure."""

    name: str
    stage: str
    """The ledger's word for it."""
    step: str
    """The ledger's steps whose rows count, as a pattern of SQL's `like`."""
    unit: str
    modules: tuple[str, ...]
    """Imported before the clock of the work starts."""
    work: Callable[[Settings, Night], None]
    takes: str | None = None
    """Pattern of the tables it takes in, whose plain copy is its floor; None when it takes in files, or a service."""


def _extract(source: str) -> Callable[[Settings, Night], None]:
    return lambda settings, night: pipeline.extract(settings, night, source)


def _marts(settings: Settings, night: Night) -> None:
    from customer_warehouse import marts
    from customer_warehouse.publish.show import show

    # The checks are not what is measured, and without them nothing can be published; so the batch is shown by hand.
    batch_id = marts.build(settings, night)
    with connect(settings.url) as connection:
        show(settings, connection, night, batch_id, {})


def _activation(settings: Settings, night: Night) -> None:
    pipeline.build_segments(settings, night)
    pipeline.send(settings, night)


_EXTRACT = ("customer_warehouse.extract.stage", "pandas")  # pandas is loaded by the first Arrow table otherwise
_READERS = "customer_warehouse.extract.readers"
_STANDARDISE = ("customer_warehouse.standardise.stage",)
STAGES = (
    Stage(
        "till files",
        "extract",
        "point_of_sale",
        "rows",
        (*_EXTRACT, f"{_READERS}.files"),
        _extract("point_of_sale"),
    ),
    Stage(
        "shop API",
        "extract",
        "shop_platform",
        "rows",
        (*_EXTRACT, f"{_READERS}.rest_api"),
        _extract("shop_platform"),
    ),
    Stage(
        "service desk",
        "extract",
        "service_desk",
        "rows",
        (*_EXTRACT, f"{_READERS}.database"),
        _extract("service_desk"),
    ),
    Stage("standardise", "standardise", "%", "rows", _STANDARDISE, pipeline.standardise, "raw.%"),
    Stage(
        "identity",
        "identity",
        "resolve",
        "records",
        ("customer_warehouse.identity.stage",),
        pipeline.identity,
        "standardised.customers",
    ),
    Stage(
        "warehouse",
        "warehouse",
        "%",
        "rows",
        ("customer_warehouse.warehouse.stage",),
        pipeline.warehouse,
        "standardised.%",
    ),
    Stage("marts", "marts", "build", "customers", ("customer_warehouse.marts.stage",), _marts, "warehouse.%"),
    Stage(
        "activation",
        "activation",
        "segments",
        "customers",
        ("customer_warehouse.activation.stage",),
        _activation,
        "marts_store.%",
    ),
)
VALUES = "values"
"""How standardising customer records alone, without a database, is asked for."""
NAMES = tuple(stage.name.partition(" ")[0] for stage in STAGES)
"""How a stage is asked for: till, shop, service, standardise …"""


def files_stage(source: str) -> Stage:
    """Extract and landing of one other source of files."""
    return Stage(f"{source} files", "extract", source, "rows", STAGES[0].modules, _extract(source))
