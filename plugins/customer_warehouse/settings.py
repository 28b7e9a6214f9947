"""Settings: read once from the environment, passed on as one value.

Every variable starts with `WAREHOUSE_`. Nothing else in the package reads the environment, except that a source
declaration may name variables of its own (`${SHOP_PLATFORM_URL}`) for addresses and secrets.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field

PACKAGE = Path(__file__).resolve().parent
PROJECT = PACKAGE.parent.parent
PREFIX = "WAREHOUSE_"


class Settings(BaseModel):
    """Where the warehouse is and how the business counts its days and its money."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str = "postgresql://warehouse@127.0.0.1:5433/customer_warehouse"
    """The warehouse database, as a libpq or SQLAlchemy address."""
    state_dir: Path = PROJECT / ".local"
    """All state of the embedded run; one folder, ignored by git."""
    exports_dir: Path = PROJECT / ".local" / "exports"
    """Where the file destination puts segment lists."""
    sources_dir: Path = PACKAGE / "extract" / "sources"
    """The folder of source declarations, one YAML file a source."""
    expectations_dir: Path = PROJECT / "expectations"
    """Border checks: `<schema>/<table>.json`."""
    dbt_project_dir: Path = PROJECT / "dbt_project"
    dags_dir: Path = PROJECT / "dags"
    business_time_zone: str = "Asia/Taipei"
    """IANA name; a night is one day of this zone, midnight to midnight."""
    base_currency: str = "TWD"
    """ISO 4217 code of every amount in the marts."""
    schedule: str = "0 0 * * *"
    """Cron expression of the nightly run in the business time zone; `none` runs only when asked."""
    chunk_rows: int = 50_000
    """Rows held in memory at once by extract and standardise."""
    processes: int = Field(2, ge=1)
    """Processes that standardise many rows at once; each holds a chunk."""
    kept_nights: int = Field(7, ge=2)
    """Batches of the marts kept for going back, and for who entered and left a segment since the night before."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Self:
        """Read the settings from `environment` (default: the process's own).

        Raises pydantic.ValidationError when a variable has the wrong type or is unknown.
        """
        environment = os.environ if environment is None else environment
        names = set(cls.model_fields)
        given = {
            name.removeprefix(PREFIX).lower(): value for name, value in environment.items() if name.startswith(PREFIX)
        }
        return cls.model_validate({name: value for name, value in given.items() if name in names})

    def to_environment(self) -> dict[str, str]:
        """The same settings as environment variables, for a child process."""
        return {f"{PREFIX}{name.upper()}": str(getattr(self, name)) for name in type(self).model_fields}
