"""Activation: dbt decides who is in a segment; this package decides who may be sent, and sends."""
