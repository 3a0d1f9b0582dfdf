"""What is the same to a rule, and what is not, in many languages: one row a case.

`=` both sides are cut into the same tokens. `≠` neither side is found in the other. `:` the right side is the
tokens, one space between them.
"""

from __future__ import annotations

import pytest

from syndicator.text import fold, spans, tokens

SHY, ZWSP, ZWNJ, ZWJ, WJ, BOM = "\u00ad", "\u200b", "\u200c", "\u200d", "\u2060", "\ufeff"
ACUTE, UMLAUT, DOT, OGONEK, RING = "\u0301", "\u0308", "\u0307", "\u0328", "\u030a"

CASES = {
    "en": [
        ("scam", "≠", "scampi"),
        ("scam", "≠", "escamillo"),
        ("scam", "=", "SCAM"),
        ("china", "≠", "Machina"),
        ("china", "≠", "Chinatown"),
        ("china", "≠", "Indochina"),
        ("China's", "=", "china"),
        ("CHINA’S", "=", "china"),
        ("China＇s", "=", "china"),
        ("students’", "=", "students"),
        ("James's", "=", "james"),
        ("its", "≠", "it's"),
        ("we're", "≠", "were"),
        ("don’t", "=", "don't"),
        ("o'clock", "=", "o’clock"),
        ("cyber-fraud", "=", "cyber fraud"),
        ("cyber–fraud", "=", "cyber fraud"),
        ("cyber\u2011fraud", "=", "cyber-fraud"),
        ("cyber—fraud", "=", "cyber-fraud"),
        ("cyber-fraud", "≠", "cyberfraud"),
        ("e-mail", "≠", "email"),
        (f"cyber{SHY}fraud", "=", "cyberfraud"),
        (f"sc{ZWSP}am", "=", "scam"),
        (f"s{WJ}c{ZWJ}am{BOM}", "=", "scam"),
        ("\u202escam\u202c", "=", "scam"),
        ("ｓｃａｍ", "=", "scam"),
        ("𝓼𝓬𝓪𝓶", "=", "scam"),
        ("ⓢⓒⓐⓜ", "=", "scam"),
        ("ﬁnance", "=", "finance"),
        ("oﬀer", "=", "offer"),
        ("ﬂoods", "≠", "foods"),
        ("naïve", "=", "naive"),
        (f"nai{UMLAUT}ve", "=", "naïve"),
        ("Beyoncé's", "=", "beyonce"),
        ("résumé", "=", "RESUME"),
        ("coöperate", "=", "cooperate"),
        ("encyclopædia", "=", "encyclopaedia"),
        ("3½", ":", "31 2"),
        ("x²", ":", "x2"),
        ("№ 5", ":", "no 5"),
        ("Chapter Ⅷ", ":", "chapter viii"),
        ("1,000.50", ":", "1 000 50"),
        ("AT&T", ":", "at t"),
        ("snake_case", ":", "snake case"),
        ("#5G-rollout", ":", "5g rollout"),
        ("a/b testing", ":", "a b testing"),
        ("I ❤️ tea", ":", "i tea"),
        ("🇨🇳 trade", ":", "trade"),
        ("scam", "≠", "sсam"),  # the second letter is Cyrillic
        ("rock ‘n’ roll", ":", "rock n roll"),
        ("\u2126 resistor", "=", "ω resistor"),  # the sign for ohm
        ("5 \u00b5m", "=", "5 \u03bcm"),  # the sign for micro
    ],
    "fr": [
        ("l’eau", "=", "eau"),
        ("L'Oréal", "=", "oreal"),
        ("d’été", "=", "ete"),
        ("qu’elle", "=", "elle"),
        ("jusqu'ici", "=", "ici"),
        ("lorsqu’il", "=", "il"),
        ("s'appelle", "=", "appelle"),
        ("c’est", "=", "est"),
        ("l'homme", "=", "homme"),
        ("aujourd’hui", "=", "aujourd'hui"),
        ("aujourd'hui", "≠", "hui"),
        ("cœur", "=", "coeur"),
        ("ŒUVRE", "=", "oeuvre"),
        ("garçon", "=", "garcon"),
        ("À bientôt", "=", "a bientot"),
        ("Noël", "=", f"Noe{UMLAUT}l"),
        ("« fraude »", ":", "fraude"),
        ("peut-être", ":", "peut etre"),
        ("pays", "≠", "paysage"),
    ],
    "de": [
        ("Straße", "=", "STRASSE"),
        ("STRAẞE", "=", "strasse"),
        ("Müller", "=", "Muller"),
        ("Müller", "≠", "Mueller"),
        (f"Mu{UMLAUT}ller", "=", "Müller"),
        ("Größe", "=", "GRÖSSE"),
        ("Betrug", "≠", "Betrugsfall"),
        ("„Betrug“", ":", "betrug"),
        ("Baden-Württemberg", ":", "baden wurttemberg"),
        ("geht's", "=", "geht"),
        ("ſtraße", "=", "strasse"),
        ("Maße", "≠", "Maß"),
    ],
    "it": [
        ("dell’arte", "=", "arte"),
        ("l'altro", "=", "altro"),
        ("un’altra", "=", "altra"),
        ("nell'acqua", "=", "acqua"),
        ("quest’anno", "=", "anno"),
        ("gl'inglesi", "=", "inglesi"),
        ("città", "=", "citta"),
        (f"perche{ACUTE}", "=", "perché"),
        ("perche\u0300", "=", "perché"),
        ("po' di", ":", "po di"),
        ("c’è", "=", "e"),
    ],
    "es": [
        ("España", "=", "ESPANA"),
        ("año", "=", "ano"),
        ("¿Estafa?", ":", "estafa"),
        ("¡estafa!", "=", "estafa"),
        ("pingüino", "=", "pinguino"),
        ("estafa", "≠", "estafador"),
        ("n\u0303", "=", "ñ"),
        ("1.º", ":", "1 o"),
        ("Córdoba", "=", "CORDOBA"),
    ],
    "pt": [
        ("São Paulo", "=", "sao paulo"),
        ("corrupção", "=", "corrupcao"),
        ("corrupc\u0327a\u0303o", "=", "corrupção"),
        ("guarda-chuva", ":", "guarda chuva"),
        ("pôde", "=", "pode"),
        ("d’água", "=", "água"),
        ("avó", "=", "avô"),
    ],
    "ca": [("col·lecció", ":", "col leccio"), ("l'ull", "=", "ull"), ("d’Andorra", "=", "andorra")],
    "nl": [
        ("’s-Hertogenbosch", ":", "s hertogenbosch"),
        ("ĳs", "=", "ijs"),
        ("coördinatie", "=", "coordinatie"),
    ],
    "pl": [
        ("Łódź", "=", "LODZ"),
        ("oszustwo", "≠", "oszust"),
        ("żółć", "=", "zolc"),
        (f"ka{OGONEK}t", "=", "kąt"),
        ("Gdańsk", "=", "gdansk"),
        ("Wałęsa", "=", "Walesa"),
    ],
    "cs": [("Žluťoučký kůň", "=", "zlutoucky kun"), (f"ku{RING}n", "=", "kůň"), ("Čína", "=", "CINA")],
    "hu": [("Győr", "=", "gyor"), ("csalás", "=", "CSALÁS"), ("őr", "=", "ör")],
    "ro": [("știri", "=", "ştiri"), ("ȚARĂ", "=", "tara"), ("într-un", ":", "intr un")],
    "sv": [
        ("Malmö", "=", "MALMO"),
        ("bedrägeri", "=", "bedrageri"),
        ("Å", "=", "a"),
        ("Å", "=", "\u212b"),  # the sign for ångström
        (f"A{RING}ngström", "=", "ångström"),
        ("Kina", "≠", "maskinarbete"),
    ],
    "da": [("Ærø", "=", "aero"), ("København", "=", "kobenhavn"), ("århus", "≠", "aarhus")],
    "fi": [
        ("Jyväskylä", "=", "jyvaskyla"),
        ("Kiina", "≠", "Kiinan"),
        ("linja-auto", ":", "linja auto"),
        ("EU:n", ":", "eu n"),
    ],
    "is": [("Þjóð", "=", "þjoð"), ("þ", "≠", "th"), ("ð", "≠", "d")],
    "tr": [
        ("İstanbul", "=", "istanbul"),
        ("ISTANBUL", "=", "istanbul"),
        ("ısı", "=", "ISI"),
        ("Diyarbakır", "=", "DİYARBAKIR"),
        (f"I{DOT}stanbul", "=", "İstanbul"),
        ("Türkiye'nin", "=", "türkiye’nin"),
        ("Çin", "=", "cin"),
        ("ağ", "=", "ag"),
    ],
    "vi": [
        ("Việt Nam", "=", "viet nam"),
        ("Vie\u0323\u0302t", "=", "Việt"),
        ("Vie\u0302\u0323t", "=", "Việt"),
        ("Đà Nẵng", "=", "DA NANG"),
        ("lừa đảo", "=", "lua dao"),
        ("Nguyễn", "=", "NGUYỄN"),
    ],
    "el": [
        ("ΟΔΥΣΣΕΥΣ", "=", "Οδυσσεύς"),
        ("σοφος", "=", "σοφοσ"),
        ("Αθήνα", "=", "ΑΘΗΝΑ"),
        ("Ἀθῆναι", "=", "αθηναι"),
        ("ᾅδης", "≠", "αδης"),  # the iota below is a letter: αιδησ
        ("μαΐου", "=", "ΜΑΪΟΥ"),
        ("απάτη", "≠", "απάτης"),
        ("ϐ", "=", "β"),
        ("Κίνα", "≠", "Κινα\u0370"),
    ],
    "ru": [
        ("Ёлка", "=", "елка"),
        (f"Е{UMLAUT}лка", "=", "ёлка"),
        ("йод", "≠", "иод"),
        ("и\u0306од", "=", "йод"),
        ("МОСКВА", "=", "Москва"),
        ("мошенник", "≠", "мошенники"),
        ("Санкт‑Петербург", ":", "санкт петербург"),
        ("«Китай»", ":", "китай"),
        (f"за{ACUTE}мок", "≠", "замок"),  # a stress mark is a mark
    ],
    "uk": [
        ("п’ять", "=", "п'ять"),
        ("пʼять", "=", "п'ять"),
        ("Київ", "≠", "Киів"),
        ("Ки\u0456\u0308в", "=", "Київ"),
        ("Ґанок", "≠", "Ганок"),
        ("ШАХРАЇ", "=", "шахраї"),
        ("об'єкт", "≠", "обєкт"),
    ],
    "ar": [
        ("كـتـاب", "=", "كتاب"),
        ("احتيــــال", "=", "احتيال"),
        ("كِتاب", "≠", "كتاب"),
        ("ﻛﺘﺎﺏ", "=", "كتاب"),  # forms for print
        ("ﷺ", ":", "صلى الله عليه وسلم"),
        ("ﻻ", "=", "لا"),
        ("٣", "≠", "3"),
        ("الصين،", ":", "الصين"),
        ("الصين", "≠", "والصين"),
        ("\u200fالصين\u200f", "=", "الصين"),
        ("أ", "≠", "ا"),
    ],
    "fa": [(f"می{ZWNJ}خواهم", "=", "میخواهم"), ("کتاب", "≠", "كتاب"), ("۵", "≠", "٥")],
    "he": [
        ("מִלָּה", "≠", "מלה"),
        ("צה״ל", ":", "צה ל"),
        ("צ׳ק", "=", "צ'ק"),
        ("תל־אביב", ":", "תל אביב"),
        ("\ufb2a", "=", "ש\u05c1"),
        ("סין", "≠", "בסין"),
        ("\u202bסין\u202c", "=", "סין"),
    ],
    "hi": [
        ("हिन्दी", "≠", "हिंदी"),
        ("धोखाध\u095cी", "=", "धोखाधड\u093cी"),
        ("चीन", ":", "चीन"),
        ("चीन", "≠", "चीनी"),
        ("की", "≠", "कि"),
        (f"क्{ZWJ}ष", "=", "क्ष"),
        ("समाचार।", ":", "समाचार"),
        ("\u0958", "=", "क\u093c"),
    ],
    "bn": [("কো", "=", "ক\u09c7\u09be"), ("চীন", "≠", "চিন"), ("খবর।", ":", "খবর")],
    "ta": [("தமிழ்", "≠", "தமிழ"), ("கொ", "=", "க\u0bc6\u0bbe"), ("சீனா செய்தி", ":", "சீனா செய்தி")],
    "th": [
        ("ไทย", ":", "ไ ท ย"),
        ("ภาษี", ":", "ภ า ษี"),
        ("น้ำ", "=", "น\u0e49\u0e4dา"),
        ("หลอกลวง", "=", f"หลอก{ZWSP}ลวง"),
        ("ปา", "≠", "ป่า"),
        ("ประเทศไทย 5G", ":", "ป ร ะ เ ท ศ ไ ท ย 5g"),
        ("จีน", "≠", "จิน"),
    ],
    "lo": [
        ("ລາວ", ":", "ລ າ ວ"),
        ("ຂ່າວ", ":", "ຂ່ າ ວ"),
        ("ຂ່າວ", "≠", "ຂາວ"),
        ("ຈີນ", ":", "ຈີ ນ"),
        ("ໜ", "=", "ຫນ"),
    ],
    "km": [
        ("ខ្មែរ", ":", "ខ្ មែ រ"),
        ("ភាសា", ":", "ភា សា"),
        ("ចិន", "≠", "ចិត"),
        (f"ភាសា{ZWSP}ខ្មែរ", "=", "ភាសាខ្មែរ"),
        ("កំ", "≠", "ក"),
    ],
    "my": [
        ("မြန်မာ", ":", "မြ န် မာ"),
        ("တရုတ်", ":", "တ ရု တ်"),
        ("ကို", "≠", "ကု"),
        ("သတင်း၊", ":", "သ တ င်း"),
        ("၁၂", ":", "၁ ၂"),
    ],
    "ja": [
        ("ｶﾞﾝﾀﾞﾑ", "=", "ガンダム"),
        ("か\u3099", "=", "が"),
        ("が", "≠", "か"),
        ("ぱ", "≠", "は"),
        ("カタカナ", "≠", "かたかな"),
        ("サーバー", ":", "サ ー バ ー"),
        ("人々", ":", "人 々"),
        ("東京・大阪", ":", "东 京 大 阪"),  # as in simplified Chinese
        ("電車", "=", "电车"),
        ("ＮＨＫニュース", ":", "nhk ニ ュ ー ス"),
        ("㍿", "=", "株式会社"),
        ("㌔", "=", "キロ"),
        ("２０２６年", ":", "2026 年"),
        ("「詐欺」", ":", "诈 欺"),
        ("詐欺", "≠", "欺詐"),
        ("ッ", "≠", "ツ"),
    ],
    "ko": [
        ("한국어", ":", "한국어"),
        ("\u1112\u1161\u11ab국어", "=", "한국어"),
        ("한국", "≠", "한국어"),
        ("중국 뉴스", ":", "중국 뉴스"),
        ("보이스피싱", "≠", "피싱"),
        ("ﾡ", "=", "ㄱ"),
        ("中国과 미국", ":", "中 国 과 미국"),
        ("‘사기’", ":", "사기"),
        ("㈜삼성", ":", "주 삼성"),
    ],
    "zh-Hans": [
        ("电信诈骗", ":", "电 信 诈 骗"),
        ("电信诈骗", "≠", "诈骗电信"),
        ("“电信诈骗”", "=", "电信诈骗"),
        ("电信，诈骗", "=", "电信诈骗"),
        (f"电{ZWSP}信{SHY}诈{WJ}骗", "=", "电信诈骗"),
        ("电 信\u3000诈\n骗", "=", "电信诈骗"),
        ("ＡＩ诈骗", ":", "ai 诈 骗"),
        ("5G网络", ":", "5g 网 络"),
        ("⼀⼆", "=", "一二"),  # radicals
        ("〇", "≠", "0"),
        ("㊗", "=", "祝"),
        ("中国", "≠", "国中"),
        ("一带一路", ":", "一 带 一 路"),
        ("葛\U000e0100", "=", "葛"),  # a selected variant
        ("𠮷野家", ":", "𠮷 野 家"),
        ("诈骗", "≠", "炸骗"),
    ],
    "zh-Hant": [
        ("電信詐騙", "=", "电信诈骗"),
        ("電信詐騙", ":", "电 信 诈 骗"),
        ("電信诈騙", "=", "电信詐骗"),
        ("中國", "=", "中国"),
        ("臺灣", "=", "台灣"),
        ("歷史", "=", "历史"),
        ("日曆", "=", "日历"),
        ("頭髮", "=", "头发"),
        ("發展", "=", "发展"),
        ("說", "=", "説"),
        ("裡", "=", "裏"),
        ("眾", "=", "衆"),
        ("線", "=", "綫"),
        ("爲", "=", "為"),
        ("皇后", "≠", "黃後"),
        ("軟體", "≠", "软件"),  # another word
        ("網路", "≠", "网络"),
        ("龜", "=", "龟"),
        ("乾淨", "=", "干净"),
        ("「詐騙」", ":", "诈 骗"),
        ("國\ufe00際", "=", "国际"),
        ("\uf9dc", "=", "隆"),  # a character for compatibility
        ("\uf900", "=", "岂"),  # another, traditional beneath
    ],
}
ROWS = [(language, *row) for language, rows in CASES.items() for row in rows]


def is_in(part: list[str], whole: list[str]) -> bool:
    return any(whole[i : i + len(part)] == part for i in range(len(whole) - len(part) + 1))


@pytest.mark.parametrize(("language", "one", "relation", "other"), ROWS)
def test_same_or_apart(language: str, one: str, relation: str, other: str) -> None:
    left, right = tokens(one), tokens(other)
    assert left
    assert right
    if relation == "≠":
        assert not is_in(left, right)
        assert not is_in(right, left)
    else:
        assert left == (right if relation == "=" else other.split(" "))


@pytest.mark.parametrize(("language", "one", "relation", "other"), ROWS)
def test_each_can_be_marked(language: str, one: str, relation: str, other: str) -> None:
    for text in (one, other):
        assert [token for token, _, _ in spans(text)] == tokens(text)
        assert all(token in fold(text[start:end]) for token, start, end in spans(text))


def test_there_are_enough_and_none_twice() -> None:
    assert len(ROWS) == len({frozenset((row[0], row[1], row[3])) for row in ROWS}) >= 200
    assert len([language for language, rows in CASES.items() if len(rows) >= 4]) >= 15
    assert all(one != other for _, one, relation, other in ROWS if relation != ":")
    assert {relation for _, _, relation, _ in ROWS} == {"=", "≠", ":"}
