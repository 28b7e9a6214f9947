"""Rejects as work: what stands since when, what to mend first, and bringing in what was mended."""
