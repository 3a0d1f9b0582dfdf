"""What a digest tells and what it leaves for the web: caps, shares, every story once, nothing lost."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from syndicator.card import Card
from syndicator.digest.choice import MAX_ITEMS, Offer, choose, per_source, shares
from syndicator.digest.compose import compose, view
from syndicator.digest.rank import order
from syndicator.model import Candidate, DigestPlan, Rule, Slot, Speaker, Topic
from syndicator.settings import Site

NOW = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
SLOT = Slot(frequency="daily", at=time(7), zone="UTC")
SITE = Site(title="x", base_url="https://x.example")


def topic(slug, *, stories="once", **plan):
    return Topic(
        slug=slug, title=slug.title(), rule=Rule(), stories=stories, digest=DigestPlan(slot=SLOT, **plan)
    )


def candidate(id_, *sources, story=0, score=None):
    """A candidate; the lower its number the better. What other sources tell of it are other articles."""
    speakers = [Speaker(id_ + 1_000 * n, source) for n, source in enumerate(sources or (f"s{id_}",))]
    score = 20 - id_ / 10 if score is None else score
    return Candidate(speakers=tuple(speakers), score=score, at=NOW, story=story, sources=len(speakers))


def offer(of, *candidates, total=None):
    ranked = order(candidates, at=NOW, span=timedelta(days=1))
    return Offer(topic=of, ranked=ranked, total=len(candidates) if total is None else total)


def chosen(*offers, most=60):
    """What is told: by section (topic, ids, how many more)."""
    return [
        (each.topic.slug, [speaker.id for speaker in each.speakers], each.more)
        for each in choose(offers, most=most)
    ]


def told(*offers, most=60, picture="https://p.example/{}.jpg"):
    sections = choose(offers, most=most)
    cards = {
        (each.topic.slug, speaker.id): Card(
            title=f"Title {speaker.id}", url="", source=speaker.source, source_url="", at=NOW,
            image=picture.format(speaker.id), image_alt="A ship", reading_minutes=2,
        )
        for each in sections
        for speaker in each.speakers
    }  # fmt: skip
    return compose(sections, cards, at=NOW, zone="UTC", language="en")


def test_the_best_come_first_and_the_rest_is_counted():
    window = [candidate(n) for n in (3, 1, 2, 4)]
    assert chosen(offer(topic("sea", max_items=2), *window, total=9)) == [("sea", [1, 2], 7)]


def test_what_two_topics_hold_is_told_in_one_and_takes_no_place_of_the_other():
    sea, bay = topic("sea", max_items=2), topic("bay", max_items=2)
    one = offer(sea, candidate(1), candidate(2), candidate(3))
    two = offer(bay, candidate(1), candidate(2), candidate(4), candidate(5), candidate(6))
    assert chosen(one, two) == [("bay", [1, 2], 3), ("sea", [3], 0)]


def test_a_story_is_told_in_one_section_whoever_tells_it():
    found = chosen(
        offer(topic("sea"), candidate(1, "wire", story=7)),
        offer(topic("bay"), candidate(2, "post", story=7), candidate(3)),
    )
    assert found == [("sea", [1], 0), ("bay", [3], 0)]


def test_a_topic_that_tells_everything_tells_each_article_once():
    every = topic("all", stories="all")
    two = offer(every, candidate(2, story=7), candidate(3, story=7), candidate(1, "post"))
    assert chosen(offer(topic("sea"), candidate(0, story=7), candidate(1, "post")), two) == [
        ("sea", [0, 1], 0),
        ("all", [2, 3], 0),
    ]


def test_the_section_with_the_best_comes_first():
    found = chosen(
        offer(topic("a"), candidate(5)), offer(topic("b"), candidate(9)), offer(topic("c"), candidate(2))
    )
    assert [slug for slug, *_ in found] == ["c", "a", "b"]


def test_nobody_may_fill_a_section_while_others_wait():
    busy = [candidate(n, "busy") for n in range(1, 20)]
    others = [candidate(n, f"s{n}") for n in range(20, 26)]
    ((_, ids, more),) = chosen(offer(topic("sea", per_source=3), *busy, *others))
    assert ids == [1, 2, 3, *range(20, 26)]
    assert more == 16


def test_without_a_word_of_the_topic_few_sources_share_the_section():
    assert per_source(topic("sea"), 1) == 20
    assert per_source(topic("sea"), 3) == 7
    assert per_source(topic("sea"), 9) == 4
    assert per_source(topic("sea", per_source=2), 1) == 2
    assert per_source(Topic(slug="x", title="x", rule=Rule()), 2) == MAX_ITEMS // 2


def test_the_next_source_with_room_speaks_for_a_story():
    window = [candidate(1, "busy"), candidate(3, "busy", "calm", story=7, score=1), candidate(2, "busy")]
    assert chosen(offer(topic("sea", per_source=1), *window)) == [("sea", [1, 1003], 1)]


def test_many_topics_have_equal_shares_of_a_mail():
    offers = [offer(topic(f"t{n}"), *(candidate(20 * n + m, score=10) for m in range(20))) for n in range(5)]
    found = chosen(*offers, offer(topic("few"), candidate(999, score=0)), most=26)
    assert [len(ids) for _, ids, _ in found] == [5, 5, 5, 5, 5, 1]
    assert [more for *_, more in found] == [15, 15, 15, 15, 15, 0]
    assert [len(ids) for _, ids, _ in chosen(*offers, most=2)] == [1] * 5, "each topic is heard"


def test_a_mail_has_one_top_story_then_leads_then_a_list():
    (china,) = view(told(offer(topic("china"), *(candidate(n) for n in range(1, 9)))), SITE)["sections"]
    assert china["top"].title == "Title 1"
    assert [card.title for card in china["leads"]] == [f"Title {n}" for n in range(2, 7)]
    assert [card.title for card in china["list"]] == ["Title 7", "Title 8"]


def test_several_sections_share_the_leads_and_only_the_first_has_the_top():
    offers = [offer(topic(slug), *(candidate(50 * n + m) for m in range(6))) for n, slug in enumerate("abc")]
    two = view(told(*offers[:2]), SITE)["sections"]
    assert [(bool(each["top"]), len(each["leads"]), len(each["list"])) for each in two] == [
        (True, 2, 3),
        (False, 2, 4),
    ]
    assert [len(each["leads"]) for each in view(told(*offers), SITE)["sections"]] == [1, 1, 1]


def test_pictures_stand_beside_the_first_stories_alone():
    window = [candidate(n) for n in range(1, 10)]
    pictures = [bool(card.image) for card in told(offer(topic("sea"), *window)).sections[0].cards]
    assert pictures == [True] * 6 + [False] * 3
    without = told(offer(topic("sea", images=False), *window)).sections[0].cards
    assert not any(card.image or card.image_alt for card in without)
    for picture in ("http://p.example/{}.jpg", "https://p.example/{}.svg?v=1", "https://p.example/all.jpg"):
        unfit = told(offer(topic("sea"), *window), picture=picture).sections[0].cards
        assert not any(card.image or card.image_alt for card in unfit), picture


def test_a_digest_says_how_long_it_takes_and_why_each_stands_where_it_does():
    digest = told(offer(topic("sea"), candidate(1), candidate(2, "wire", "post", story=3)))
    assert view(digest, SITE)["minutes"] == 4
    assert [reason.kind for reason in digest.sections[0].cards[0].why] == ["score", "hours", "sources"]


def test_the_title_names_as_many_topics_as_there_is_room_for():
    offers = [offer(topic(slug), candidate(n)) for n, slug in enumerate(["china", "telecom-fraud", "sea"])]
    assert told(*offers).title == "China · Telecom-Fraud · Sea"
    many = [offer(topic(f"topic-number-{n:02}"), candidate(n)) for n in range(20)]
    assert told(*many).title == "Topic-Number-00 · Topic-Number-01 · Topic-Number-02 · +17"
    assert told(offer(topic("x" * 90), candidate(1)), offer(topic("y"), candidate(2))).title.endswith(" · +1")


def test_what_was_taken_back_meanwhile_is_left_out():
    sections = choose([offer(topic("sea"), candidate(1), candidate(2))], most=9)
    card = Card(title="Two", url="", source="x", source_url="", at=NOW)
    left = compose(sections, {("sea", 2): card}, at=NOW, zone="UTC", language="en")
    assert (left.shown, left.sections[0].top.title) == ((2,), "Two")
    assert compose(sections, {}, at=NOW, zone="UTC", language="en") is None


def test_nothing_new_says_nothing():
    assert told() is None
    assert told(offer(topic("sea"))) is None


# Laws --------------------------------------------------------------------------------------------------


@st.composite
def mails(draw):
    """Windows of a few topics over one pool of articles, some of which tell the same stories."""
    pool = draw(
        st.lists(
            st.tuples(st.integers(0, 5), st.sampled_from("abc"), st.integers(0, 30)), min_size=1, max_size=25
        )
    )
    articles = [(n + 1, f"s{source}", story, score) for n, (story, source, score) in enumerate(pool)]
    offers = []
    for slug in draw(st.lists(st.sampled_from("vwxyz"), min_size=1, max_size=4, unique=True)):
        inside = draw(st.lists(st.sampled_from(articles), unique=True, max_size=25))
        of = topic(
            slug,
            stories=draw(st.sampled_from(["once", "once", "all"])),
            max_items=draw(st.integers(1, 8)),
            per_source=draw(st.integers(0, 4)),
        )
        grouped: dict[int, list[tuple[int, str, int, int]]] = {}
        for each in sorted(inside):
            grouped.setdefault(each[2] if each[2] and of.is_once else -each[0], []).append(each)
        found = []
        for each in grouped.values():
            speakers = {source: Speaker(id_, source) for id_, source, *_ in reversed(each)}
            by_arrival = tuple(sorted(speakers.values()))
            found.append(
                Candidate(
                    speakers=by_arrival, score=each[0][3], at=NOW, story=each[0][2], sources=len(speakers)
                )
            )
        beyond = draw(st.integers(0, 3))
        offers.append(offer(of, *found, total=len(found) + beyond))
    return offers, draw(st.integers(1, 20))


@given(mails(), st.randoms())
def test_laws_of_choosing(mail, random):
    offers, most = mail
    sections = choose(offers, most=most)
    by_slug = {each.topic.slug: each for each in offers}
    shown = [speaker.id for each in sections for speaker in each.speakers]
    assert len(shown) == len(set(shown)), "no article twice"
    once = [
        ranked.candidate.story
        for each in sections
        if each.topic.is_once
        for ranked in each.ranked
        if ranked.candidate.story
    ]
    assert len(once) == len(set(once)), "no story twice"
    assert len(shown) <= max(most, len(sections)), "a mail has an end"
    stories = {ranked.candidate.story for each in sections for ranked in each.ranked} - {0}
    for each in sections:
        assert 0 < len(each.speakers) <= each.topic.digest.max_items
        if each.topic.digest.per_source:
            counted = Counter(speaker.source for speaker in each.speakers)
            assert max(counted.values()) <= each.topic.digest.per_source
        assert all(
            speaker in ranked.candidate.speakers
            for ranked, speaker in zip(each.ranked, each.speakers, strict=True)
        )
        assert list(each.ranked) == sorted(each.ranked, key=lambda ranked: ranked.key), "the best first"
        held = by_slug[each.topic.slug]
        somewhere = [
            one
            for one in held.ranked
            if (
                one.candidate.story in stories
                if each.topic.is_once and one.candidate.story
                else one.candidate.id in shown
            )
        ]
        assert each.more == held.total - len(somewhere), "shown, or counted"
    shuffled = list(offers)
    random.shuffle(shuffled)
    assert choose(shuffled, most=most) == sections, "whatever the order of topics"


@given(st.lists(st.integers(0, 30), max_size=12), st.integers(1, 80))
def test_laws_of_sharing(wanted, most):
    given_ = shares(wanted, most)
    assert all(min(1, want) <= got <= want for got, want in zip(given_, wanted, strict=True))
    assert sum(given_) <= max(most, sum(1 for want in wanted if want))
    if sum(given_) < sum(wanted):
        assert sum(given_) >= most, "no place is left empty"
        short = [got for got, want in zip(given_, wanted, strict=True) if got < want]
        assert max(given_) - min(short) <= 1, "equal shares"
