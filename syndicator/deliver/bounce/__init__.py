"""Mail that comes back: from its bytes to a Return. Pure, and never surprised by what it reads.

`read` joins the parts: `mime` takes a mail apart, `status` reads what machines report (RFC 3464, RFC 5965),
`prose` what they tell in words, `kind` says what a mail is, `judge` what a refusal means, by the table in
`reasons`. It lies in `deliver` because a refusal at SMTP time is judged by the same table (`refusal.py`), and
stages do not import each other.
"""

from syndicator.deliver.bounce.reader import MAX_BYTES, read

__all__ = ["MAX_BYTES", "read"]
