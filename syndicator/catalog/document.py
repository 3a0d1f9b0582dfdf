"""The config files described: JSON Schemas for editors, tables of keys for docs/configuration.md. Pure."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from syndicator.catalog.schema import FILES

if TYPE_CHECKING:
    from collections.abc import Iterator

_TITLES: Final = {
    "settings": "syndicator: config/syndicator.yaml",
    "sources": "syndicator: config/sources/*.yaml",
    "topic": "syndicator: config/topics/*.yaml",
    "aliases": "syndicator: config/aliases.yaml",
}
_TABLE: Final = re.compile(r"(<!-- keys: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def json_schema(kind: str) -> str:
    """Return the JSON Schema (draft 2020-12) of one kind of file as the text of its file."""
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **FILES[kind].model_json_schema(),
        "title": _TITLES[kind],
    }
    return json.dumps(_tidy(schema), indent=2, ensure_ascii=False) + "\n"


def file_name(kind: str) -> str:
    """Name the file that `json_schema(kind)` belongs in."""
    return f"{kind}.schema.json"


def tables(text: str) -> str:
    """Return a Markdown text with its tables, between `<!-- keys: KIND -->` and `<!-- end -->`, renewed."""
    return _TABLE.sub(lambda match: f"{match[1]}{table(match[2])}{match[3]}", text)


def table(kind: str) -> str:
    """Return the keys of one kind of file as a Markdown table."""
    schema = FILES[kind].model_json_schema()
    lines = ["| key | default | meaning |", "|---|---|---|"]
    for path, field, required in _walk(schema, schema, ""):
        default = "required" if required else _default(field, schema)
        lines.append(f"| `{path}` | {default} | {_meaning(field, schema)} |")
    return "\n".join(lines) + "\n"


def _tidy(value: Any) -> Any:
    """Drop the titles that pydantic makes of names; editors would show them instead of the descriptions."""
    if isinstance(value, dict):
        return {
            key: _tidy(item) for key, item in value.items() if key != "title" or isinstance(item, dict)
        } | ({"title": value["title"]} if "$schema" in value else {})
    return [_tidy(item) for item in value] if isinstance(value, list) else value


def _walk(
    node: dict[str, Any], root: dict[str, Any], prefix: str
) -> Iterator[tuple[str, dict[str, Any], bool]]:
    """Yield path, schema and whether it is required of each key, the keys below it after it."""
    for name, field in node.get("properties", {}).items():
        path = f"{prefix}{name}"
        yield path, field, name in node.get("required", ())
        inner = _variants(field, root)
        for variant in inner:
            yield from _walk(variant, root, f"{path}.")
            items = variant.get("items")
            if isinstance(items, dict):
                for item in _variants(items, root):
                    yield from _walk(item, root, f"{path}[].")
    if node is root and isinstance(named := node.get("additionalProperties"), dict):
        yield "NAME", named, False


def _variants(field: dict[str, Any], root: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what a value may be, references followed, `null` left out."""
    choices = field.get("anyOf", [field])
    found = [
        root["$defs"][choice["$ref"].rpartition("/")[2]] if "$ref" in choice else choice for choice in choices
    ]
    return [choice for choice in found if choice.get("type") != "null"]


def _default(field: dict[str, Any], root: dict[str, Any]) -> str:
    default = field.get("default")
    if default is None or (default == {} and _variants(field, root)[0].get("type") == "object"):
        return ""
    return f"`{default if isinstance(default, str) and default else json.dumps(default, ensure_ascii=False)}`"


def _meaning(field: dict[str, Any], root: dict[str, Any]) -> str:
    variants = _variants(field, root)
    described = [field, *variants] if variants[0].get("type") == "object" else [field]
    said = " ".join(next((one["description"] for one in described if "description" in one), "").split())
    for variant in variants:
        words = variant.get("enum") or variant.get("items", {}).get("enum")
        missing = [word for word in words or () if f"`{word}`" not in said]
        if words and missing:
            said += f" One of {', '.join(f'`{word}`' for word in words)}."
        if "minimum" in variant:
            said += f" {variant['minimum']:,} to {variant['maximum']:,}."
    return said.replace("|", "\\|")
