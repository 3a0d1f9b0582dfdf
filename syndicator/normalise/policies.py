"""What may stay in HTML, by where it is shown: three tables, and the nh3 cleaners made from them.

feed   what is stored and published; readers' programs clean it again
web    inside our own pages
mail   inside a mail: nothing that plays, pictures by https only and no wider than a mail
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, NamedTuple

import nh3

if TYPE_CHECKING:
    from collections.abc import Mapping

Name = Literal["feed", "web", "mail"]


class Policy(NamedTuple):
    """One row of the table; everything that is not named goes."""

    tags: frozenset[str]
    added: Mapping[str, Mapping[str, str]]  # element → attributes that it always gets
    rel: str | None  # of links
    has_media: bool = True  # otherwise sound and film become links
    image_schemes: tuple[str, ...] = ("http", "https")
    image_width: int | None = None  # CSS pixels


_TEXT: Final = frozenset({
    "a", "abbr", "address", "article", "aside", "b", "bdi", "bdo", "blockquote", "br", "caption", "center",
    "cite", "code", "col", "colgroup", "dd", "del", "dfn", "dir", "div", "dl", "dt", "em", "figcaption",
    "figure", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hgroup", "hr", "i", "img", "ins",
    "kbd", "li", "main", "mark", "menu", "nav", "ol", "p", "pre", "q", "rp", "rt", "ruby", "s", "samp",
    "section", "small", "span", "strike", "strong", "sub", "sup", "table", "tbody", "td", "tfoot", "th",
    "thead", "time", "tr", "tt", "u", "ul", "var", "wbr",
})  # fmt: skip
_MEDIA: Final = frozenset(("audio", "source", "video"))
_FOLDING: Final = frozenset(("details", "summary"))
_WITH_CONTENT: Final = frozenset({  # go with what is in them: it is no text for readers
    "math", "noembed", "noframes", "plaintext", "script", "select", "style", "svg", "template", "textarea",
    "title", "xmp",
})  # fmt: skip
_ATTRIBUTES: Final[Mapping[str, frozenset[str]]] = {
    "*": frozenset(("lang", "dir", "title")),
    "a": frozenset(("href", "hreflang")),
    "audio": frozenset(("src",)),
    "blockquote": frozenset(("cite",)),
    "col": frozenset(("span",)),
    "del": frozenset(("cite", "datetime")),
    "img": frozenset(("src", "alt", "width", "height")),
    "ins": frozenset(("cite", "datetime")),
    "li": frozenset(("value",)),
    "ol": frozenset(("start", "reversed")),
    "q": frozenset(("cite",)),
    "source": frozenset(("src", "type")),
    "td": frozenset(("colspan", "rowspan")),
    "th": frozenset(("colspan", "rowspan", "scope")),
    "time": frozenset(("datetime",)),
    "video": frozenset(("src", "poster", "width", "height")),
}
_SCHEMES: Final = frozenset(("http", "https", "mailto"))
_PLAYED: Final = {"audio": {"controls": ""}, "video": {"controls": ""}}
_FETCHED_LATE: Final = {
    "audio": {"controls": "", "preload": "none"},
    "video": {"controls": "", "preload": "none"},
    "img": {"loading": "lazy", "referrerpolicy": "no-referrer"},
}

POLICIES: Final[Mapping[Name, Policy]] = {
    "feed": Policy(tags=_TEXT | _MEDIA | _FOLDING, added=_PLAYED, rel="noopener noreferrer"),
    "web": Policy(tags=_TEXT | _MEDIA | _FOLDING, added=_FETCHED_LATE, rel="noopener nofollow ugc"),
    "mail": Policy(
        tags=_TEXT, added={}, rel=None, has_media=False, image_schemes=("https",), image_width=600
    ),
}


def _cleaner(policy: Policy) -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=set(policy.tags),
        clean_content_tags=set(_WITH_CONTENT),
        attributes={
            tag: set(names) for tag, names in _ATTRIBUTES.items() if tag in policy.tags or tag == "*"
        },
        url_schemes=set(_SCHEMES),
        url_relative="deny",
        link_rel=policy.rel,
        set_tag_attribute_values={tag: dict(values) for tag, values in policy.added.items()},
    )


CLEANERS: Final[Mapping[Name, nh3.Cleaner]] = {name: _cleaner(policy) for name, policy in POLICIES.items()}
