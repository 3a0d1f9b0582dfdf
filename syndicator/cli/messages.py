"""`syndicator messages`: the sentences of pages and mails, to be translated."""

from __future__ import annotations

from typing import Annotated

import typer


def messages(
    ctx: typer.Context,
    language: Annotated[str, typer.Argument(metavar="LANGUAGE", help="Such as fr or pt-BR.")],
) -> None:
    """Write config/templates/locale/LANGUAGE/LC_MESSAGES/syndicator.po with all sentences of pages and mails.

    Translate what stands in msgstr ""; what stays empty is said in English. Run it again after an upgrade:
    what is translated stays, what is new is added, what no template says any more goes to the end.

    Example: `syndicator messages fr`
    """
    from syndicator.cli.common import say
    from syndicator.messages import update
    from syndicator.templates import own_folders

    folders = own_folders(ctx.obj.settings().config)
    folder = next((each for each in folders if each.is_dir()), folders[0])
    file, lacking, total = update(folder, language)
    say(f"{file}: {total - lacking} of {total} sentences are translated")
