"""The keys by which mail providers prove who they are, read from their files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from syndicator.catalog.fields import Said
from syndicator.settings import Webhooks

if TYPE_CHECKING:
    from collections.abc import Callable

    from syndicator.catalog.faults import Path
    from syndicator.catalog.schema.webhooks import WebhooksKeys
    from syndicator.catalog.secrets import Vault

SHORTEST: Final = 16  # characters of a secret that anybody may try to guess
_HERE: Final = ("mail", "returns", "webhooks")


def read(keys: WebhooksKeys, vault: Vault, report: Callable[[Path, Said], None]) -> Webhooks:
    """Read the files that are named; what cannot be read is reported with its path, and is empty."""

    def secret(file: str | None, *path: str) -> str:
        if file is None:
            return ""
        try:
            found = vault.file(file)
        except Said as said:
            report((*_HERE, *path), said)
            return ""
        if len(found) < SHORTEST:
            short = Said(f"'{file}': holds fewer than {SHORTEST} characters", "take a longer secret")
            report((*_HERE, *path), short)
        return found

    return Webhooks(
        ses_topics=tuple(keys.ses.topics) if keys.ses else (),
        postmark_secret=secret(
            keys.postmark.secret_file if keys.postmark else None, "postmark", "secret_file"
        ),
        mailgun_key=secret(keys.mailgun.key_file if keys.mailgun else None, "mailgun", "key_file"),
        sendgrid_key=keys.sendgrid.public_key if keys.sendgrid else "",
    )
