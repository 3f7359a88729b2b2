"""Runs migrations on the connection that the caller holds."""

from __future__ import annotations

from alembic import context

from myeloscope.store.schema import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
