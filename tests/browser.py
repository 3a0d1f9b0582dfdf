"""Where the browser for the tests is. Run as a program it prints the path, or exits with 1.

Set-up runs this file before anything is installed, so it needs the standard library alone.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

PROGRAMS = ("chromium", "google-chrome-stable", "google-chrome", "chromium-browser")


def find_chromium() -> Path | None:
    """Return the first Chromium that starts: SYNDICATOR_TEST_CHROMIUM, the system's, Playwright's own."""
    return next((path for path in _candidates() if _starts(path)), None)


def flags() -> list[str]:
    """Return what the browser must be told here: its sandbox refuses to be started by root."""
    return ["--no-sandbox"] if os.geteuid() == 0 else []


def _candidates() -> Iterator[Path]:
    if named := os.environ.get("SYNDICATOR_TEST_CHROMIUM"):
        yield Path(named)
        return
    for program in PROGRAMS:
        path = shutil.which(program)
        # A snap sees neither our temporary folders nor Playwright's pipe.
        if path and "/snap/" not in path:
            yield Path(path)
    try:
        from playwright.sync_api import sync_playwright
    except ModuleNotFoundError:
        return
    with sync_playwright() as playwright:
        yield Path(playwright.chromium.executable_path)


def _starts(path: Path) -> bool:
    """Whether it says its version: Ubuntu's stub and a browser that lacks libraries do not."""
    try:
        answer = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return answer.returncode == 0 and "chrom" in answer.stdout.lower()


if __name__ == "__main__":
    found = find_chromium()
    if found is None:
        sys.exit(1)
    sys.stdout.write(f"{found}\n")
