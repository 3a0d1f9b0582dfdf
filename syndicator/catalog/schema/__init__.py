"""Every key of the config files, its kind, its default and what it means: one file a kind of file.

The JSON Schemas for editors and the tables of docs/configuration.md are made from these (`document`).
Defaults stand here as an admin would write them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from syndicator.catalog.schema.aliases import AliasesFile
from syndicator.catalog.schema.base import Keys
from syndicator.catalog.schema.mail import DkimKeys, MailKeys, SecondKeyKeys
from syndicator.catalog.schema.settings import (
    FetchKeys,
    InboundKeys,
    RetentionKeys,
    SettingsFile,
    SiteKeys,
    WebKeys,
)
from syndicator.catalog.schema.signup import SignupKeys
from syndicator.catalog.schema.sources import AuthKeys, EveryKeys, SourceKeys, SourcesFile
from syndicator.catalog.schema.topics import DigestKeys, PublishKeys, TestArticle, TestsKeys, TopicFile

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "FILES",
    "AliasesFile",
    "AuthKeys",
    "DigestKeys",
    "DkimKeys",
    "EveryKeys",
    "FetchKeys",
    "InboundKeys",
    "Keys",
    "MailKeys",
    "PublishKeys",
    "RetentionKeys",
    "SecondKeyKeys",
    "SettingsFile",
    "SignupKeys",
    "SiteKeys",
    "SourceKeys",
    "SourcesFile",
    "TestArticle",
    "TestsKeys",
    "TopicFile",
    "WebKeys",
]

FILES: Final[Mapping[str, type[Keys]]] = {
    "settings": SettingsFile,
    "sources": SourcesFile,
    "topic": TopicFile,
    "aliases": AliasesFile,
}
"""The kinds of file by the words that `syndicator schema` takes."""
