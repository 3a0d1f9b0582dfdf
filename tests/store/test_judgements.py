"""Judgements outlive their articles; the newest word on an article counts."""

from __future__ import annotations

from datetime import timedelta

from shelf import NOW, article
from sqlalchemy import delete

from syndicator.learn.exchange import kept
from syndicator.model import Judgement
from syndicator.store import articles, judgements, learned
from syndicator.store.schema import articles as table

LATER = NOW + timedelta(hours=1)


def say(key: str, verdict="accept", *, topic="china", at=NOW, **fields) -> Judgement:
    one = kept(article(key, **fields))
    return Judgement(topic=topic, article=one, verdict=verdict, by="anna", at=at)


async def test_a_judgement_comes_back_as_it_was_said(store):
    one = say("a", "reject", text="本文 text", tags=("China",), authors=("博",), language="zh")
    async with store.write() as conn:
        assert await judgements.record(conn, [one]) == 1
    async with store.read() as conn:
        assert await judgements.of_topic(conn, "china") == [one]
        assert await judgements.of_topic(conn, "japan") == []


async def test_verdicts_are_read_by_key(store):
    async with store.write() as conn:
        await judgements.record(conn, [say("a"), say("b", "reject"), say("c"), say("a", topic="japan")])
        told = await judgements.verdicts(conn, "china", {"a", "b", "x"})
        assert told == {("wire", "a"): "accept", ("wire", "b"): "reject"}
        assert await judgements.verdicts(conn, "china", set()) == {}


async def test_the_newest_word_counts_whichever_comes_first(store):
    async with store.write() as conn:
        await judgements.record(conn, [say("a"), say("a", "reject", at=LATER), say("b")])
        assert await judgements.record(conn, [say("a", at=NOW), say("b", "reject", at=LATER)]) == 1
        told = await judgements.of_topic(conn, "china")
        assert [(one.article.key, one.verdict) for one in told] == [("a", "reject"), ("b", "reject")]
        assert await judgements.count(conn, "china") == (0, 2)


async def test_topics_are_judged_apart_and_words_can_be_taken_back(store):
    async with store.write() as conn:
        await judgements.record(conn, [say("a"), say("a", "reject", topic="japan")])
        assert await judgements.forget(conn, "china", "wire", "a")
        assert not await judgements.forget(conn, "china", "wire", "a")
        assert await judgements.count(conn, "china") == (0, 0)
        assert await judgements.count(conn, "japan") == (0, 1)


async def test_many_are_written_at_once(store):
    async with store.write() as conn:
        assert await judgements.record(conn, [say(f"k{number}") for number in range(1_200)]) == 1_200
        assert await judgements.count(conn, "china") == (1_200, 0)


async def test_they_outlive_their_articles(store):
    async with store.write() as conn:
        await articles.upsert(conn, "wire", [article("a")], now=NOW)
        await judgements.record(conn, [say("a")])
        await conn.execute(delete(table))
        assert [one.article.title for one in await judgements.of_topic(conn, "china")] == ["Title a"]


async def test_what_was_learned_is_kept_replaced_and_forgotten(store):
    async with store.write() as conn:
        await learned.record(conn, "china", "v1", {"weights": {"中国": 0.5}}, now=NOW)
        await learned.record(conn, "china", "v2", {"weights": {}}, now=LATER)
        await learned.record(conn, "japan", "v1", {}, now=NOW)
    async with store.read() as conn:
        assert await learned.versions(conn) == {"china": "v2", "japan": "v1"}
        assert (await learned.bodies(conn))["china"] == ("v2", {"weights": {}})
    async with store.write() as conn:
        assert await learned.forget(conn, "china")
        assert not await learned.forget(conn, "china")
        assert await learned.versions(conn) == {"japan": "v1"}
