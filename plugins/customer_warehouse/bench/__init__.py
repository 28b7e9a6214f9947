"""Measure each stage alone: rows a second, peak memory, and a floor to hold them beside."""
