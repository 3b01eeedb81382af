"""Remember that a service somebody had booked was full when they were offered their place."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "006"
down_revision = "005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("registration") as table:
        table.add_column(sa.Column("service_lost", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("registration") as table:
        table.alter_column("service_lost", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("registration") as table:
        table.drop_column("service_lost")
