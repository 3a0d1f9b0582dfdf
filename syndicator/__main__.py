"""`python -m syndicator` is `syndicator`."""

from __future__ import annotations

from syndicator.cli import main

main()
