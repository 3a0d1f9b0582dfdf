"""What mail providers report over HTTP: a module for each, from what was posted to events. Pure.

Each has `read(posted, key, now)`, which checks who speaks before it looks at what is said. Why a mail was
refused is judged by the one table, `bounce.reasons`, whoever tells it.
"""

from typing import Final

PROVIDERS: Final = ("ses", "postmark", "mailgun", "sendgrid")
"""Who may report, by the last part of the path."""
