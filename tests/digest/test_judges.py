"""What other programs say of our mails: opendkim of the signatures, SpamAssassin of each shipped template."""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING

import css_inline
import newsstand
import pytest
from test_dkim import RSA
from test_headers import FACTS
from titles import HOSTILE

from syndicator.digest.message import write
from syndicator.templates import environments

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.peers

ENOUGH = 0.5  # points; 5 are spam
PATHS = {"PATH": f"{os.environ['PATH']}:/usr/sbin:/sbin", "LC_ALL": "C"}
CHINESE = "公安部通报：电信诈骗案件，抓获嫌疑人四十一名"
OPENDKIM = "Mode v\nAlwaysAddARHeader yes\nUserID {user}\nTestPublicKeys {keys}\nMinimumKeyBits 1024\n"
RELAY = (
    b"Received: from mail.example.org (mail.example.org [93.184.216.34])\r\n\tby mx.reader.example (Postfix)"
)
RELAY += b" with ESMTPS id 4Xy\r\n\tfor <anna@example.net>; Tue, 24 Nov 2026 07:00:01 +0000 (UTC)\r\n"


GTUBE = b"XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"  # that is spam to all


def opendkim(folder: Path, *messages: Path) -> list[bool]:
    """Whether it finds each message well signed."""
    keys, config = folder / "keys", folder / "opendkim.conf"
    keys.write_text(f"{RSA.selector}._domainkey.{RSA.domain} {RSA.record()}\n")
    config.write_text(OPENDKIM.format(user=os.getuid(), keys=keys))
    command = ["opendkim", "-x", str(config), "-v", "-t", ",".join(map(str, messages))]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, env=PATHS, check=False)
    said = done.stdout + done.stderr
    verdicts = re.findall(r"(?m)^opendkim: (\S+): verification \(.*\) (\w+)", said)
    found = {name: verdict == "succeeded" for name, verdict in verdicts}
    assert len(found) == len(messages), said
    return [found[str(each)] for each in messages]


def test_opendkim_finds_our_signatures_good(tmp_path: Path) -> None:
    files = []
    for number, title in enumerate((*HOSTILE, CHINESE)):
        facts = replace(FACTS, subject=title, sender_name=title, list_name=title)
        files.append(tmp_path / f"{number}.eml")
        files[-1].write_bytes(write(facts, text=title, html=f"<p>{title}</p>\n", signers=[RSA]))
    bad = tmp_path / "bad.eml"
    bad.write_bytes(files[0].read_bytes().replace(b"\r\nDate: Tue", b"\r\nDate: Wed"))
    assert opendkim(tmp_path, *files, bad) == [True] * len(files) + [False]


def shipped() -> dict[str, bytes]:
    """A mail of each template as it leaves, past one relay."""
    templates = environments()
    inliner = css_inline.CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)
    made = {}
    for name, (template, language, context) in newsstand.PAGES.items():
        if not template.startswith("email/"):
            continue
        html = inliner.inline(templates.render(template, language, **context))
        text = templates.render(template.replace(".html.", ".txt."), language, **context)
        lead = CHINESE if language == "zh" else "Carriers must mark calls"
        subject = f"{context['edition']['title']}: {lead} · 24 Nov 2026" if "edition" in context else ""
        if not subject:  # a mail to one person: its first line
            subject, _, text = text.partition("\n")
        facts = replace(FACTS, subject=subject, language=language, message_id=f"<{name}@example.org>")
        made[name] = RELAY + write(facts, text=text, html=html, signers=[RSA])
    return made


def scores(folder: Path, mails: dict[str, bytes]) -> dict[str, tuple[float, str]]:
    """Points and rules of each mail, in one start (which answers in any order), without network."""
    box = folder / "mails.mbox"
    box.write_bytes(b"".join(b"From x@x Tue Nov 24 07:00:00 2026\n" + _quoted(mails[name]) for name in mails))
    command = ["spamassassin", "-L", "-t", "--mbox", str(box)]
    env = PATHS | {"HOME": str(folder)}
    done = subprocess.run(command, capture_output=True, timeout=240, env=env, check=True)
    found = {}
    for mail in re.split(r"(?m)^From x@x ", done.stdout.decode("utf-8", "replace"))[1:]:
        status = re.search(r"(?s)X-Spam-Status: \w+, score=(-?[\d.]+) .*?tests=([\w,=.\s-]*?)\s+\w+=", mail)
        name = re.search(r"Message-ID: <([\w-]+)@", mail)
        assert status, mail[:500]
        assert name, mail[:500]
        found[name[1]] = float(status[1]), re.sub(r"\s", "", status[2])
    return found


def _quoted(mail: bytes) -> bytes:
    return re.sub(rb"(?m)^(>*From )", rb">\1", mail.replace(b"\r\n", b"\n"))


def test_spamassassin_likes_each_template(tmp_path: Path) -> None:
    mails = shipped()
    assert mails
    spam = next(iter(mails.values())).replace(b"Message-ID: <", b"Message-ID: <spam-")
    bad = {"spam": spam.replace(b"Subject: ", b"Subject: " + GTUBE + b" ", 1)}
    found = scores(tmp_path, mails | bad)
    worst = next(found.pop(name) for name in [*found] if name.startswith("spam"))
    assert worst[0] > 5, "it does judge"
    assert found.keys() == mails.keys(), "it has seen each"
    assert {name: said for name, said in found.items() if said[0] > ENOUGH} == {}
