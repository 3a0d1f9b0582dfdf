"""Alembic's entry: runs the steps on the connection and in the transaction that `migrate` gives."""

from __future__ import annotations

from alembic import context

from syndicator.store.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
