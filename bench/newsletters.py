"""Read every mail of the corpus and print what was right: docs/quality.md, section Newsletters.

    python bench/newsletters.py [FOLDER]

FOLDER is ../shared/corpus/newsletters beside the repository unless it is given. Pages that were saved
without their header get one with a sender, a reader and the page's title as subject.
"""

from __future__ import annotations

import json
import re
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from letters import SUBSCRIBER, wrapped  # noqa: E402

from syndicator.normalise import clean  # noqa: E402
from syndicator.parse.newsletter import Mail, read  # noqa: E402
from syndicator.parse.newsletter.links import is_opaque  # noqa: E402

WAY_OUT = re.compile(r"<a\b[^>]*(?:unsubscribe|/preferences)|<a\b[^>]*>[^<]*unsubscribe", re.IGNORECASE)
CORPUS = ROOT.parent / "shared" / "corpus" / "newsletters"


def main(folder: Path) -> None:
    expected = {
        Path(each["path"]).relative_to("newsletters"): each
        for each in map(json.loads, (folder / "expected.jsonl").read_text(encoding="utf-8").splitlines())
    }
    found: dict[Path, Mail] = {}
    crashes, spent = [], []
    for path in sorted(each for each in folder.rglob("*") if each.suffix in (".eml", ".html")):
        raw = path.read_bytes()
        begun = time.process_time()
        try:
            mail = read(raw if path.suffix == ".eml" else wrapped(raw))
        except Exception as error:  # noqa: BLE001 - what is counted here
            crashes.append((path.name, error))
            continue
        spent.append(time.process_time() - begun)
        found[path.relative_to(folder)] = mail
    kinds = [mail.kind for mail in found.values()]
    print(f"mails read                       {len(found)}, crashes {len(crashes)} {crashes or ''}")
    counted = ", ".join(f"{kind} {kinds.count(kind)}" for kind in sorted(set(kinds)))
    print(f"kinds                            {counted}")
    mean, most = 1000 * sum(spent) / len(spent), 1000 * max(spent)
    print(f"CPU a mail                       mean {mean:.1f} ms, most {most:.0f} ms")
    _facts(found, expected)
    bodies = [clean(entry.content) for mail in found.values() for entry in mail.entries]
    told = [body for body in bodies if SUBSCRIBER in body or WAY_OUT.search(body)]
    print(f"with the reader's address or a link to leave   {len(told)} of {len(bodies)}")


def _facts(found: dict[Path, Mail], expected: dict[Path, dict[str, object]]) -> None:
    right = [path for path, said in expected.items() if (found[path].kind == "issue") == said["is_issue"]]
    online = {path: str(said["view_online"]) for path, said in expected.items() if said["view_online"]}
    urls = {path: next((entry.url for entry in found[path].entries), "") for path in online}
    exact = [path for path, url in online.items() if urls[path] == url]
    redirect = [path for path in online if urls[path] != online[path] and is_opaque(urls[path])]
    print(f"issue or not                     {len(right)} of {len(expected)} right")
    exactly, hidden = len(exact), len(redirect)
    print(f"address on the web               {exactly} of {len(online)} exact, {hidden} the redirect to it")
    for path in sorted(set(online) - set(exact) - set(redirect)):
        print(f"  {path}: {urls[path] or 'none'} instead of {online[path]}")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else CORPUS)
