"""What the API takes and gives, as models, and the OpenAPI 3.1 document that is made of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field
from pydantic.json_schema import models_json_schema

from syndicator import __version__

if TYPE_CHECKING:
    from syndicator.settings import Site

MAX_ADDRESS: Final = 320  # characters before it is looked at
MAX_TOPICS: Final = 100


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Schedule(_Model):
    """When mails come."""

    frequency: str = Field(description="instant, daily, weekdays or weekly (on Monday).")
    at: str = Field(description="Time of day in the zone, HH:MM.")
    zone: str = Field(description="IANA time zone.")


class Topic(_Model):
    """A topic that anybody may subscribe to."""

    slug: str = Field(description="Its name in requests.")
    title: str
    description: str = Field(description="One sentence that says what it gathers; may be empty.")
    language: str = Field(description="BCP 47; empty where it has more than one.")
    url: str = Field(description="Its page.")
    schedule: Schedule = Field(description="When it is mailed to who chose no schedule.")


class Offer(_Model):
    """What may be chosen in a sign-up."""

    topics: list[Topic]
    frequencies: list[str] = Field(description="`topic` leaves it to each topic.")
    hours: list[str]
    languages: list[str] = Field(description="Of mails; the first is the site's.")
    zones: list[str]


class SignUp(_Model):
    """A sign-up. It does nothing until the owner of the address opens the link that is mailed to them."""

    address: str = Field(max_length=MAX_ADDRESS, description="E-mail address.", examples=["ada@example.org"])
    topics: list[Annotated[str, Field(max_length=64)]] = Field(
        min_length=1, max_length=MAX_TOPICS, description="Slugs.", examples=[["china"]]
    )
    frequency: str = Field("topic", max_length=16, description="One of `frequencies`.")
    at: str = Field("", max_length=8, description="One of `hours`; 07:00 without it.", examples=["07:00"])
    zone: str = Field("", max_length=64, description="Needed with daily, weekdays and weekly.")
    language: str = Field("", max_length=35, description="One of `languages`; the site's without it.")


class Accepted(_Model):
    """The same for every address, known or not: only its owner learns whether a mail goes out."""

    status: str = "accepted"
    detail: str = "If mail from here can reach this address, a message that asks to confirm is on its way."


class Fault(_Model):
    """What is wrong with one field."""

    field: str
    code: str
    detail: str


class Problem(_Model):
    """What went wrong (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[Fault] = Field([], description="Field by field, where that can be said.")


_PROBLEMS: Final = {
    400: "The body is no JSON.",
    403: "This site takes no sign-ups, or the page that sends this belongs to another site.",
    413: "The body is too large.",
    415: "The body is no application/json.",
    422: "Something in the body is not as described, or not to be had.",
    429: "Too much was asked; `Retry-After` says when to come back. It depends on no address.",
}


def document(site: Site) -> dict[str, Any]:
    """Make the OpenAPI document of a site's API."""
    models = [(model, "validation") for model in (Offer, SignUp, Accepted, Problem)]
    _, schemas = models_json_schema(models, ref_template="#/components/schemas/{model}")  # type: ignore[arg-type]
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"{site.title}: signing up for mails",
            "version": __version__,
            "description": "Double opt-in: each sign-up is confirmed by a link in a mail. No key is needed.",
        },
        "servers": [{"url": site.base_url}],
        "paths": {
            "/api/v1/topics": {
                "get": {
                    "operationId": "listTopics",
                    "summary": "What may be subscribed to, and how",
                    "responses": {
                        "200": _says("What may be chosen.", "Offer"),
                        "304": {"description": "What you have, by its `ETag`, is what there is."},
                        "403": _refusal(403),
                        "429": _refusal(429),
                    },
                }
            },
            "/api/v1/subscriptions": {
                "post": {
                    "operationId": "signUp",
                    "summary": "Ask for a mail that asks to confirm",
                    "requestBody": {
                        "required": True,
                        "content": {"application/json": {"schema": _ref("SignUp")}},
                    },
                    "responses": {"202": _says("Taken, whoever it is for.", "Accepted")}
                    | {str(status): _refusal(status) for status in _PROBLEMS},
                }
            },
        },
        "components": {"schemas": schemas["$defs"]},
    }


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _says(what: str, model: str) -> dict[str, Any]:
    return {"description": what, "content": {"application/json": {"schema": _ref(model)}}}


def _refusal(status: int) -> dict[str, Any]:
    content = {"application/problem+json": {"schema": _ref("Problem")}}
    return {"description": _PROBLEMS[status], "content": content}
