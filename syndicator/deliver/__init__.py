"""Handing messages over: to a mail server or into a Maildir, and when to try again. All I/O but `retry`."""
