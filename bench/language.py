"""How often the language of a short text is told right, and at what cost.

    .venv/bin/python bench/language.py HEADLINES.tsv [SUMMARIES.tsv …]

A line is: language, number, text, with tabs between. The site's languages are those of the file; nothing is
declared. Then the same with a wrong declaration, as blog software that was never configured makes.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections import Counter
from pathlib import Path

from syndicator.normalise.language import choose, primary
from syndicator.normalise.scripts import declared_kind


def main() -> None:
    """Print the figures of each file."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--mistakes", action="store_true", help="print each text that was told wrong")
    wanted = parser.parse_args()
    for path in wanted.files:
        rows = [line.rstrip("\n").split("\t", 2) for line in path.read_text("utf-8").splitlines()]
        measure(path.name, [(language, text) for language, _, text in rows], show=wanted.mistakes)
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


def measure(name: str, rows: list[tuple[str, str]], *, show: bool = False) -> None:
    """Print shares of one file: nothing declared, wrongly and rightly declared, kinds of Chinese."""
    languages = tuple(sorted({primary(language) for language, _ in rows}))
    before = time.process_time()
    choose("", None, "", "load the model", languages)
    loaded = time.process_time() - before
    before = time.process_time()
    found = [(language, choose("", None, "", text, languages), text) for language, text in rows]
    cost = (time.process_time() - before) / len(rows)
    wrong = [each for each in found if primary(each[0]) != primary(each[1])]
    chinese = [(declared_kind(said), declared_kind(seen)) for said, seen, _ in found if primary(said) == "zh"]
    other = {language: languages[place - 1] for place, language in enumerate(languages)}
    mended = sum(
        primary(choose("", None, other[primary(language)], text, languages)) == primary(language)
        for language, text in rows
    )
    believed = sum(
        primary(choose("", None, language, text, languages)) == primary(language) for language, text in rows
    )
    print(
        f"{name}: {len(rows)} texts in {len(languages)} languages: {1 - len(wrong) / len(rows):.2%} right,"
        f" {cost * 1e6:.0f} µs each (the model loads in {loaded:.2f} s CPU);"
        f" Hans and Hant {sum(said == seen for said, seen in chinese)} of {len(chinese)};"
        f" declared wrongly {mended / len(rows):.1%} mended; declared rightly {believed / len(rows):.2%} kept"
    )
    if show:
        for (said, seen), texts in sorted(Counter((said, seen) for said, seen, _ in wrong).items()):
            print(f"  {said} told as {seen or '-'}: {texts}")
        print("".join(f"  {said} {seen} {text[:100]}\n" for said, seen, text in wrong), end="")


if __name__ == "__main__":
    main()
