"""Border checks: what must hold before the next stage may use a stage's tables, declared in `expectations/`."""
