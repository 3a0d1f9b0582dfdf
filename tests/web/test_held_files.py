"""Documents in memory: large cuts cost no packing, what is held is counted, a file that goes is not there."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import brotli
import pytest

from syndicator.publish import delta, label
from syndicator.publish.coding import takes_plain
from syndicator.web import files as module
from syndicator.web.answer import Place, answer
from syndicator.web.files import PACKED, Files

if TYPE_CHECKING:
    from syndicator.web.answer import Answer
    from syndicator.web.files import Held

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)


class Changes:
    def max_age(self, _sources: object, _now: float) -> int:
        return 60


def feed(folder: Path, sizes: list[int]) -> tuple[Place, list[str]]:
    """Write a feed of ten entries, then change as many bytes of it as `sizes` say, one version each."""
    dice = Random(1)
    entries = [b"<item>" + dice.randbytes(40_000).hex().encode() + b"</item>" for _ in range(10)]
    history, tags = delta.History(), []
    for n, size in enumerate([0, *sizes]):
        if n:
            entries.insert(0, b"<item>" + dice.randbytes(size // 2).hex().encode() + b"</item>")
        body = b"<rss>" + b"".join(entries) + b"</rss>"
        digest = sha256(body).hexdigest()
        history = delta.follow(history, digest, "rss", body)
        tags.append(f'"{digest[:32]}"')
    place = Place(str(folder / "f.rss"), str(folder / "f.label"), "application/rss+xml")
    Path(place.path).write_bytes(body)
    Path(place.path + ".br").write_bytes(brotli.compress(body, quality=1))
    Path(place.label).write_text(json.dumps(label.write(label.Label(digest=digest, history=history))))
    return place, tags


def ask(held: Held, place: Place, tag: str, accepted: str = "br") -> Answer:
    asked = {"a-im": "feed", "if-none-match": tag, "accept-encoding": accepted}
    return answer(held, place, "GET", asked, now=NOW, changes=Changes())


def test_a_large_cut_is_sent_as_it_is_and_one_of_half_the_document_not_at_all(tmp_path):
    place, tags = feed(tmp_path, [1_200_000, PACKED + 1_000, 2_000])
    held = Files().get(place.path, place.label)
    status, head, body = ask(held, place, tags[2])
    assert (status, dict(head).get(b"content-encoding")) == (226, b"br")
    assert len(brotli.decompress(body)) < 3_000
    status, head, body = ask(held, place, tags[1])
    assert (status, dict(head).get(b"content-encoding")) == (226, None)
    assert int(dict(head)[b"content-length"]) == len(body) > PACKED
    assert dict(head)[b"etag"] == held.tag("br").encode(), "what it has now, as it will ask for it"
    assert ask(held, place, tags[1], "br, identity;q=0")[0] == 200
    for accepted in ("br", "identity"):
        assert ask(held, place, tags[0], accepted)[0] == 200


def test_packed_copies_and_cuts_are_counted_and_few_are_held(tmp_path):
    place, tags = feed(tmp_path, [PACKED] * 8)
    files = Files()
    held = files.get(place.path, place.label)
    for tag in tags[:-1]:
        ask(held, place, tag, "identity")
        ask(held, place, tag)
    assert len(held.deltas) == module.DELTAS
    cuts = sum(len(cut[1]) for cut in held.deltas.values() if cut)
    assert cuts
    assert files._bytes == len(held.body) + len(held.packed["br"]) + cuts


def test_what_grows_pushes_out_what_was_not_asked_for(tmp_path, monkeypatch):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    (old, _), (new, tags) = feed(tmp_path / "a", [2_000]), feed(tmp_path / "b", [PACKED + 1_000])
    files = Files()
    first, second = files.get(old.path, old.label), files.get(new.path, new.label)
    monkeypatch.setattr(module, "CAPACITY", len(first.body) + len(second.body) + 1_000)
    ask(second, new, tags[0], "identity")
    assert files._bytes == second.size
    first.coded(["br"])
    assert files._bytes == second.size, "what was dropped counts no more"
    assert files.get(old.path, old.label) is not first


def test_a_file_that_goes_while_it_is_read_is_not_there(tmp_path, monkeypatch):
    place, _ = feed(tmp_path, [])
    files = Files()
    files.get(place.path, place.label)
    Path(place.path).write_bytes(b"another version")
    read = Path.read_bytes

    def late(path: Path) -> bytes:
        path.unlink()
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", late)
    assert files.get(place.path, place.label) is None
    assert files._bytes == 0


@pytest.mark.parametrize(
    ("said", "takes"),
    [("", True), ("br", True), ("br, identity;q=0", False), ("*;q=0", False), ("*;q=0, identity", True)],
)
def test_plain_bytes_may_be_sent_unless_they_are_refused(said, takes):
    assert takes_plain(said) is takes
