"""What a mail that came back is: signs in its header, before anybody reads what it says.

RFC 3834 (automatic responses), RFC 2369 (unsubscribing by mail). A notification is told by its parts
(RFC 3462), and that is `reader`'s business.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from syndicator.deliver.bounce.letters import unencoded
from syndicator.deliver.bounce.phrases import compiled

if TYPE_CHECKING:
    from syndicator.deliver.bounce.mime import Part

_DAEMON = compiled(r"""
    mailer[-_. ]?daemon  post[-_. ]?master  postoffice  mail (?:delivery|system|administrator|router|deliver)
    bounce  <>  delivery[- ](?:sub)?system  system administrator  content-filter  interscan
""")
_BOUNCE_SUBJECT = compiled(r"""
    undeliver  not delivered  non[- ]?deliver  delivery notif  failure notice  mail system error  delayed
    deliver(?:y|ed)? (?:status|fail|report|problem|error|notification|has|delayed)  user unknown  bounce
    fail(?:ed|ure)? (?:notice|delivery|mail|to deliver)  mail (?:fail|delivery|not delivered|error)
    returned (?:mail|e-?mail|message)  return(?:ing|ed) (?:message )?to sender  error (?:mail|sending)
    could not (?:be )?(?:deliver|send)  cannot be delivered  warning: (?:message|could)  rejected  blocked
    message (?:delayed|you sent blocked|has not)  unzustellbar  nicht (?:zugestellt|zustellbar)
    non remis  non distribu  no se (?:ha )?(?:pudo|podido) entregar  mancata consegna  недостав  не доставлен
    退信  无法(?:投递|送达|发送)  投递失败  发送できません  発送できません  配信(?:不能|エラー|でき)
    送信(?:できません|エラー|失敗)  エラー  未送達
""")
_BOUNCE_TEXT = compiled(r"""
    (?:could|can|was|has|were) ?(?:not|n't) (?:be |been )?delivered  (?:unable|not able) to deliver
    wasn't able to deliver  undeliverable  did not reach  delivery (?:to the following|has failed|failed)
    delivery status notification  returned to sender  failed to deliver
""")
_AUTO_FIELDS = ("x-autoreply", "x-autorespond", "x-autoresponder", "x-mail-autoreply", "x-auto-response-from")
_AUTO_SUBJECT = compiled(r"""
    ^\W{0,3}auto(?:matic|mated|matische|matisch|matique|m[áa]tica)?[-\ :]{0,2}(?:re:|reply|response|responder|
        replied|antwort|réponse)
    ^\W{0,3}(?:automatische antwort|réponse automatique|respuesta autom|risposta automatica|resposta autom)
    ^\W{0,3}(?:automatisch antwoord|автоответ|автоматический ответ|out of (?:the )?office|abwesen|absence)
    ^\W{0,3}(?:absent\b|i am (?:away|out)|on (?:vacation|holiday|leave)|vacation\b|away (?:from|message))
    ^\W{0,3}(?:自动(?:回复|答复)|自動(?:返信|応答|回覆)|不在|休假|外出|ooo\b)
    ^\W{0,3}thank you for (?:your (?:e-?mail|message)|contacting)
""")
_FAREWELL = re.compile(
    r"\W{0,4}(?:please )?(?:un-?subscribe(?: me)?|sign ?off|remove(?: me)?|opt[- ]?out|stop"
    r"|cancel subscription"
    r"|退订|取消订阅|退訂|取消訂閱|abmelden|abbestellen|désabonner|désinscription|desinscri\w{1,9}|desuscribir"
    r"|cancelar (?:la )?suscripci\w{1,6}|отписаться|配信停止|解除)\W{0,4}"
)


def subject(mail: Part) -> str:
    """Give the subject as plain text."""
    return " ".join(unencoded(mail.get("subject")).split())


def is_from_daemon(mail: Part) -> bool:
    """Whether a mail system sent it, by its From, or by the empty sender of its envelope."""
    return bool(_DAEMON.search(mail.get("from")[:400].lower())) or mail.get("return-path").strip() == "<>"


def sounds_returned(mail: Part, said: str) -> bool:
    """Whether its subject is that of a bounce, or its text begins like one."""
    return bool(
        _BOUNCE_SUBJECT.search(subject(mail)[:400].lower()) or _BOUNCE_TEXT.search(said[:2_000].lower())
    )


def is_answered(mail: Part) -> bool:
    """Whether a header field says that a program answered for a person (RFC 3834, and what is older)."""
    if mail.get("auto-submitted").lower().startswith("auto-replied"):
        return True
    if any(mail.get(name) for name in _AUTO_FIELDS):
        return True
    return "auto_reply" in (mail.get("precedence") + mail.get("preference")).lower()


def sounds_answered(mail: Part) -> bool:
    """Whether its subject is that of an automatic answer."""
    return bool(_AUTO_SUBJECT.search(subject(mail)[:200].lower()))


def is_farewell(mail: Part, said: str) -> bool:
    """Whether somebody wants no more mail: by the subject, or by all there is in the text."""
    if mail.get("x-apple-unsubscribe"):
        return True
    about = subject(mail)[:200].lower()
    if _FAREWELL.fullmatch(about):
        return True
    return not about and bool(_FAREWELL.fullmatch(said.strip()[:200].lower()))
