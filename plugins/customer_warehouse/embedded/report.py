from __future__ import annotations
from pathlib import Path
from customer_warehouse.embedded.summary import Summary
def write(summary: Summary, file: Path) -> None:
    file.write_text(summary.night)
