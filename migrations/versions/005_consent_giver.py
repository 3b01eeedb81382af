"""Say of a consent who gave it: the person, or whoever leads the organization, who answered for them.

Until now the version of the words said so, with a number that no version has.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "005"
down_revision = "004"
branch_labels = None
depends_on = None

ANSWERED_FOR = 1000


def upgrade() -> None:
    giver = sa.Enum(
        "person", "lead", name="consentgiver", native_enum=False, create_constraint=True, length=40
    )
    with op.batch_alter_table("consent") as table:
        table.add_column(sa.Column("given_by", giver, nullable=False, server_default="person"))
    op.execute(
        sa.text(
            "UPDATE consent SET given_by = 'lead', text_version = text_version - :answered_for"
            " WHERE text_version > :answered_for"
        ).bindparams(answered_for=ANSWERED_FOR)
    )
    with op.batch_alter_table("consent") as table:
        table.alter_column("given_by", server_default=None)


def downgrade() -> None:
    op.execute(
        sa.text(
            "UPDATE consent SET text_version = text_version + :answered_for WHERE given_by = 'lead'"
        ).bindparams(answered_for=ANSWERED_FOR)
    )
    with op.batch_alter_table("consent") as table:
        table.drop_constraint(op.f("ck_consent_consentgiver"), type_="check")
        table.drop_column("given_by")
