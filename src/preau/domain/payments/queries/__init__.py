"""Reads about paying."""
