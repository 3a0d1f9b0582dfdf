"""syndicator: turns many sources into a few things worth reading."""

__version__ = "0.1.0"
