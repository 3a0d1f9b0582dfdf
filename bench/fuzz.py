"""Feed mutated documents to parse, normalise and extract for as long as you like; keep what breaks them.

    .venv/bin/python bench/fuzz.py --minutes 60 [--corpus DIR] [--seed N] [--target NAME …] [--keep DIR]

Each finding is told once, by where it came up, and the smallest input of it is kept in DIR (artefacts/fuzz).
What is called and what must hold is in tests/fuzz/fuzzing.py. An input on which a library hangs for good, so
that no signal is answered, ends the program; it is kept as DIR/now. Exit 1 if anything was found.
"""

from __future__ import annotations

import argparse
import faulthandler
import random
import sys
import time
import traceback
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "fuzz")]

import fuzzing  # noqa: E402

HANG = 600  # seconds on the wall without an answer to the signal


def main() -> None:
    """Fuzz until the time is over."""
    wanted = _arguments()
    wanted.keep.mkdir(parents=True, exist_ok=True)
    chance = random.Random(wanted.seed)
    pool = {target: _seeds(target, wanted.corpus) for target in wanted.target}
    print(f"seed {wanted.seed}; " + ", ".join(f"{target}: {len(pool[target])} seeds" for target in pool))
    found: dict[str, int] = {}
    runs, slowest, began = 0, (0.0, ""), time.monotonic()
    while time.monotonic() - began < 60 * wanted.minutes:
        target = chance.choice(wanted.target)
        body = fuzzing.mutated(chance.choice(pool[target]), chance.choice(pool[target]), chance)
        before = time.process_time()
        _run(fuzzing.Case(target, body), found, wanted.keep)
        slowest = max(slowest, (time.process_time() - before, f"{target}, {len(body):,} octets"))
        runs += 1
    print(f"{runs:,} runs, {len(found)} findings; the slowest took {slowest[0]:.2f} s of CPU ({slowest[1]})")
    sys.exit(bool(found))


def _run(case: fuzzing.Case, found: dict[str, int], keep: Path) -> None:
    (keep / "now").write_bytes(case.body)
    faulthandler.dump_traceback_later(HANG, exit=True)
    try:
        case.run()
    except BaseException as error:  # a panic of a library in Rust is no Exception
        if isinstance(error, KeyboardInterrupt):
            raise
        frames = traceback.extract_tb(error.__traceback__)
        place = next((frame for frame in reversed(frames) if "syndicator" in frame.filename), frames[-1])
        last = frames[-1]
        where = f"{Path(place.filename).name}:{place.lineno} {last.name}:{last.lineno}"
        name = f"{case.target} {type(error).__name__} {where}"
        if len(case.body) < found.get(name, sys.maxsize):
            path = keep / f"{case.target}-{sha256(name.encode()).hexdigest()[:12]}"
            path.write_bytes(case.body)
            if name not in found:
                print(f"{name}: {error!s:.200}\n  kept as {path}", flush=True)
            found[name] = len(case.body)
    finally:
        faulthandler.cancel_dump_traceback_later()


def _seeds(target: str, corpus: Path | None) -> list[bytes]:
    return fuzzing.seeds(target) + (fuzzing.corpus_seeds(target, corpus) if corpus else [])


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--corpus", type=Path, help="real documents to start from, beside our own")
    parser.add_argument("--seed", type=int, default=time.time_ns() % 2**32)
    parser.add_argument("--target", nargs="+", default=fuzzing.available(), choices=list(fuzzing.TARGETS))
    parser.add_argument("--keep", type=Path, default=ROOT / "artefacts" / "fuzz")
    return parser.parse_args()


if __name__ == "__main__":
    main()
