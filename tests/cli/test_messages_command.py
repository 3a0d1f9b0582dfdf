"""`syndicator messages`: a catalog to translate; what was translated is kept, and used."""

from __future__ import annotations

from typing import TYPE_CHECKING

import newsstand
import pytest
from babel.messages.pofile import read_po

from syndicator.errors import SyndicatorError, TemplateError
from syndicator.messages import update
from syndicator.templates import environments

if TYPE_CHECKING:
    from pathlib import Path


def test_a_language_is_added(tmp_path: Path) -> None:
    file, lacking, total = update(tmp_path, "fr")
    assert file == tmp_path / "locale/fr/LC_MESSAGES/syndicator.po"
    assert lacking == total > 200
    text = file.read_text("utf-8")
    assert 'msgid "Unsubscribe"\nmsgstr ""\n' in text
    file.write_text(
        text.replace('msgid "Unsubscribe"\nmsgstr ""', 'msgid "Unsubscribe"\nmsgstr "Se désabonner"'), "utf-8"
    )

    page = tmp_path / "web/error.html.j2"
    page.parent.mkdir()
    page.write_text(
        "{{ _('Ours alone') }} {{ _('Unsubscribe') }} {% trans count=2 %}One{% pluralize %}Two{% endtrans %}"
    )
    file, lacking, more = update(tmp_path, "fr")
    assert (lacking, more) == (more - 1, total + 2)
    assert "Se désabonner" in file.read_text("utf-8")
    said = environments([tmp_path]).render("web/error.html.j2", "fr-CA", **newsstand.ERROR)
    assert said == "Ours alone Se désabonner Two", "what is not translated is said in English, plurals too"

    page.unlink()
    update(tmp_path, "fr")
    with file.open("rb") as stream:
        catalog = read_po(stream)
    assert "Ours alone" not in {message.id for message in catalog}


def test_a_language_that_comes_along_is_whole(tmp_path: Path) -> None:
    assert update(tmp_path, "zh")[1] == 0


def test_what_cannot_be_used_is_told(tmp_path: Path) -> None:
    with pytest.raises(SyndicatorError, match="klingon"):
        update(tmp_path, "klingon")
    file = update(tmp_path, "fr")[0]
    file.write_text('msgid "Error %(status)s"\nmsgstr "Erreur %(staus)s"\n', "utf-8")
    with pytest.raises(TemplateError, match="staus"):
        update(tmp_path, "fr")
