"""What every mapping of a config file shares."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - pydantic reads the annotations
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field


def key(default: Any = ..., *, description: str, **limits: Any) -> Any:
    """Declare one key: its default as an admin would write it, its meaning, its limits."""
    return Field(default, description=description, **limits)


class Keys(BaseModel):
    """A mapping of a config file.

    `secret` names keys whose values have no place in a file that is shown, copied and stored: they are
    refused with a clear word.
    """

    model_config = ConfigDict(extra="forbid", strict=True, validate_default=True, allow_inf_nan=False)
    secret: ClassVar[Mapping[str, str]] = {}
