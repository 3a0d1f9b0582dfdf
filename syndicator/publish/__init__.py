"""Renditions of a topic: pure functions from articles to bytes, the same bytes for the same data."""
