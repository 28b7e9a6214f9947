"""The marts stage: a batch of every mart built beside the published one, then published by moving one pointer."""

from __future__ import annotations

from customer_warehouse.marts.stage import build, publish

__all__ = ["build", "publish"]
