"""What `syndicator run` says when it is up."""

from __future__ import annotations

from pathlib import Path

import pytest

from syndicator.cli.run import _announce
from syndicator.settings import Inbound, Mail, Returns, Settings

POST = Inbound(lmtp="127.0.0.1:10024")
BACK = Mail(returns=Returns(address="bounces@news.example"))


@pytest.mark.parametrize(
    ("inbound", "mail", "said"),
    [
        (POST, Mail(), "newsletters arrive at 127.0.0.1:10024 (LMTP)"),
        (POST, BACK, "returns arrive for bounces@news.example at 127.0.0.1:10024 (LMTP)"),
        (Inbound(), Mail(), ""),
    ],
)
def test_what_arrives(capsys: pytest.CaptureFixture[str], inbound: Inbound, mail: Mail, said: str) -> None:
    here = Path("here")
    _announce(Settings(config=here, root=here, state=here, inbound=inbound, mail=mail))
    found = [line.strip() for line in capsys.readouterr().out.splitlines() if " arrive " in line]
    assert found == ([said] if said else [])
