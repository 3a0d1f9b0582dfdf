"""What a browser's form sends, read within limits: of size, time and number of fields."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

MAX_BODY: Final = 4 * 1024 * 1024  # octets; a text of 1 MB grows when it is sent
BODY_TIME: Final = 30.0  # seconds that it may take to arrive
FIELDS: Final = 20


_UNASKABLE: Final = re.compile("[\x00\ud800-\udfff]")


def asked(query: Mapping[str, str], name: str, *, most: int) -> str:
    """Read what an address asks for, `most` characters of it, without those that PostgreSQL refuses."""
    return _UNASKABLE.sub("", query.get(name, "")).strip()[:most]


async def fields(request: Request, *, limit: int = MAX_BODY) -> dict[str, str]:
    """Read an urlencoded form of `limit` octets at most; the last of fields with one name counts.

    HTTPException for all else.
    """
    return dict(await pairs(request, limit=limit))


async def pairs(request: Request, *, limit: int, count: int = FIELDS) -> list[tuple[str, str]]:
    """Read a form of `limit` octets and `count` fields at most, in which names may come again.

    HTTPException for all else.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise HTTPException(415)
    body = await read(request, limit=limit)
    try:
        return parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=count)
    except ValueError as error:  # UnicodeError is one
        raise HTTPException(400) from error


async def read(request: Request, *, limit: int) -> bytes:
    """Read a body of `limit` octets at most, within `BODY_TIME`. HTTPException for all else."""
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_TIME):
            async for data in request.stream():
                body += data
                if len(body) > limit:
                    raise HTTPException(413)
    except TimeoutError as error:
        raise HTTPException(408) from error
    except ClientDisconnect as error:
        raise HTTPException(400) from error
    return bytes(body)
