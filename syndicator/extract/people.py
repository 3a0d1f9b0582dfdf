"""Who wrote it, out of lines such as `By Ann Lee, Science Editor | 3 March` and `文/张三`."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX: Final = 10  # names
_LONGEST: Final = 60
_BY: Final = r"by|von|vom|par|por|di|door|av|af|przez|autor:?|автор:?"
_CAPITAL: Final = r"(?-i:(?=[A-ZÀ-Þ]))"
# What stands before a name: links to all that somebody wrote, a role, a word for `by`.
_LEAD: Final = re.compile(
    rf"""^\W*(?:
      (?:(?:view\s+)?(?:all\s+)?(?:posts?|articles?|stories)|(?:alle\s+)?(?:beitr[aä]ge?|artikel)
        |(?:tous\s+les\s+)?articles|bild\s+des\s+benutzers|profile?\s+(?:of|von)|about|über)
        \s*(?:(?:{_BY})\b)?[\s:]+
      |(?:(?:guest|gast)\s*)?(?:authors?|autor(?:in|en|a|e)?s?|auteure?s?|autrice|verfasser(?:in)?|skribent
        |forfatter|redakteur(?:in)?|reporter|text|words|story|written|posted|published|reported|report(?:ing)?
        |submitted|geschrieben|verfasst|veröffentlicht|eingereicht|publié|écrit|rédigé|escrito|publicado|texto?
        |scritto|skrevet|geschreven|ein\s+(?:beitrag|kommentar|artikel))
        (?:\s*[:：|/]\s*|\s+(?:{_BY})\b[\s:]*|(?<=s)\s+|\s+{_CAPITAL})
      |(?:{_BY})[\s:：]+
      |(?:本报|本刊|本网|本站|特约|新华社|中新社|央视|通讯员|实习)*
        (?:作\s?者|记\s?者|記\s?者|撰\s?文|文|编译|采写|通讯员|編譯)
        \s*(?:[:：/／|丨]\s*|\s+|(?=[\u4e00-\u9fff]{{2,4}}$))
      |(?:取材・文|文|著者|執筆者?|筆者|ライター|글|기자)\s*[:：/＝=]\s*
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_INNER_BY: Final = re.compile(r"(?:^|[\s\d])(?:by|von|par|por)\s+(?=[A-ZÀ-Þ])")
_PIECES: Final = re.compile(
    r"""\s*(?:(?:来源|來源|责任编辑|責任編輯|编辑|編輯|时间|時間|发布|發布)\s*[:：].*|[|•·»;\n\t]|\s[-–—]\s|\s@\s)\s*""",
    re.VERBOSE,
)
_PARENTHESIS: Final = re.compile(r"\s*[(\[（][^()\[\]（）]*(?:[)\]）]|$)\s*")
_DIGITS: Final = re.compile(r"(?:\s(?:on|am|le|el|vom|at|den|,))?[,\s]+\d.*$", re.DOTALL)
# What stands after a name: a place or a day, an office, an agency.
_REST: Final = re.compile(
    r"""(?:\s(?:am|on|le|el|vom|den|at|for|für|pour|zum|im|in|says|schreibt|sagt)\s.*
      |,?\s(?:mo|di|mi|do|fr|sa|so|mon|tue|wed|thu|fri|sat|sun)\b[.,]?\s*)$""",
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)
_OFFICE: Final = re.compile(
    r"""(?:,\s*|\s+)(?:
      (?:(?:games?|sports?|science|political|senior|chief|news|business|tech(?:nology)?|health|staff|deputy
        |managing|associate|contributing|foreign|economics?|arts?|culture|guest|freelance|special)\s+){0,2}
      (?:editor(?:-in-chief|-at-large)?|correspondent|reporter|columnist|writer|contributor|producer|staff|analyst
        |redakteur(?:in)?|korrespondent(?:in)?|reporter(?:in)?|chefredakteur(?:in)?|journalist(?:in|e)?|periodista)
      |dpa|afp|reuters|ap|sid|epd|kna)$""",
    re.IGNORECASE | re.VERBOSE,
)
_SPLIT: Final = re.compile(
    r"""\s*[,、，/／;；]\s*(?:(?i:and|und|et)\s+)?|\s+(?:(?i:and|und|et)|y|e|og|och|en|&|и|和|與|与)\s+
      |(?<=[\u4e00-\u9fff])\s+(?=[\u4e00-\u9fff])""",
    re.VERBOSE,
)
_NOBODY: Final = re.compile(
    r"""^\W*$|^\d|^copyright|https?:|www\.|@|\d{2}|[{}<>=\\]|\.(?:com|html?|php)$|^(?:
      admin|administra(?:tor|dor)|root|(?:super|web)?\s?user|username|null|none|false|undefined|unknown
      |anonym(?:ous|e|o|us)?|anónimo|guest|gast|webmaster|publisher|(?:the\s)?authors?|autor(?:en|in)?|auteur
      |unbenannt|default|test|posted|on|in|by|von|follow|(?:read\s)?more|mehr|share|teilen|contact|about|log\s?in
      |sign\sin|subscribe|comments?|kommentare?|date|datum|twitter|facebook|instagram|e-?mail|profile?|website
      |all\srights\sreserved|gesponserte\sinhalte|sponsored|advertisement|anzeige|home|menu|print|drucken
      |creator\sname)$""",
    re.IGNORECASE | re.VERBOSE,
)
# Words of houses, desks, links and calendars. April, May, June and August are people's names too.
_NO_PERSON: Final = re.compile(
    r"""^(?:der|die|das|el|la|le)\s|\b(?:gmbh|ag|inc|ltd|llc|kg|co|e\.?\s?v|s\.?a|verlag|redaktion\w*|redactie|redacci[oó]n|r[eé]daction
      |redazione|redação|editorial|editors?|team|staff|news\w*|online|magazine?|media|medien|presse?\w*|agenc\w+
      |agentur|verband|bundes\w+|institut\w*|universit\w+|ministerium|stiftung|zeitung|times|post|journal|radio
      |tv|desk|bureau|services?|group|gruppe|company|users?|admin|contributors?|partners?|club|verein|board|society
      |association|foundation|center|centre|committee|council|department|project|network|studio|academy|school
      |college|archiv\w*|blog\w*|portal|shop|store|inhalte|content|comments?|articles?|artikel|beitr\w+|posts
      |stories|read|more|mehr|view|all|alle|follow|über|about|uns|us|our|the|account|registrieren
      |register|anmelden|impressum|with|mit|avec|foto\w*|photos?|bild\w*|image|video\w*|quelle|source|sign|log
      |share|teilen|kommentar\w*|bio|biography|updated?|published|january|february|july|september|october|november
      |december|monday|tuesday|wednesday|thursday|friday|saturday|sunday|januar|februar|juni|juli|oktober|dezember
      |montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag|uhr|germany|deutschland)\b""",
    re.IGNORECASE | re.VERBOSE,
)
_PARTICLES: Final = frozenset((
    "de", "da", "do", "dos", "das", "del", "della", "di", "du", "des", "la", "le", "el", "al", "bin", "ibn",
    "ben", "van", "von", "vom", "der", "den", "zu", "zur", "ter", "ten", "y", "af", "av", "und", "e",
))  # fmt: skip
_EDGES: Final = " .,;:|·-–—()[]\"'“”/"
_WORD: Final = re.compile(r"[^\W\d_](?:[^\W\d_]|['’.\-])*")
# The surnames that nearly all Chinese bear, in both scripts.
_HAN_NAME: Final = re.compile(
    "(?:欧阳|歐陽|司马|司馬|诸葛|諸葛|上官|夏侯|皇甫|尉迟|公孙|慕容|令狐|["
    "王李张張刘劉陈陳杨楊赵趙黄黃周吴吳徐孙孫胡朱高林何郭马馬罗羅梁宋郑鄭谢謝韩韓唐冯馮于董萧蕭程曹袁"
    "邓鄧许許傅沈曾彭吕呂苏蘇卢盧蒋蔣蔡贾賈丁魏薛叶葉阎閻余潘杜戴夏钟鍾汪田任姜范範方石姚谭譚廖邹鄒熊"
    "金陆陸郝孔白崔康毛邱秦江史顾顧侯邵孟龙龍万萬段雷钱錢汤湯尹黎易常武乔喬贺賀赖賴龚龔文庞龐樊兰蘭殷"
    "施陶洪翟安颜顏倪严嚴牛温溫芦季俞章鲁魯葛伍韦韋申尤毕畢聂聶丛叢焦向柳邢路岳齐齊梅莫庄莊辛管祝左涂"
    "谷祁时舒耿牟卜詹关關苗凌费費纪紀靳盛童欧歐甄项項曲成游阳裴席卫衛查屈鲍鮑位覃霍翁隋植甘景薄单單包"
    "司柏宁寧柯阮桂闵解强柴华車车冉房边"
    "])[\u4e00-\u9fff]{1,2}"
)


def names(text: str) -> tuple[str, ...]:
    """Give the names in a line; what is no line of authors gives none."""
    text = " ".join(unescape(text[:400]).split())
    kept = [name for piece in _PIECES.split(text) for name in _split(_cleaned(piece))]
    kept = [name for name in kept if 2 <= len(name) <= _LONGEST and not _NOBODY.search(name)]
    return unique([name for name in kept if is_person(name)] or kept[:1])


def is_person(name: str) -> bool:
    """Whether it is made like a person's name: words with capitals, none of which names a house."""
    if _HAN_NAME.fullmatch(name):
        return True
    words = name.split()
    if not 2 <= len(words) <= 7 or _NO_PERSON.search(name):
        return False
    own = [word for word in words if word not in _PARTICLES]
    return (
        2 <= len(own) <= 4
        and all(word[0].isupper() and _WORD.fullmatch(word) for word in own)
        and any(len(word) > 2 for word in own)
    )


def unique(found: Iterable[str]) -> tuple[str, ...]:
    """Drop what was said before; at most ten."""
    return tuple({name.casefold(): name for name in reversed(list(found)[: 2 * MAX])}.values())[::-1][:MAX]


def _cleaned(piece: str) -> str:
    if inner := list(_INNER_BY.finditer(piece)):
        piece = piece[inner[-1].end() :]
    for _ in range(3):
        shorter = _LEAD.sub("", piece)
        if shorter == piece:
            break
        piece = shorter
    piece = _DIGITS.sub("", _PARENTHESIS.sub(" ", piece)).strip(_EDGES)
    for pattern in (_REST, _OFFICE):
        shorter = pattern.sub("", piece).strip(_EDGES)
        if is_person(shorter):
            piece = shorter
    return piece


def _split(name: str) -> list[str]:
    """Cut a list of persons; a house that has `und` in its name stays whole."""
    pieces = [
        piece for piece in (_OFFICE.sub("", each).strip(_EDGES) for each in _SPLIT.split(name)) if piece
    ]
    if len(pieces) > 1 and all(is_person(piece) for piece in pieces):
        return pieces
    first, comma, _ = name.partition(",")
    if comma and len(first.split()) > 1:
        name = first
    if len(pieces) > 1 and is_person(pieces[0]):
        return [piece for piece in pieces if is_person(piece)]
    return [name] if len(name.split()) <= 6 else []
