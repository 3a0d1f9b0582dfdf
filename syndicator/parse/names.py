"""The names of elements: namespaces by the prefix that feedparser gives them, spelling by lower case."""

from __future__ import annotations

from typing import Final

XML: Final = "http://www.w3.org/XML/1998/namespace"
RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"

# Namespace names in lower case → prefix. "": what belongs to no module.
PREFIXES: Final[dict[str, str]] = {
    "": "",
    "http://backend.userland.com/rss": "",
    "http://backend.userland.com/rss2": "",
    "http://blogs.law.harvard.edu/tech/rss": "",
    "http://purl.org/rss/1.0/": "",
    "http://my.netscape.com/rdf/simple/0.9/": "",
    "http://purl.org/atom/ns#": "",
    "http://www.w3.org/2005/atom": "",
    "http://purl.org/rss/1.0/modules/rss091#": "",
    "http://purl.org/rss/1.0/modules/content/": "content",
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://purl.org/dc/terms/": "dcterms",
    "http://rssnamespace.org/feedburner/ext/1.0": "feedburner",
    "http://www.itunes.com/dtds/podcast-1.0.dtd": "itunes",
    "http://search.yahoo.com/mrss": "media",
    "http://search.yahoo.com/mrss/": "media",
    "https://podcastindex.org/namespace/1.0": "podcast",
    RDF: "rdf",
    "http://purl.org/rss/1.0/modules/slash/": "slash",
    "http://purl.org/rss/1.0/modules/syndication/": "sy",
    "http://purl.org/rss/1.0/modules/threading/": "thr",
    "http://www.georss.org/georss": "georss",
    "http://wellformedweb.org/commentapi/": "wfw",
    "http://www.w3.org/1999/xhtml": "xhtml",
    "http://www.w3.org/1999/xlink": "xlink",
    XML.lower(): "xml",
}


def split(tag: str) -> tuple[str, str]:
    """Split lxml's `{namespace}local` into both parts."""
    namespace, brace, local = tag.rpartition("}")
    return (namespace[1:], local) if brace else ("", tag)


def name(tag: str, prefix: str | None) -> str:
    """Name an element as `prefix_local` in lower case; core elements are `local` alone.

    A namespace that is not known goes by the prefix that the document gives it, as feedparser has it.
    """
    namespace, local = split(tag)
    known = PREFIXES.get(namespace.lower(), prefix or "")
    return f"{known.lower()}_{local.lower()}" if known else local.lower()
