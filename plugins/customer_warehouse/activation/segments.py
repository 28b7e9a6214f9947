"""Segment declarations: the labels and rules beside each dbt model, in its YAML twin under `config.meta`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from customer_warehouse.ops.ledger import StageError

Purpose = Literal["marketing", "service"]
ChannelName = Literal["email", "sms"]
Refresh = Literal["nightly"]
MODEL_PREFIX = "segment_"


Share = Annotated[float, Field(ge=0, le=1)]


class Labels(BaseModel):
    """The segment's name as people read it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    en: str
    zh_hant: str
    zh_hans: str


class Segment(BaseModel):
    """One segment: who reads the list, by which channels its members may be reached, and in which order it counts."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,50}$")]
    label: Labels
    purpose: Purpose
    channels: Annotated[tuple[ChannelName, ...], Field(min_length=1)]
    priority: int
    refresh: Refresh
    owner: str
    excluded_from_promotion: bool = False
    """Members of this segment get no marketing, whatever other segment they are in."""
    expected_share: tuple[Share, Share]
    """Between which shares of all customers its members usually are; outside `segment_sizes` warns, and sends."""
    conditions: Annotated[tuple[str, ...], Field(min_length=1)]
    """The columns of `customer_360` that its rule looks at; the one that says most of who enters and leaves first."""

    @property
    def table(self) -> str:
        """Name of the segment's table in schema `activation`."""
        return f"{MODEL_PREFIX}{self.name}"

    @field_validator("expected_share")
    @classmethod
    def least_before_most(cls, share: tuple[float, float]) -> tuple[float, float]:
        if share[0] > share[1]:
            raise ValueError("the least expected share is more than the most")
        return share

    @model_validator(mode="after")
    def service_tasks_get_no_promotion(self) -> Self:
        if self.excluded_from_promotion and self.purpose == "marketing":
            raise ValueError("a segment that is excluded from promotion cannot be one for marketing")
        return self

    @field_validator("channels")
    @classmethod
    def each_channel_once(cls, channels: tuple[ChannelName, ...]) -> tuple[ChannelName, ...]:
        if len(set(channels)) < len(channels):
            raise ValueError("a channel is named twice")
        return channels


def load_segments(dbt_project_dir: Path) -> list[Segment]:
    """All declared segments, by priority.

    Raises StageError when a declaration is wrong, or a model of the folder has none.
    """
    folder = dbt_project_dir / "models" / "segments"
    segments: list[Segment] = []
    for file in sorted(folder.glob("*.yml")):
        for model in (yaml.safe_load(file.read_text(encoding="utf-8")) or {}).get("models") or []:
            try:
                name = str(model["name"]).removeprefix(MODEL_PREFIX)
                segments.append(Segment.model_validate({"name": name, **model["config"]["meta"]}))
            except (KeyError, TypeError, ValidationError) as error:
                raise StageError(f"The segment declared in {file.name} cannot be used; correct it: {error}") from error
    declared = {segment.table for segment in segments}
    undeclared = sorted(file.stem for file in folder.glob("*.sql") if file.stem not in declared)
    if undeclared:
        raise StageError(
            f"The segments {', '.join(undeclared)} have no labels and rules; declare them in models/segments/<name>.yml"
            " under config.meta."
        )
    return sorted(segments, key=lambda segment: (segment.priority, segment.name))


def for_dbt(segments: Sequence[Segment], built: Collection[str]) -> list[dict[str, Any]]:
    """The declarations as the marts of segments take them; `built` are the tables that are made tonight."""
    return [{**segment.model_dump(mode="json"), "built": segment.table in built} for segment in segments]
