"""What admins write, from the files to frozen nouns.

files (texts) → yaml (values with places) → schema (keys) → build (nouns) → load (all files, every problem at
once) → plan (old catalog × new). `trying` runs the topics' own tests, `edit` settles what can be in force;
`problems` finds the words, `installation` reads syndicator.yaml, `document`
writes the JSON Schemas and the tables of docs/configuration.md.
"""

from __future__ import annotations

from syndicator.catalog.load import (
    dump,
    load_all,
    load_catalog,
    load_dump,
    load_edit,
    load_settings,
    load_topic,
    load_topics,
    missing_topic,
)

__all__ = [
    "dump",
    "load_all",
    "load_catalog",
    "load_dump",
    "load_edit",
    "load_settings",
    "load_topic",
    "load_topics",
    "missing_topic",
]
