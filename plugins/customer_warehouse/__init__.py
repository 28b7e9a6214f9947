"""The customer warehouse: sources in, one trusted customer each, lawful segment lists out.

The stages, in the order of the night: extract, standardise, identity, warehouse, marts, activation.
"""
