"""The daemon's pages: feeds and topic pages from files, editions and unsubscribing from rows."""
