"""An admin judges articles, has the program learn, and takes it back: what feeds show follows."""

from __future__ import annotations

import json
import subprocess

import pytest
from newsroom import Story, rss
from opinions import UNWANTED, WANTED
from program import environ

WIDE = {"any": ["china"], "min_score": 1, "langs": ["en"]}
COUNT = 10  # of each kind that is judged


def story(name: str, words: list[str], place: int) -> Story:
    chosen = [words[(place + step) % len(words)] for step in range(5)]
    return Story(name, f"China {chosen[0]} and {chosen[1]}", f"A report on {' '.join(chosen)}.")


def stories(start: int, stop: int) -> list[Story]:
    return [
        story(f"{kind}-{place}", words, place)
        for place in range(start, stop)
        for kind, words in (("good", WANTED), ("bad", UNWANTED))
    ]


def shown(program) -> set[str]:
    feed = json.loads(program.run("feed", "china", "--format", "json").stdout)
    return {item["url"].rpartition("/")[2] for item in feed["items"]}


def judge_all(program, source: str = "wire") -> None:
    lines = []
    for one in stories(0, COUNT):
        verdict = "accept" if one.guid.startswith("good") else "reject"
        said = {"source": source, "key": one.guid, "verdict": verdict, "at": "2026-11-27T00:00:00Z"}
        url = f"https://wire.example/{one.guid}"
        lines.append(json.dumps(said | {"title": one.title, "text": one.text, "url": url}))
    (program.folder / "told.jsonl").write_text("\n".join(lines))
    program.run("topics", "judgements", "china", "--import", str(program.folder / "told.jsonl"))


def furnish(program):
    (program.config / "wire.xml").write_bytes(rss("Wire", *stories(0, 20)))
    program.sources(wire="file:wire.xml")
    program.topic("china", **WIDE, publish={"items": 200, "per_source": 200})
    program.once()
    return program


@pytest.fixture
def desk(program):
    """On SQLite and on PostgreSQL."""
    return furnish(program)


@pytest.fixture
def office(embedded):
    """On SQLite alone."""
    return furnish(embedded)


def learn_key(program, value: str) -> None:
    program.topic("china", **WIDE, learn=value, publish={"items": 200, "per_source": 200})


def test_from_judgements_to_the_feed_and_back(office):
    desk = office
    everything = shown(desk)
    assert len(everything) == 40
    judge_all(desk)
    lesson = desk.json("topics", "learn", "china")
    assert (lesson["accepted"], lesson["rejected"], lesson["kept"]) == (COUNT, COUNT, True)
    assert lesson["f1"] > lesson["rule_f1"]
    desk.once()
    assert shown(desk) == everything, "learned, but the topic does not ask for it"

    learn_key(desk, "rank")
    assert "nothing was learned" not in desk.run("check").stderr
    desk.once()
    assert shown(desk) == everything, "ranking removes nothing"

    learn_key(desk, "filter")
    desk.once()
    assert shown(desk) == {one.guid for one in stories(0, 20) if one.guid.startswith("good")}

    desk.run("topics", "judge", "china", "https://wire.example/bad-19", "accept")
    desk.run("topics", "learn", "china")
    desk.once()
    assert "bad-19" in shown(desk), "who is judged is in, whatever its likes are"

    desk.run("topics", "judge", "china", "https://wire.example/bad-0", "forget")
    refused = desk.run("topics", "learn", "china", code=1)
    assert f"{COUNT + 1} accepted, 9 rejected" in refused.stderr
    learn_key(desk, "off")
    desk.once()
    assert shown(desk) == everything


def test_new_articles_are_weighed_as_they_arrive(office):
    judge_all(office)
    office.run("topics", "learn", "china")
    learn_key(office, "filter")
    office.once()
    (office.config / "wire.xml").write_bytes(rss("Wire", *stories(0, 22)))
    office.run("sources", "pull", "wire", "--force")
    assert {"good-20", "good-21"} <= shown(office)
    assert not {"bad-20", "bad-21"} & shown(office)


def test_a_running_daemon_hears_of_it(desk):
    judge_all(desk)
    learn_key(desk, "filter")
    desk.start()
    assert "bad-1" in shown(desk)
    desk.run("topics", "learn", "china")
    desk.until(lambda: "bad-1" not in shown(desk), timeout=30)
    assert "good-1" in shown(desk)


def test_what_was_learned_serves_where_the_library_is_missing(office, tmp_path):
    judge_all(office)
    office.run("topics", "learn", "china")
    learn_key(office, "filter")
    (tmp_path / "sklearn.py").write_text("raise ImportError")
    env = environ() | {"PYTHONPATH": str(tmp_path)}
    command = office.command("topics", "learn", "china")
    done = subprocess.run(command, capture_output=True, text=True, env=env, check=False)
    assert done.returncode == 1
    assert "scikit-learn is not installed" in done.stderr
    assert "syndicator[learn]" in done.stderr
    subprocess.run(office.command("once"), capture_output=True, env=env, check=True)
    assert "bad-1" not in shown(office)


def test_what_cannot_be_told_apart_is_said_and_not_kept(office):
    judge_all(office)
    lines = (office.folder / "told.jsonl").read_text().splitlines()
    mixed = []
    for place, line in enumerate(lines):
        said = json.loads(line)
        said |= {"verdict": ("accept", "reject")[place // 2 % 2], "at": "2026-11-28T00:00:00Z"}
        mixed.append(json.dumps(said))
    (office.folder / "mixed.jsonl").write_text("\n".join(mixed))
    office.run("topics", "judgements", "china", "--import", str(office.folder / "mixed.jsonl"))
    told = office.run("topics", "learn", "china").stdout
    assert "not kept    it is no better than the rule" in told


def test_judgements_go_out_and_come_back(embedded):
    embedded.topic("china", **WIDE)
    embedded.topic("japan", any=["japan"])
    judge_all(embedded)
    out = embedded.folder / "out.jsonl"
    embedded.run("topics", "judgements", "china", "--export", str(out))
    before = embedded.json("topics", "judgements", "china")
    assert len(before) == 2 * COUNT
    assert embedded.run("topics", "judgements", "china", "--export", "-").stdout == out.read_text()
    gone = embedded.run("topics", "judge", "china", "good-0", "forget")
    assert f"{COUNT - 1} accepted, {COUNT} rejected" in gone.stderr
    again = embedded.run("topics", "judgements", "china", "--import", str(out))
    assert f"now {COUNT} accepted, {COUNT} rejected" in again.stderr
    assert embedded.json("topics", "judgements", "china") == before
    assert "good" not in embedded.run("topics", "judgements", "japan").stdout

    out.write_text(out.read_text().splitlines()[0] + "\n\nnonsense\n" + json.dumps({"verdict": "accept"}))
    failed = embedded.run("topics", "judgements", "china", "--import", str(out), code=1)
    assert "out.jsonl:3: not JSON" in failed.stderr
    assert "out.jsonl:4: source is no text" in failed.stderr
    other = embedded.run("topics", "judgements", "japan", "--import", str(out), code=1)
    assert "of another topic: china" in other.stderr
    embedded.run("topics", "judgements", "china", "--import", str(embedded.folder / "none.jsonl"), code=2)


def test_a_part_of_the_title_is_enough(embedded):
    lamp, border = Story("lamp", "China lights a lamp", "x"), Story("border", "China minds a border", "x")
    (embedded.config / "wire.xml").write_bytes(rss("Wire", lamp, border))
    embedded.sources(wire="file:wire.xml")
    embedded.topic("china", **WIDE)
    embedded.once()
    said = embedded.run("topics", "judge", "china", "lights a lamp", "accept").stderr
    assert said == "accepted “China lights a lamp”; china: 1 accepted, 0 rejected\n"
    several = embedded.run("topics", "judge", "china", "china", "accept", code=1).stderr
    assert several.startswith("article: 'china' fits several\n  try: one of these numbers:\n")
    none = embedded.run("topics", "judge", "china", "boats", "reject", code=1).stderr
    assert "syndicator preview china" in none
    forgot = embedded.run("topics", "judge", "china", "LAMP", "forget").stderr
    assert forgot == "forgot what was said of “China lights a lamp”; china: 0 accepted, 0 rejected\n"


def test_names_that_are_none_get_a_remedy(embedded):
    embedded.topic("china", **WIDE)
    for words, said in (
        (("judge", "chyna", "x", "accept"), "did you mean china"),
        (("judge", "china", "x", "accept"), "article: there is none like 'x'"),
        (("judge", "china", "x", "forget"), "nothing was said of 'x'"),
        (("learn", "china"), "0 accepted, 0 rejected"),
        (("judgements", "chyna"), "did you mean china"),
    ):
        assert said in embedded.run("topics", *words, code=1).stderr
