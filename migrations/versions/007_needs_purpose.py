"""Let somebody consent that what they need to take part is kept, in a box of its own.

Needs kept until now were agreed to with everything else that a registration holds: by those words, of the
first version, they stay.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "007"
down_revision = "006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _allow("attend", "reminders", "needs")
    op.execute(
        "INSERT INTO consent (registration_id, purpose, given_by, text_version, language, given_at)"
        " SELECT registration_id, 'needs', given_by, text_version, language, given_at FROM consent"
        " WHERE purpose = 'attend' AND withdrawn_at IS NULL"
        " AND registration_id IN (SELECT registration_id FROM registration_need)"
    )


def downgrade() -> None:
    op.execute("DELETE FROM consent WHERE purpose = 'needs'")
    _allow("attend", "reminders")


def _allow(*purposes: str) -> None:
    name = op.f("ck_consent_purpose")
    with op.batch_alter_table("consent") as table:
        table.drop_constraint(name, type_="check")
        table.create_check_constraint(name, sa.column("purpose").in_(purposes))
