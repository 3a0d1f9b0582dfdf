"""Costly reading beside the loop: small in a thread, large in a process that can be stopped."""

from __future__ import annotations

import asyncio
import os
import pickle
import threading
import time

import pytest

from syndicator.errors import ParseError
from syndicator.pipeline import crunch as crunching
from syndicator.pipeline.crunch import MEMORY, SMALL, crunch


def where() -> tuple[int, int]:
    return os.getpid(), threading.get_ident()


def refuse(kind: str) -> None:
    raise ParseError(kind, "it says so", hint="do this")


def spin(seconds: float) -> None:
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass


def hoard() -> int:
    return len(bytearray(MEMORY))


async def test_small_documents_are_read_in_a_thread() -> None:
    process, thread = await crunch(where, size=SMALL)
    assert process == os.getpid()
    assert thread != threading.get_ident()


async def test_large_documents_are_read_in_a_process() -> None:
    process, _ = await crunch(where, size=SMALL + 1)
    assert process != os.getpid()


@pytest.mark.parametrize("size", [1, SMALL + 1])
async def test_errors_come_back_whole(size: int) -> None:
    with pytest.raises(ParseError) as caught:
        await crunch(refuse, "too-deep", size=size)
    error = caught.value
    assert (error.kind, error.message, error.hint) == ("too-deep", "it says so", "do this")


def test_a_parse_error_survives_pickling() -> None:
    again = pickle.loads(pickle.dumps(ParseError("empty", "nothing", hint="look")))
    assert (again.kind, again.message, again.hint, str(again)) == ("empty", "nothing", "look", "nothing")


async def test_what_takes_too_long_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crunching, "PATIENCE", 0.3)
    with pytest.raises(ParseError) as caught:
        await crunch(spin, 3600.0, size=SMALL + 1)
    assert caught.value.kind == "costly"
    monkeypatch.undo()
    process, _ = await crunch(where, size=SMALL + 1)  # the next one finds a process
    assert process != os.getpid()


async def test_what_takes_too_much_memory_is_stopped() -> None:
    with pytest.raises(ParseError) as caught:
        await crunch(hoard, size=SMALL + 1)
    assert caught.value.kind == "costly"


async def test_the_loop_turns_meanwhile_and_shutting_down_need_not_wait() -> None:
    task = asyncio.create_task(crunch(spin, 3600.0, size=SMALL + 1))
    for _ in range(20):
        await asyncio.sleep(0.02)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
