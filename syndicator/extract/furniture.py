"""What stands around an article on its page: menus, share bars, other articles, boxes that ask for mail.

Three kinds of sign, from sure to weak: an element's name and role, the words of its class and id, and the
wording of a short block. The tables are literals: a site that needs a word more gets a word more.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from syndicator.extract.tree import BLOCKS

if TYPE_CHECKING:
    from lxml.html import HtmlElement

    from syndicator.extract.blocks import Block

_TAGS: Final = frozenset(("nav", "aside", "footer", "menu", "form", "dialog"))
_ROLES: Final = frozenset((
    "navigation", "banner", "complementary", "contentinfo", "search", "dialog", "alertdialog", "menu",
    "menubar", "toolbar", "tablist",
))  # fmt: skip
# Fit the beginning of one name of a class or id, after words that say where it stands: `article-share-bar`,
# `c-article__share`. In the middle it is a modifier: `main-with-sidebar`, `label-hidden`.
_NAMES: Final = re.compile(
    r"""(?:(?:js|c|m|o|l|u|site|page|post|entry|article|story|content|main|single|td|wp|block|module
    |component|section|l-grid)[_-]+)*(?:
      share(?!d?-?holder)|sharing|sharedaddy|addtoany|addthis|social|bdshare|bshare|jiathis|at-?share|a2a
      |related|jp-relatedposts|yarpp|recommend|recirc|most-?(?:popular|read|viewed|shared)|popular
      |trending|also-?(?:read|like)|read-?(?:next|also)|more-?(?:stories|articles|news|from|on|posts|like)
      |next-?(?:article|post|story|prev)|prev-?next|navigation|nav(?:bar|-?links?)?(?![a-z])|up-?next
      |further-?reading|see-?also|outbrain|taboola|revcontent|zergnet
      |newsletter|subscri(?:be|ption)|sign-?up|mc_embed|mailchimp|cookie|consent|gdpr|onetrust|truste
      |breadcrumb|pagination|pager(?![a-z])|page-?nav|skip-?link|tool-?bar|top-?bar|site-?(?:header|footer
      |nav)|masthead
      |comments?(?![a-z])|respond(?![a-z])|disqus|livefyre
      |side-?bar|widget|tags?-?(?:list|links|cloud|box|wrap)|tags(?![a-z])|tagcloud
      |author-?(?:bio|box|card|info|profile)|about-?(?:the-)?author|bio-?box
      |advert|ads?(?![a-z])|adsense|adsbygoogle|dfp|gpt-?ad|google-?ad|sponsor|promo(?![a-z]{2})|promotion
      |print-?(?:header|footer|only|logo|info)|pop-?up|modal|overlay|lightbox|gallery-?overlay
      |paywall-?(?:prompt|message|banner|overlay)
      |rating(?:s|box)?(?![a-z])|rate-?this|donat(?:e|ion)|log-?in|copyright|disclaimer|screen-?reader
      |visually-?hidden|sr-?only|a11y
      |meta(?![a-z])|footer|post-?info|tools(?![a-z])|byline|attribution|follow(?:-?us|-?buttons?
      |-?links?)?(?![a-z])
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_CAMEL: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")
_HIDDEN: Final = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_KEPT: Final = frozenset(("html", "body", "article", "main", "table", "tbody", "tr"))
_SHARE: Final = 0.25  # of the page's paragraphs: what holds more is no furniture, whatever it is called

# Headings under which other articles are listed, and lines that lead away.
_LEADING_AWAY: Final = re.compile(
    r"""(?:
      (?:read|see|watch|find\ out|learn)\s+(?:more|also|next|full)|read\s+(?:the\s+)?(?:full|original
      |related)\b.*|also\s+(?:read|see|on)|see\s+also|up\s+next|don['’]t\s+miss|more\s*:
      |(?:you\s+(?:may|might|could|will)\s+(?:also\s+)?(?:like|enjoy|be\s+interested))
      |recommended(?:\s+(?:for\s+you|reading|stories|articles|videos?))?
      |related(?:\s+(?:articles?|stories|posts?|news|content|topics?|links?|coverage|reading|items?|tags?))?
      |further\s+reading|more\s+(?:from|on|stories|news|like|in|about)\b.*
      |(?:most|popular|trending|latest|top)\s+(?:popular|read|viewed|shared|commented|stories|articles?
      |posts?|news)\b.*|trending(?:\s+now)?|editors?['’]?s?\s+picks?
      |check\s+out\s+(?:our\s+)?other\b.*|what\s+to\s+read\s+next|(?:previous|next)\s+(?:article|post|story)
      |in\s+(?:this|other)\s+(?:section|news)
      |share\s+(?:this|on|via|article)\b.*|share|follow\s+us\b.*|filed\s+under|tags?|topics?|categories
      |comments?|leave\s+a\s+(?:comment|reply)|\d+\s+comments?|advertisement|sponsored(?:\s+content)?
      |story\s+continues\b.*|continue\s+reading\b.*
      |(?:lesen|lies)\s+(?:sie\s+)?(?:auch|mehr|dazu)|mehr\s+(?:zum\s+thema|dazu|lesen)|weiterlesen
      |auch\s+interessant|das\s+könnte\s+(?:sie|dich)\s+(?:auch\s+)?interessieren|verwandte\s+(?:artikel
      |themen|beiträge)|ähnliche\s+(?:artikel|beiträge)|anzeige|themen
      |lire\s+(?:aussi|plus|la\s+suite)|à\s+lire\s+(?:aussi|également)|voir\s+aussi
      |articles?\s+(?:similaires?|liés?)|sur\s+le\s+même\s+sujet
      |lea\s+también|le(?:er|a)\s+más|te\s+puede\s+interesar|(?:artículos|noticias|temas)\s+relacionad[ao]s
      |leia\s+(?:também|mais)|veja\s+(?:também|mais)|(?:artigos|notícias)\s+relacionad[ao]s|leggi\s+anche
      |lees\s+(?:ook|meer)|läs\s+(?:också|mer)|читайте\s+также|смотрите\s+также
      |相关(?:阅读|新闻|文章|链接|报道|推荐|专题)|相關(?:閱讀|新聞|文章|報導|連結)|延伸(?:阅读|閱讀)|推荐(?:阅读|文章|新闻)?|推薦(?:閱讀|文章|新聞)?|更多(?:阅读
      |新闻|精彩|内容|报道|閱讀|新聞|文章).{0,12}|猜你喜欢|热门(?:文章|新闻|推荐|评论)|热点(?:新闻|推荐)|阅读原文|阅读全文|点击(?:查看|阅读).{0,12}|上一篇.*
      |下一篇.*|分享到?.{0,12}|标签|标签|关键词|广告|評論|评论|扫(?:一扫|码).{0,20}|関連(?:記事|ニュース|リンク).{0,6}|あわせて読みたい|관련\s*기사
    )\s*[:：>»›…]*\s*""",
    re.IGNORECASE | re.VERBOSE,
)
# Whole lines at an article's end that speak about the publisher.
_IMPRINT: Final = re.compile(
    r"""(?:^|[\s(\[【（])(?:
      follow\s+(?:us|me|him|her|them|@\w+|[\w\s]{1,40})\s+on\s+(?:twitter|facebook|instagram|x\b|linkedin
      |youtube|social)|sign\s+up\s+(?:for|to)\b|subscribe\s+(?:to|now|here|today|for)\b
      |(?:click|tap)\s+here\s+(?:to|for)\b|by\s+clicking\s+here|download\s+(?:the|our)\s+\w*\s*app
      |all\s+rights\s+reserved|this\s+material\s+may\s+not\s+be|©|copyright\s+(?:©|\d{4})|get\s+(?:the
      |our)\s+(?:latest|daily|free)\b.{0,60}\b(?:inbox|newsletter|e-?mail)
      |write\s+to\s+[\w.\s]{1,40}\bat\s+\S+@|contact\s+(?:the\s+)?(?:author|reporter|writer)s?\b|(?:reach
      |e-?mail)\s+(?:the\s+)?(?:reporters?|author|writer|him|her|me)\b|send\s+(?:us\s+)?(?:tips|feedback)
      |have\s+a\s+(?:tip|story)\?
      |(?:reporting|writing|editing|additional\s+reporting|compiled|translated|edited)\s+by\s+[A-Z]
      |our\s+standards|(?:this|the)\s+(?:post|article)\s+(?:first\s+)?(?:appeared
      |was\s+originally\s+published)|join\s+(?:the\s+conversation|our\s+(?:mailing|newsletter|telegram
      |whatsapp))
      |责任编辑|责编|编辑[:：]|作者[:：]|来源[:：]|记者[:：]|本文(?:来源|来自|转自|作者)|版权(?:所有|声明)|转载请|未经.{0,6}授权|关注(?:我们|公众号|微信)
      |长按.{0,8}(?:二维码|识别)|扫描.{0,8}二维码|責任編輯|編輯[:：]|記者[:：].{0,10}$|免责声明|举报|返回搜狐|特别声明
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_MAX_IMPRINT: Final = 240  # characters: a longer block tells something


def prune(body: HtmlElement, blocks: list[Block]) -> list[Block]:
    """Drop what names give away, but nothing that holds a good part of the prose; give the blocks left."""
    found = [element for element in body.iter(*BLOCKS) if is_furniture(element)]
    prose = {block.element: block.weight for block in blocks if block.is_prose}
    bearable = _SHARE * sum(prose.values())
    gone: set[Any] = set()
    for element in found:
        if not any(parent in gone for parent in element.iterancestors()) and (
            sum(prose.get(each, 0) for each in element.iter()) <= bearable
        ):
            gone.add(element)
    inside = {each for element in gone for each in element.iter()}
    for element in gone:
        element.drop_tree()
    return [block for block in blocks if block.element not in inside]


def is_furniture(element: Any) -> bool:
    """Whether an element's name, role, class or id says so."""
    tag = element.tag
    if tag in _TAGS:
        return True
    said = dict(element.items())
    if not said or tag in _KEPT:
        return False
    if said.get("role") in _ROLES or "hidden" in said or said.get("aria-hidden") == "true":
        return tag not in ("img", "i", "span")
    if "style" in said and _HIDDEN.search(said["style"][:200]):
        return True
    names = said["class"][:300].split() if "class" in said else []
    return any(_names_furniture(name) for name in (*names, said.get("id", "")[:300]))


@lru_cache(maxsize=8192)  # pages of one source, and of one kind of software, use the same few hundred names
def _names_furniture(name: str) -> bool:
    """Whether a class or id does; of `block__element--modifier` both block and element are read."""
    plain = _CAMEL.sub("-", name).partition("--")[0]
    return any(_NAMES.match(part) for part in {plain, plain.rpartition("__")[2]})


def leads_away(text: str) -> bool:
    """Whether a short line is a heading over, or a link to, other articles: `Read more: …`, `相关阅读`."""
    found = _LEADING_AWAY.match(text)
    return found is not None and (
        found.end() == len(text)
        or text[found.end() - 1 : found.end()] in ":：>»›"
        or found[0].rstrip().endswith((":", "："))
    )


def is_imprint(text: str) -> bool:
    """Whether a line speaks of the publisher: who edited it, where to follow, what may not be copied."""
    return len(text) <= _MAX_IMPRINT and _IMPRINT.search(text) is not None
