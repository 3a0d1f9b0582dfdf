"""RSS, RDF and Atom that is well-formed and known, from libxml2's tree to Entries: no step between.

Written by hand because what is there was measured and found wanting (`bench/parse.py`, whole real feeds, one
run): feedparser without its cleaning is 2.4 times as fast as with it, fastfeedparser 0.6.5 63 times. But the
latter keeps no ttl, skipHours or hub (a hub's link becomes the publisher's page), gives `updated` for a
missing date of publication, leaves links of entries unresolved against xml:base, does not give the
authors of an Atom feed to its entries nor the type of their titles, keeps XHTML within its `content` element,
and cuts text off at an undefined entity without a word.

It reads what it is sure of. Entities of the document's own, elements where none belong, modules
within modules that hold known names, base64: it raises Unsure, and feedparser reads the document.
"""

from __future__ import annotations

import re
from typing import Any, Final

from lxml import etree

from syndicator.model import ParsedFeed
from syndicator.parse import cadence, fields, guard, hub
from syndicator.parse.channel import ENTRIES, Channel
from syndicator.parse.draft import Frame, absolute
from syndicator.parse.reading import Place, Reader, Unsure, attributes

__all__ = ["NotWellFormed", "Unsure", "read"]


class NotWellFormed(Exception):
    """libxml2 refused the document, or a limit of its own was reached (depth 256, 10 MB of text)."""


_OLD_VERSIONS: Final = {"0.91": "rss091u", "0.92": "rss092", "0.93": "rss093", "0.94": "rss094"}
_OLD_ATOMS: Final = {"0.1": "atom01", "0.2": "atom02", "0.3": "atom03"}
_RSS090: Final = "http://my.netscape.com/rdf/simple/0.9/"
_RSS10: Final = "http://purl.org/rss/1.0/"
_ATOM: Final = "http://www.w3.org/2005/atom"
# What stands before the root: the DOCTYPE, and whether it holds declarations (`[`) or is cut off.
_DOCTYPE: Final = re.compile(
    rb"\s*+(?:<\?.{0,500}?\?>\s*+|<!--.{0,9999}?-->\s*+){0,20}+(<!DOCTYPE[^\[>]{0,500}+(?:>|(.)))",
    re.DOTALL | re.IGNORECASE,
)
# Signs of UTF-8 that was taken for Latin-1 and encoded again, and of windows-1252 within UTF-8: as octets,
# and as references. Patterns that begin with a literal are ten times as fast.
_ODD_OCTETS: Final = re.compile(rb"\xc2(?:[\x80-\x9f]|(?<=\xc3[\x82-\xb4]\xc2))")
_ODD_REFERENCES: Final = re.compile(
    rb"#(?<=&#)0*(?:12[89]|1[3-9]\d|2[0-3]\d|24[0-4]|[xX]0*[89a-fA-F][\da-fA-F]);"
)


def read(body: bytes, url: str, *, recover: bool = False) -> ParsedFeed:
    """Read a document in UTF-8; raises NotWellFormed, Unsure, or ParseError (too-big).

    `recover` lets libxml2 make what it can of a document that is not well-formed.
    """
    root, doctype = _tree(body, recover=recover)
    reader = Reader(odd=_is_odd(body))
    version = _version(reader, root, doctype)
    reader.is_atom10 = version == "atom10"
    reader.is_atom = version.startswith("atom")
    channel = _channel(reader, root)
    said, homepage = channel.said, absolute(url, channel.said.get("link", ""))
    everyone = tuple(name for name in channel.authors if name)
    frame = Frame(reader.is_atom, homepage, url, everyone)
    hubs, own = hub.read(channel.links, url)
    return ParsedFeed(
        format=version,
        title=said.get("title", ""),
        url=homepage,
        language=said.get("language", ""),
        cadence=cadence.read(
            ttl=said.get("ttl", ""),
            skip_hours=channel.hours,
            skip_days=channel.days,
            period=said.get("sy_updateperiod", ""),
            frequency=said.get("sy_updatefrequency", ""),
        ),
        hub_urls=hubs,
        self_url=own,
        entries=tuple(fields.read(reader, entry, place).to_entry(frame) for entry, place in channel.entries),
    )


def _is_odd(body: bytes) -> bool:
    if b"\xc2" in body and _ODD_OCTETS.search(body):
        return True
    return b"#" in body and _ODD_REFERENCES.search(body) is not None


def _tree(body: bytes, *, recover: bool = False) -> tuple[Any, str]:
    """Parse without DTD, entities, network and huge documents: the root, and the DOCTYPE in lower case.

    libxml2 works outside of Python's lock.
    """
    doctype = _DOCTYPE.match(body)
    if doctype:
        if doctype[2]:
            raise Unsure("the document has a DTD of its own")
        body = body[: doctype.start(1)] + body[doctype.end(1) :]
    parser = etree.XMLParser(
        encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False,
        remove_comments=True, remove_pis=True, collect_ids=False, recover=recover,
    )  # fmt: skip
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise NotWellFormed(str(error)) from error
    if root is None:
        raise NotWellFormed("nothing to recover")
    return root, doctype[1].decode(errors="replace").lower() if doctype else ""


def _version(reader: Reader, root: Any, doctype: str) -> str:
    """Name the format as feedparser does, by the root and the namespaces that it declares."""
    if "netscape" in doctype:
        return "rss091n"
    spaces = [(prefix, space.lower()) for prefix, space in root.nsmap.items()]
    said = attributes(root).get("version", "")
    match reader.name(root):
        case "rss":
            if any(space == _RSS10 for _, space in spaces):
                return "rss10"
            return _OLD_VERSIONS.get(said) or ("rss20" if said.startswith("2.") else "rss")
        case "rdf_rdf":
            known = ("rss10" if space == _RSS10 else "rss090" for prefix, space in spaces
                     if space == _RSS10 or (space == _RSS090 and prefix is None))  # fmt: skip
            if version := next(known, ""):
                return version
            raise Unsure("RDF that is no RSS")
        case "feed":
            if any(space == _ATOM for _, space in spaces):
                return "atom10"
            return _OLD_ATOMS.get(said, "atom")
        case other:
            raise Unsure(f"an unknown root: {other:.40}")


def _channel(reader: Reader, root: Any) -> Channel:
    """Read what is not in entries, and find the entries: within the channel, or beside it."""
    place = reader.place(attributes(root), Place())
    channel = Channel(reader)
    if place.language:
        channel.said["language"] = place.language
    if reader.is_atom:
        channel.read(root, place)
    else:
        holders = [child for child in root if reader.name(child) == "channel"]
        if len(holders) > 1:
            raise Unsure("several channels")
        for holder in holders:
            channel.read(holder, reader.place(attributes(holder), place))
        for child in root:
            if (name := reader.name(child)) in ENTRIES:
                channel.entries.append((child, place))
            elif name not in ("channel", "image", "textinput"):
                raise Unsure(f"{name:.40} beside the channel")
    if len(channel.entries) > guard.MAX_ENTRIES:
        raise guard.too_many()
    return channel
