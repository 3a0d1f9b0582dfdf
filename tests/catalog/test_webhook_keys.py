"""The keys of mail.returns.webhooks, from a file to the settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hooked import ARN, PUBLIC, SECRET, SIGNING

from syndicator.catalog import load_settings
from syndicator.errors import ConfigError
from syndicator.settings import Settings, Webhooks

if TYPE_CHECKING:
    from pathlib import Path


def load(folder: Path, webhooks: str) -> Settings:
    """Load the settings of a folder with the secrets in it."""
    (folder / "postmark").write_text(SECRET + "\n")
    (folder / "mailgun").write_text(SIGNING)
    (folder / "short").write_text("0123456789abcde")
    (folder / "syndicator.yaml").write_text(f"mail: {{returns: {{webhooks: {webhooks}}}}}\n")
    return load_settings(folder, {})


def test_all_are_read_and_secrets_are_not_shown(tmp_path: Path) -> None:
    keys = (
        f"{{ses: {{topics: ['{ARN}']}}, postmark: {{secret_file: postmark}}, "
        f"mailgun: {{key_file: mailgun}}, sendgrid: {{public_key: {PUBLIC}}}}}"
    )
    found = load(tmp_path, keys)
    expected = Webhooks(ses_topics=(ARN,), postmark_secret=SECRET, mailgun_key=SIGNING, sendgrid_key=PUBLIC)
    assert found.mail.returns.webhooks == expected
    assert SECRET not in repr(found)
    assert SIGNING not in repr(found)


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ("{ses: {topics: [returns]}}", "is no name of an SNS topic"),
        ("{ses: {topics: []}}", "topics"),
        ("{postmark: {}}", "secret_file"),
        ("{postmark: {secret_file: nowhere}}", "'nowhere': no such file"),
        ("{postmark: {secret_file: short}}", "'short': holds fewer than 16 characters"),
        ("{mailgun: {key_file: short}}", "'short': holds fewer than 16 characters"),
        ("{mailgun: {key: abc}}", "key"),
        ("{sendgrid: {public_key: abc}}", "is no public key of a signed event webhook"),
        ("{sparkpost: {}}", "sparkpost"),
    ],
)
def test_what_cannot_work_is_refused(tmp_path: Path, keys: str, said: str) -> None:
    with pytest.raises(ConfigError) as error:
        load(tmp_path, keys)
    assert said in str(error.value)
    assert "0123456789abcde" not in str(error.value)
