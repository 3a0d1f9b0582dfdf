"""From bytes to a ParsedFeed: what the wire said, believed in nothing.

Pure: bytes in, values out; no file, no network, no clock. A new kind of document is one row in PARSERS.

    xml        RSS 0.9 – 2.0, RDF, Atom 0.3 and 1.0: which of the two readers gets a document
    fast         libxml2's tree, where the document is well-formed and known: names, reading, channel, fields,
                 inline
    soup         feedparser's handlers, for the rest; elements reads what they found
    draft      one entry while it is read, and the rules by which both readers' entries are decided
    jsonfeed   JSON Feed 1.0 and 1.1
    cadence    ttl, skipHours, skipDays, sy:updatePeriod
    hub        WebSub hubs and the address that is subscribed to
    charset    bytes → text, where the declaration lies
    mend       what keeps well-meant XML from being well-formed
    guard      documents that are built to cost
    instant    dates as publishers write them
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from syndicator.errors import ParseError
from syndicator.parse import guard, jsonfeed, xml

if TYPE_CHECKING:
    from collections.abc import Callable

    from syndicator.model import ParsedFeed

__all__ = ["PARSERS", "Parser", "parse"]


class Parser(NamedTuple):
    """How one family of documents is known and read; both get (body, content type)."""

    name: str
    knows: Callable[[bytes, str], bool]
    read: Callable[[bytes, str, str], ParsedFeed]


PARSERS: Final = (
    Parser("jsonfeed", jsonfeed.knows, jsonfeed.read),
    Parser("xml", xml.knows, xml.read),  # knows everything: it stands last
)


def parse(body: bytes, *, content_type: str = "", url: str = "") -> ParsedFeed:
    """Read one feed document of any known form.

    `body` is decoded (no Content-Encoding left), `content_type` as the server said it, `url` where it was
    found: relative addresses lead from there. Raises ParseError of the kinds empty, not-a-feed, too-big,
    too-deep and broken, and nothing else, whatever the bytes are.
    """
    guard.check_size(body)
    reader = next(parser for parser in PARSERS if parser.knows(body, content_type))
    try:
        return reader.read(body, content_type, url)
    except (ParseError, MemoryError):
        raise
    except Exception as error:  # feedparser has no tree of errors: hostile input finds new ones every year
        raise ParseError("broken", f"cannot be read as {reader.name}: {error!r:.200}") from error
