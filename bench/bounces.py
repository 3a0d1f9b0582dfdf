"""How well mails that came back are read: kind, hard or not, address, and the reasons as a confusion table.

    .venv/bin/python bench/bounces.py [--corpus DIR] [--show]

The labels are those of the collections that the mails are from, with their own names for reasons. Each figure
is told for both halves of the corpus too (every second mail), for what holds in one half alone is chance.
--show lists what is read otherwise than labelled, to be read.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from syndicator.deliver.bounce import read

if TYPE_CHECKING:
    from collections.abc import Iterator

    from syndicator.model import Return

KINDS: Final = {"bounce": "bounce", "arf-complaint": "complaint", "autoreply": "auto-reply"}
# Refusals of the sender by the labels' names: an address must not be called dead for one of them.
OURS: Final = frozenset(
    (
        *(
            "authfailure",
            "spamdetected",
            "badreputation",
            "policyviolation",
            "requireptr",
            "speeding",
            "toomanyconn",
        ),
        *(
            "blocked",
            "rejected",
            "securityerror",
            "contenterror",
            "virusdetected",
            "notcompliantrfc",
            "failedstarttls",
        ),
    )
)


def main() -> None:
    """Read the corpus and print the figures."""
    given = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    given.add_argument("--corpus", type=Path, default=Path(__file__).parents[2] / "shared" / "corpus")
    given.add_argument("--show", action="store_true")
    options = given.parse_args()
    labels = (options.corpus / "bounces" / "expected.jsonl").read_text(encoding="utf-8").splitlines()
    asked = [json.loads(line) for line in labels]
    found = [(label, read((options.corpus / label["path"]).read_bytes())) for label in asked]
    for name, some in (("all", found), ("first half", found[::2]), ("second half", found[1::2])):
        print(f"{name:12} {figures(some)}")
    print("\nlabel              read as")
    confused: dict[str, Counter[str]] = defaultdict(Counter)
    for label, got in found:
        for wanted, _, reason in results(label, got):
            confused[wanted["reason"]][reason] += 1
    for wanted, counted in sorted(confused.items()):
        print(f"{wanted:18} {', '.join(f'{reason} {n}' for reason, n in counted.most_common())}")
    for line in disagreements(found) if options.show else ():
        print(line)


def results(label: dict[str, Any], got: Return) -> Iterator[tuple[dict[str, Any], bool, str]]:
    """Pair what a mail's labels say of its recipients with what was read: (label, hard, reason)."""
    told = [(each.refusal.hard, each.refusal.reason) for each in got.recipients] or [(False, "nothing")]
    for number, wanted in enumerate(label.get("results") or ()):
        if label["kind"] == "bounce":
            yield wanted, *told[min(number, len(told) - 1)]


def figures(found: list[tuple[dict[str, Any], Return]]) -> str:
    """Sum up: shares of agreement, and refusals of us that were taken for a dead address."""
    kinds = [KINDS[label["kind"]] == got.kind for label, got in found if label["kind"] in KINDS]
    each = [one for label, got in found for one in results(label, got)]
    hard = [wanted["hard"] == is_hard for wanted, is_hard, _ in each]
    ours = [is_hard for wanted, is_hard, _ in each if wanted["reason"] in OURS]
    named = [_is_named(address, got) for label, got in found for address in label.get("addresses") or ()]
    shares = (("kind", kinds), ("hard or not", hard), ("address", named))
    told = "  ".join(f"{name} {sum(of) / len(of):.3f} of {len(of)}" for name, of in shares if of)
    return f"{told}  called dead for a refusal of us {sum(ours)} of {len(ours)}"


def _is_named(address: str, got: Return) -> bool:
    return any(address.lower() in each.address.lower() for each in got.recipients)


def disagreements(found: list[tuple[dict[str, Any], Return]]) -> Iterator[str]:
    """List what was read otherwise than it is labelled."""
    for label, got in found:
        if KINDS.get(label["kind"], got.kind) != got.kind:
            yield f"{label['path']}: {label['kind']} read as {got.kind}"
        for wanted, is_hard, reason in results(label, got):
            if wanted["hard"] != is_hard:
                yield f"{label['path']}: {wanted['reason']} (hard {wanted['hard']}) read as {reason}"
        for address in label.get("addresses") or ():
            if not _is_named(address, got):
                yield f"{label['path']}: {address} is not named"


if __name__ == "__main__":
    main()
