"""kill -9 at random moments, ten connections, a mail server that misbehaves at every step: on both databases.

Twenty kills in all here; `make fire` is the long form.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from program import environ

FIRE = Path(__file__).parents[1] / "fire.py"
KILLS = 10


def test_nothing_is_lost_and_nothing_doubled_unseen(database_url: str) -> None:
    database = database_url.replace("postgresql+psycopg", "postgresql")
    if database.startswith("sqlite"):
        database = "sqlite"
    command = [sys.executable, str(FIRE), "--kills", str(KILLS), "--readers", "300", "--database", database]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, env=environ(), check=False)
    assert done.stdout, done.stderr
    found = json.loads(done.stdout)
    assert done.returncode == 0, found
    assert found["kills"] == KILLS
    assert found["uncertain"] > 0, "it was killed with mails on the wire"
    assert found["kept"] >= found["deliveries"] - found["refused"] > 0
