"""An edit whose own tests fail: what stays in force, and that every host and every restart agrees."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from syndicator.catalog import load_dump, load_edit
from syndicator.catalog.edit import Edit, Standing, texts_of
from syndicator.catalog.reader import Reader, dump_of
from syndicator.settings import Fetch, Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    Folder = Callable[[Mapping[str, str | bytes]], Path]


def topic(word: str, *, title: str = "T", test: str = "") -> str:
    return json.dumps({"title": title, "any": [word], "tests": {"match": [test or word]}})


GOOD, FAILING = topic("ship"), topic("boat", test="A ship came in")


def settled(config: Path, last: str | None = None) -> Standing:
    return load_edit(config, {}).settle(last)


def words(standing: Standing) -> dict[str, tuple[str, ...]]:
    """The words of each topic in force."""
    return {slug: topic.rule.any[0].tokens for slug, topic in standing.catalog.topics.items()}


def test_without_a_last_good_one_the_topic_is_left_out_and_named(folder: Folder) -> None:
    standing = settled(folder({"topics/ships.yaml": FAILING, "topics/trains.yaml": topic("train")}))
    assert words(standing) == {"trains": ("train",)}
    assert (standing.kept, standing.left_out) == ((), ("ships",))
    what = "tests.match[1]: is not in the topic: no line of `any` holds; change the rule or the test"
    assert standing.said() == [
        f"config/topics/ships.yaml:1:53: {what}",
        "topic ships: its own tests fail, and it is left out",
    ]
    assert load_dump(standing.dump) == standing.catalog


def test_the_last_good_topic_stays_and_all_other_edits_count(folder: Folder) -> None:
    config = folder({"topics/ships.yaml": GOOD, "topics/trains.yaml": topic("train")})
    before = settled(config)
    folder({"topics/ships.yaml": FAILING, "topics/trains.yaml": topic("tram")})
    after = settled(config, before.dump)
    assert words(after) == {"ships": ("ship",), "trains": ("tram",)}
    assert after.catalog.topics["ships"] == before.catalog.topics["ships"], "not matched again"
    assert (after.kept, after.left_out) == (("ships",), ())
    assert load_dump(after.dump) == after.catalog, "every host and every restart makes the same"


def test_what_is_settled_stays_settled(folder: Folder) -> None:
    config = folder({"topics/ships.yaml": GOOD})
    first = settled(config)
    folder({"topics/ships.yaml": FAILING})
    second = settled(config, first.dump)
    assert settled(config, second.dump) == second, "a second host, or a restart"
    folder({"topics/ships.yaml": topic("barge", test="A ship came in")})
    assert words(settled(config, second.dump)) == {"ships": ("ship",)}, "the second mistake changes nothing"
    folder({"topics/ships.yaml": topic("barge")})
    mended = settled(config, second.dump)
    assert words(mended) == {"ships": ("barge",)}
    assert set(texts_of(mended.dump)) == {"topics/ships.yaml"}, "nothing is kept of what is mended"


def test_a_topic_that_is_deleted_is_not_kept(folder: Folder) -> None:
    config = folder({"topics/ships.yaml": GOOD, "topics/trains.yaml": topic("train")})
    before = settled(config)
    folder({"topics/ships.yaml": FAILING})
    kept = settled(config, before.dump)
    (config / "topics" / "ships.yaml").unlink()
    assert words(settled(config, kept.dump)) == {"trains": ("train",)}


def test_a_kept_topic_outlives_its_source_and_another_ending(folder: Folder) -> None:
    sources = json.dumps({"sources": [{"name": "wire", "url": "file:x"}]})
    own = json.dumps({"title": "T", "any": ["ship"], "sources": ["wire"]})
    config = folder({"sources/a.yaml": sources, "topics/ships.yml": own})
    before = settled(config)
    (config / "topics" / "ships.yml").unlink()
    folder({"sources/a.yaml": "sources: []", "topics/ships.yaml": FAILING})
    after = settled(config, before.dump)
    assert after.catalog.topics["ships"].sources == ("wire",)
    assert load_dump(after.dump) == after.catalog


def test_an_alias_that_makes_a_test_fail_leaves_the_topic_with_the_alias_as_it_was(folder: Folder) -> None:
    vessel = json.dumps({"title": "T", "any": ["@vessel"], "tests": {"match": ["A ship came in"]}})
    other = json.dumps({"title": "T", "any": ["@vessel"]})
    files = {"topics/ships.yaml": vessel, "topics/other.yaml": other}
    config = folder(files | {"aliases.yaml": "vessel: [ship]\n"})
    before = settled(config)
    folder({"aliases.yaml": "vessel: [boat]\n"})
    after = settled(config, before.dump)
    spelt = {slug: topic.rule.any[0].parts[0].tokens for slug, topic in after.catalog.topics.items()}
    assert spelt == {"ships": ("ship",), "other": ("boat",)}
    assert after.catalog.topics["ships"] == before.catalog.topics["ships"]
    assert load_dump(after.dump) == after.catalog
    folder({"aliases.yaml": "vessel: [barge]\n"})
    again = settled(config, after.dump)
    assert again.catalog.topics["ships"] == before.catalog.topics["ships"]
    copies = [name for name in texts_of(again.dump) if name.endswith("aliases.yaml")]
    assert len(copies) == 2, "the aliases of today, and those that the kept topic leans on"


def test_tests_are_not_run_again_on_what_was_in_force(folder: Folder) -> None:
    """A newer program may judge a test otherwise: that must not keep the daemon from starting."""
    text = dump_of({"topics/ships.yaml": FAILING})
    assert set(load_dump(text).topics) == {"ships"}
    unreadable = dump_of({"topics/ships.yaml": "title: T\nany: ['(']\n"})
    standing = settled(folder({"topics/ships.yaml": FAILING}), unreadable)
    assert standing.left_out == ("ships",)
    assert load_dump(standing.dump) == standing.catalog


def edit_of(texts: Mapping[str, str], config: Path) -> Edit:
    reader = Reader("config", [])
    catalog = reader.catalog(texts)
    made = Settings(config=config, root=config, state=config, database="sqlite", fetch=Fetch())
    failures = {slug: tuple(found) for slug, found in reader.failures.items()}
    return Edit(settings=made, catalog=catalog, texts=texts, failures=failures)


STEPS = st.lists(
    st.dictionaries(
        st.sampled_from(["a", "b", "c"]), st.tuples(st.sampled_from(["x", "y", "z"]), st.booleans())
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=30)
@given(steps=STEPS)
def test_whatever_is_edited_the_last_version_that_passed_is_in_force(steps, tmp_path_factory) -> None:
    """A law over any history of edits, against the plainest model of it."""
    config = tmp_path_factory.getbasetemp()
    dump: str | None = None
    expected: dict[str, str] = {}
    for step in steps:
        texts = {f"topics/{slug}.yaml": topic(w, test=w if ok else "n") for slug, (w, ok) in step.items()}
        standing = edit_of(texts, config).settle(dump)
        expected = {
            slug: word if ok else expected[slug]
            for slug, (word, ok) in step.items()
            if ok or slug in expected
        }
        assert words(standing) == {slug: (word,) for slug, word in expected.items()}
        assert load_dump(standing.dump) == standing.catalog
        assert edit_of(texts, config).settle(standing.dump) == standing
        dump = standing.dump


def test_a_renamed_topic_that_fails_stays_what_it_was(folder: Folder) -> None:
    """Else its readers would be told that it is gone."""
    config = folder({"topics/ships.yaml": GOOD, "topics/trains.yaml": topic("train")})
    before = settled(config)
    (config / "topics" / "ships.yaml").unlink()
    folder({"topics/boats.yaml": json.dumps(json.loads(FAILING) | {"was": ["ships"]})})
    after = settled(config, before.dump)
    assert words(after) == {"ships": ("ship",), "trains": ("train",)}
    assert after.left_out == ("boats",)
    assert load_dump(after.dump) == after.catalog
    assert settled(config, after.dump).dump == after.dump
    folder({"topics/boats.yaml": json.dumps(json.loads(topic("boat")) | {"was": ["ships"]})})
    mended = settled(config, after.dump)
    assert words(mended) == {"boats": ("boat",), "trains": ("train",)}
    assert mended.catalog.topics["boats"].first_slug == "ships"
