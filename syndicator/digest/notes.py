"""The message of a note: subject, text and HTML from its templates, the header without anything of a list.

The first line of `email/notes/KIND.txt.j2` is the subject. A new kind is a pair of templates and its name in
`syndicator.templates.NOTES`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import css_inline

from syndicator.digest.headers import Facts
from syndicator.digest.message import message_id, write
from syndicator.errors import DeliveryError
from syndicator.templates import NOTES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from syndicator.digest.dkim import Signer
    from syndicator.model.notes import Note
    from syndicator.settings import Mail, Site
    from syndicator.templates import Templates

INLINER = css_inline.CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)


def name_of(note: Note, sender: str) -> str:
    """Name the message of a note: the same again at each attempt."""
    return message_id(f"note-{note.planned_at:%Y%m%d%H%M%S}", note.id, sender)


def message_of(
    note: Note, templates: Templates, site: Site, mail: Mail, signers: Sequence[Signer] = ()
) -> bytes:
    """Write a note's RFC 5322 message; the same bytes for the same arguments.

    Raises DeliveryError for a kind that there is not, or where a fact cannot stand in a header, and
    TemplateError.
    """
    if note.kind not in NOTES:
        raise DeliveryError(f"there is no kind of mail called {note.kind}", hint=f"known: {', '.join(NOTES)}")
    context = {"site": site, "facts": note.facts}
    plain = templates.render(f"email/notes/{note.kind}.txt.j2", note.language, **context)
    subject, _, text = plain.partition("\n")
    html = INLINER.inline(templates.render(f"email/notes/{note.kind}.html.j2", note.language, **context))
    facts = Facts(
        sender_name=mail.sender_name or site.title,
        sender=mail.sender,
        recipient=note.address,
        subject=subject,
        date=note.planned_at,
        message_id=name_of(note, mail.sender),
        reply_to=site.contact,
        language=templates.nearest(note.language),
    )
    return write(facts, text=text.lstrip("\n"), html=html, signers=signers)
