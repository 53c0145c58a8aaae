"""Writes about paying, one module per use case."""
