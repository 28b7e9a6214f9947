"""The run ledger: its schema and the one way to write to it."""
