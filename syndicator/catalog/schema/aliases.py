"""The keys of config/aliases.yaml: they are the names that the admin gives."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field

from syndicator.catalog.fields import Spelling
from syndicator.catalog.schema.base import Keys

Spellings = Annotated[
    list[Spelling],
    Field(
        min_length=1,
        description="All spellings of one thing: words, prefixes (`chin*`), phrases, or `@other` aliases. "
        "NAME is what rules call it, `@NAME`.",
    ),
]


class AliasesFile(Keys):
    """config/aliases.yaml: names for all spellings of one thing, shared by all topics."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Spellings]
