"""The generated descriptions are fresh, and every key has words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pydantic import BaseModel

from syndicator.catalog import document, schema
from syndicator.catalog.installation import ENVIRONMENT

ROOT = Path(__file__).parents[2]
MODELS = [
    model
    for model in vars(schema).values()
    if isinstance(model, type) and issubclass(model, BaseModel) and model not in (BaseModel, schema.Keys)
]


def test_there_are_models_to_look_at() -> None:
    assert {schema.SettingsFile, schema.SourceKeys, schema.DigestKeys} <= set(MODELS)


@pytest.mark.parametrize("model", MODELS)
def test_every_key_is_described(model: type[BaseModel]) -> None:
    assert not [
        name for name, field in model.model_fields.items() if not (field.description or "").endswith(".")
    ]


@pytest.mark.parametrize("kind", schema.FILES)
def test_shipped_schemas_are_fresh(kind: str) -> None:
    path = ROOT / "config" / "schema" / document.file_name(kind)
    fresh = document.json_schema(kind)
    assert path.read_text(encoding="utf-8") == fresh, "run: syndicator schema --write config/schema"
    assert json.loads(fresh)["additionalProperties"] is False or kind == "aliases"


def test_documentation_is_fresh_and_whole() -> None:
    text = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    assert text == document.tables(text), "run: syndicator schema --tables docs/configuration.md"
    for kind in schema.FILES:
        table = document.table(kind)
        assert table in text
        assert not [line for line in table.splitlines() if line.endswith("|  |")]
    for variable in ENVIRONMENT:
        assert f"`{variable}`" in text


def test_nested_keys_stand_in_the_tables() -> None:
    assert "| `sources[].every.min` |" in document.table("sources")
    assert "| `mail.from` | `news@localhost` |" in document.table("settings")
    assert "| `title` | required |" in document.table("topic")
    assert "| `tests.no_match` | `[]` |" in document.table("topic")
