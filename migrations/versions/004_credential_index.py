"""Find a credential by its registration: asked for with every page of somebody who is signed in."""

from __future__ import annotations

from alembic import op

revision = "004"
down_revision = "003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("credential") as table:
        table.create_index(op.f("ix_credential_registration_id"), ["registration_id"])


def downgrade() -> None:
    with op.batch_alter_table("credential") as table:
        table.drop_index(op.f("ix_credential_registration_id"))
