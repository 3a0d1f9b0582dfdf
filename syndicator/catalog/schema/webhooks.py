"""The keys of `mail.returns.webhooks`: mail providers that report over HTTP what came back."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator

from syndicator.catalog.fields import Line, Said, described
from syndicator.catalog.schema.base import Keys, key


def _topic(text: str) -> str:
    from syndicator.deliver.hooks import ses  # noqa: PLC0415  only who is told by it pays for its tables

    if not ses.is_topic(text):
        raise Said(
            f"{text[:60]!r} is no name of an SNS topic",
            "copy its ARN, such as arn:aws:sns:eu-west-1:123456789012:returns",
        )
    return text


def _public_key(text: str) -> str:
    from syndicator.deliver.hooks import sendgrid  # noqa: PLC0415

    try:
        sendgrid.read_key(text)
    except ValueError:
        raise Said(
            "is no public key of a signed event webhook",
            "copy the Verification Key that SendGrid shows, in one line",
        ) from None
    return text


SnsTopic = Annotated[str, AfterValidator(_topic), described(pattern="^arn:aws")]
VerificationKey = Annotated[str, AfterValidator(_public_key), described(maxLength=300)]


class SesKeys(Keys):
    """Amazon SES, through topics of SNS that are subscribed to `BASE_URL/returns/ses`."""

    topics: list[SnsTopic] = key(
        min_length=1, max_length=50, description="Topics (ARN) that are listened to; no other is confirmed."
    )


class PostmarkKeys(Keys):
    """Postmark, which signs nothing: `BASE_URL/returns/postmark?secret=SECRET`, or basic authentication."""

    secret_file: Line = key(
        description="File with the secret alone, 16 characters or more, relative to the config folder; if it "
        "is missing, the systemd credential of the same name is read."
    )


class MailgunKeys(Keys):
    """Mailgun, which is told `BASE_URL/returns/mailgun`."""

    key_file: Line = key(
        description="File with the HTTP webhook signing key alone, as `postmark.secret_file`."
    )


class SendgridKeys(Keys):
    """SendGrid's signed event webhook, which is told `BASE_URL/returns/sendgrid`."""

    public_key: VerificationKey = key(description="Its Verification Key, one line of base64.")


class WebhooksKeys(Keys):
    """Mail providers that report over HTTP what came back; each is off without its key."""

    ses: SesKeys | None = key(None, description=SesKeys.__doc__ or "")
    postmark: PostmarkKeys | None = key(None, description=PostmarkKeys.__doc__ or "")
    mailgun: MailgunKeys | None = key(None, description=MailgunKeys.__doc__ or "")
    sendgrid: SendgridKeys | None = key(None, description=SendgridKeys.__doc__ or "")
