"""The workbench where its archive, judgements and catalogs lie in PostgreSQL: what the database decides."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest
import workshop
from program import Program
from sqlalchemy.engine import make_url
from test_workbench import (
    _as_it_was,
    file,
    test_a_text_that_no_file_may_be_is_told_so,
    test_a_trial_shows_what_is_gained_and_lost_and_saves_nothing,
    test_articles_are_judged_and_it_is_taken_back,
    test_hostile_headlines_stay_text,
    test_saving_keeps_every_byte_and_the_daemon_takes_it_over,
    test_the_chart_has_a_table_with_the_same_numbers,
    test_the_file_stands_in_the_editor_and_its_rule_is_tried,
    test_what_somebody_else_saved_is_not_overwritten_unasked,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "_as_it_was",
    "test_a_text_that_no_file_may_be_is_told_so",
    "test_a_trial_shows_what_is_gained_and_lost_and_saves_nothing",
    "test_articles_are_judged_and_it_is_taken_back",
    "test_hostile_headlines_stay_text",
    "test_saving_keeps_every_byte_and_the_daemon_takes_it_over",
    "test_the_chart_has_a_table_with_the_same_numbers",
    "test_the_file_stands_in_the_editor_and_its_rule_is_tried",
    "test_what_somebody_else_saved_is_not_overwritten_unasked",
]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, postgres_url: str) -> Iterator[Program]:
    name = "workbench"
    with psycopg.connect(postgres_url, autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
    url = make_url(postgres_url).set(drivername="postgresql+psycopg", database=name)
    database = url.render_as_string(hide_password=False)
    program = Program(tmp_path_factory.mktemp("workbench"), database=database)
    feeds = workshop.feeds()
    for source, body in feeds.items():
        (program.config / f"{source}.xml").write_bytes(body)
    program.sources(**{source.replace("-", "_"): f"file:{source}.xml" for source in feeds})
    program.topic("ships", any=["ferry"])
    file(program).write_text(workshop.FILE)
    program.once()
    program.start()
    yield program
    program.close()
    with psycopg.connect(postgres_url, autocommit=True) as admin:
        admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
