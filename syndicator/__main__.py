"""`python -m syndicator` is `syndicator`."""

from __future__ import annotations

from syndicator.cli import main

if __name__ == "__main__":  # a process that reads large documents imports this under another name
    main()
