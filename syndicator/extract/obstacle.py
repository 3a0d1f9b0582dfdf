"""Pages that stand where an article should: errors, log-ins, consent, tests for robots."""

from __future__ import annotations

import re
from typing import Final

_SHORT: Final = 1_200  # characters: a page that tells more may speak of log-ins
_TITLES: Final = re.compile(
    r"""^\W*(?:(?:error\s*)?(?:40[0134]|410|429|50[0234])\b.*|(?:page|article|story|file
    |document)\s+(?:was\s+)?not\s+found|not\s+found|access\s+(?:to\s+this\s+page\s+has\s+been\s+)?denied
    |forbidden
      |just\s+a\s+moment|attention\s+required|are\s+you\s+(?:a\s+)?(?:robot|human)|(?:robot|human
      |security)\s+(?:check|verification)|captcha|please\s+wait|one\s+moment,?\s+please|ddos-guard
      |pardon\s+our\s+interruption
      |before\s+you\s+continue|(?:your\s+)?(?:cookie|privacy)\s+(?:consent|settings|preferences|choices)
      |log\s?in|sign\s?in|register|subscribe|login\s+required|service\s+unavailable|site\s+maintenance
      |under\s+maintenance|bad\s+gateway|internal\s+server\s+error|domain\s+(?:for\s+sale|parking)
      |seite\s+nicht\s+gefunden|nicht\s+gefunden|anmelden|page\s+introuvable|página\s+no\s+encontrada
      |页面(?:不存在|没有找到|未找到)|页面找不到.*|访问(?:验证|受限|被拒绝|异常)|安全验证|请(?:先)?登录|登录|用户登录|验证码|文章不存在|内容(?:已被删除
      |不存在))(?:\W.*)?$""",
    re.IGNORECASE | re.VERBOSE,
)
_WORDS: Final = {
    "error": re.compile(
        r"""
          (?:page|article|story|url)\s+(?:you\s+(?:requested|are\s+looking\s+for)|could\s+not\s+be\s+found
          |(?:was|is)\s+not\s+found|no\s+longer\s+exists|has\s+been\s+(?:removed|deleted))|404\s+(?:error
          |not\s+found)|页面不存在|文章已(?:被)?删除|该内容已被|您访问的页面|此内容(?:因违规)?无法查看
        """,
        re.IGNORECASE | re.VERBOSE,
    ),
    "robot": re.compile(
        r"""
          enable\s+javascript(?:\s+and\s+cookies)?|checking\s+(?:your\s+browser|if\s+the\s+site)
          |verify(?:ing)?\s+(?:that\s+)?you\s+are\s+(?:a\s+)?human|unusual\s+traffic
          |complete\s+the\s+(?:security\s+check|captcha)|ray\s+id|环境异常|完成验证|安全验证|输入验证码
        """,
        re.IGNORECASE | re.VERBOSE,
    ),
    "login": re.compile(
        r"""
          (?:log|sign)\s?in\s+(?:to\s+(?:continue|read|view|your)|or\s+(?:register|create|subscribe))
          |(?:subscribe|register)\s+(?:now\s+)?to\s+(?:continue|read|keep|unlock)|(?:this|the)\s+(?:article
          |content|story)\s+is\s+(?:only\s+)?(?:for|available\s+to)\s+(?:\w+\s+)?(?:subscribers|members)
          |already\s+a\s+(?:subscriber|member)\?|forgot(?:ten)?\s+(?:your\s+)?password|请(?:先)?登录|登录后(?:查看|阅读
          |继续)|订阅后(?:阅读|查看)|仅限(?:会员|订阅)|付费(?:阅读|内容)
        """,
        re.IGNORECASE | re.VERBOSE,
    ),
    "consent": re.compile(
        r"""
          (?:we|our\s+partners|and\s+our\s+\d+)\b.{0,60}(?:store|use|set)\b.{0,40}cookies|accept\s+(?:all
          |cookies)|manage\s+(?:your\s+)?(?:cookies|consent|preferences|choices|options)
          |before\s+you\s+continue\s+to|zustimmen\s+und|cookies\s+(?:akzeptieren|zustimmen)|我们使用\s*cookie
        """,
        re.IGNORECASE | re.VERBOSE,
    ),
}


def name(title: str, text: str) -> str:
    """Name what stands in the way: error, robot, login, consent, or empty for an article."""
    if len(text) > _SHORT:
        return ""
    found = next((kind for kind, pattern in _WORDS.items() if pattern.search(text)), "")
    if found and (len(text) < _SHORT // 2 or _TITLES.match(title)):
        return found
    return "error" if _TITLES.match(title) and len(text) < _SHORT // 2 else ""
