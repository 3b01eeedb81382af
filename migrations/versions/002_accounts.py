"""Getting in, and getting word: sign-ins that are rows, second factors, cards, the log, jobs.

Messages get a reference, a kind and more states; of those written before, the kind is told by the key. Going down,
a message that was settled in a state not known before counts as failed; everything else of this step is dropped.
Whoever was signed in by a cookie of before signs in again.
"""

from __future__ import annotations

import secrets

import sqlalchemy as sa
from alembic import op

revision = "002"
down_revision = "001"
branch_labels = None
depends_on = None


def one_of(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


EARLIER_STATES = one_of("messagestate", "queued", "sent", "failed")
STATES = one_of("messagestate", "queued", "sent", "failed", "bounced", "uncertain", "expired", "withdrawn")
KINDS = one_of("messagekind", "sign_in", "invitation", "ticket", "notice")


def upgrade() -> None:
    add_kept_forms()
    add_set_up()
    add_cards()
    add_approvals()
    add_audit_log()
    add_second_factors()
    add_passkeys()
    add_jobs()
    add_sign_ins()
    upgrade_messages()
    upgrade_sign_in_codes()


def downgrade() -> None:
    with op.batch_alter_table("sign_in_code") as batch_op:
        batch_op.drop_constraint(op.f("fk_sign_in_code_grant_id_role_grant"), type_="foreignkey")
        batch_op.drop_column("grant_id")
        batch_op.drop_column("asker_tries")
        batch_op.drop_column("asker_digest")
        batch_op.drop_column("assured")
    downgrade_messages()
    # Whoever points at another table goes before it; indexes go with their tables.
    for table in (
        "sign_in",
        "job",
        "challenge",
        "passkey",
        "recovery_code",
        "authenticator",
        "audit_head",
        "audit_entry",
        "approval",
        "access_card",
        "set_up",
        "kept_form",
    ):
        op.drop_table(table)


def add_kept_forms() -> None:
    op.create_table(
        "kept_form",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key_digest", sa.String(length=64), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kept_form")),
        sa.UniqueConstraint("key_digest", name=op.f("uq_kept_form_key_digest")),
    )
    op.create_index(op.f("ix_kept_form_expires_at"), "kept_form", ["expires_at"])


def add_set_up() -> None:
    op.create_table(
        "set_up",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_set_up_once")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_set_up")),
    )


def add_cards() -> None:
    op.create_table(
        "access_card",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("conference_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("token_digest", sa.String(length=64), nullable=False),
        sa.Column("code_digest", sa.String(length=64), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("issued_by_id", sa.Integer(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "used_at IS NULL OR used_at >= issued_at", name=op.f("ck_access_card_used_after_issued")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_access_card_account_id_account"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["conference_id"],
            ["conference.id"],
            name=op.f("fk_access_card_conference_id_conference"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["issued_by_id"], ["account.id"], name=op.f("fk_access_card_issued_by_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_card")),
        sa.UniqueConstraint("code_digest", name=op.f("uq_access_card_code_digest")),
        sa.UniqueConstraint("conference_id", "number", name=op.f("uq_access_card_conference_id_number")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_access_card_token_digest")),
    )
    op.create_index(op.f("ix_access_card_account_id"), "access_card", ["account_id"])
    op.create_index(
        "uq_access_card_in_force",
        "access_card",
        ["account_id", "conference_id"],
        unique=True,
        sqlite_where=sa.text("revoked_at IS NULL"),
        postgresql_where=sa.text("revoked_at IS NULL"),
    )


def add_approvals() -> None:
    op.create_table(
        "approval",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("conference_id", sa.Integer(), nullable=False),
        sa.Column("kind", one_of("approvalkind", "export_people"), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved", sa.Boolean(), nullable=True),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(decided_at IS NULL) = (approved IS NULL)", name=op.f("ck_approval_decided_one_way")
        ),
        sa.CheckConstraint(
            "(decided_at IS NULL) = (decided_by_id IS NULL)", name=op.f("ck_approval_decided_by_somebody")
        ),
        sa.CheckConstraint(
            "decided_by_id IS NULL OR decided_by_id <> asked_by_id", name=op.f("ck_approval_two_organizers")
        ),
        sa.CheckConstraint("used_at IS NULL OR approved", name=op.f("ck_approval_used_if_approved")),
        sa.ForeignKeyConstraint(
            ["asked_by_id"], ["account.id"], name=op.f("fk_approval_asked_by_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["conference_id"],
            ["conference.id"],
            name=op.f("fk_approval_conference_id_conference"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["account.id"], name=op.f("fk_approval_decided_by_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval")),
    )
    op.create_index(op.f("ix_approval_conference_id"), "approval", ["conference_id"])


def add_audit_log() -> None:
    op.create_table(
        "audit_entry",
        sa.Column("conference_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("index", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("entry", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["conference_id"],
            ["conference.id"],
            name=op.f("fk_audit_entry_conference_id_conference"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("conference_id", "index", name=op.f("pk_audit_entry")),
    )
    op.create_table(
        "audit_head",
        sa.Column("conference_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("frontier", sa.JSON(), nullable=False),
        sa.Column("last_leaf", sa.LargeBinary(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["conference_id"],
            ["conference.id"],
            name=op.f("fk_audit_head_conference_id_conference"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("conference_id", name=op.f("pk_audit_head")),
    )


def add_second_factors() -> None:
    op.create_table(
        "authenticator",
        sa.Column("account_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sealed_secret", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_successor", sa.LargeBinary(), nullable=True),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.Column("failed_tries", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["account.id"],
            name=op.f("fk_authenticator_account_id_account"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_authenticator")),
    )
    op.create_table(
        "recovery_code",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["account.id"],
            name=op.f("fk_recovery_code_account_id_account"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_code")),
        sa.UniqueConstraint("digest", name=op.f("uq_recovery_code_digest")),
    )
    op.create_index(op.f("ix_recovery_code_account_id"), "recovery_code", ["account_id"])


def add_passkeys() -> None:
    op.create_table(
        "passkey",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("credential", sa.LargeBinary(length=1023), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("verifies", sa.Boolean(), nullable=False),
        sa.Column("uses", sa.BigInteger(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_passkey_account_id_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkey")),
        sa.UniqueConstraint("credential", name=op.f("uq_passkey_credential")),
    )
    op.create_index(op.f("ix_passkey_account_id"), "passkey", ["account_id"])
    op.create_table(
        "challenge",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("ceremony", one_of("ceremony", "add", "sign_in", "confirm"), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_challenge_account_id_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_challenge")),
        sa.UniqueConstraint("digest", name=op.f("uq_challenge_digest")),
    )
    op.create_index(op.f("ix_challenge_expires_at"), "challenge", ["expires_at"])


def add_jobs() -> None:
    op.create_table(
        "job",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=43), nullable=False),
        sa.Column("cause", sa.String(length=80), nullable=True),
        sa.Column("kind", one_of("jobkind", "export_people", "import_program", "purge"), nullable=False),
        sa.Column("conference_id", sa.Integer(), nullable=True),
        sa.Column("asked_by_id", sa.Integer(), nullable=True),
        sa.Column("state", one_of("jobstate", "queued", "running", "done", "failed"), nullable=False),
        sa.Column("parameters", sa.JSON(), nullable=False),
        sa.Column("upload", sa.LargeBinary(), nullable=True),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failure", sa.String(length=60), nullable=True),
        sa.Column("report", sa.JSON(), nullable=False),
        sa.Column("result", sa.LargeBinary(), nullable=True),
        sa.Column("result_name", sa.String(length=120), nullable=True),
        sa.CheckConstraint("total IS NULL OR done <= total", name=op.f("ck_job_done_of_total")),
        sa.ForeignKeyConstraint(["asked_by_id"], ["account.id"], name=op.f("fk_job_asked_by_id_account")),
        sa.ForeignKeyConstraint(
            ["conference_id"],
            ["conference.id"],
            name=op.f("fk_job_conference_id_conference"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
        sa.UniqueConstraint("cause", name=op.f("uq_job_cause")),
        sa.UniqueConstraint("key", name=op.f("uq_job_key")),
    )
    op.create_index(op.f("ix_job_asked_by_id"), "job", ["asked_by_id"])
    op.create_index("ix_job_state_due_at", "job", ["state", "due_at"])


def add_sign_ins() -> None:
    op.create_table(
        "sign_in",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key_digest", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("way", one_of("signinway", "email", "passkey", "card", "console"), nullable=False),
        sa.Column("card_id", sa.Integer(), nullable=True),
        sa.Column("signed_in_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("staff", sa.Boolean(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rights_changed", sa.Boolean(), nullable=False),
        sa.Column("proved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("assured_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("generation >= 1", name=op.f("ck_sign_in_generation_counts")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_sign_in_account_id_account"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["card_id"], ["access_card.id"], name=op.f("fk_sign_in_card_id_access_card"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in")),
        sa.UniqueConstraint("key_digest", name=op.f("uq_sign_in_key_digest")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_sign_in_account_id"), "sign_in", ["account_id"])
    op.create_index(op.f("ix_sign_in_card_id"), "sign_in", ["card_id"])


def upgrade_messages() -> None:
    with op.batch_alter_table("message") as batch_op:
        batch_op.add_column(sa.Column("reference", sa.String(length=32), nullable=True))
        batch_op.add_column(sa.Column("kind", sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column("conference_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("handed_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("repeats", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("useless_after", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("unsubscribe", sa.String(length=300), nullable=True))
        batch_op.add_column(sa.Column("trouble", sa.String(length=60), nullable=True))
    connection = op.get_bind()
    # Two sorts of mail were written until now; the key of each tells which it is.
    for number, key in connection.execute(sa.text("SELECT id, key FROM message")).all():
        connection.execute(
            sa.text("UPDATE message SET reference = :reference, kind = :kind WHERE id = :id"),
            {
                "reference": secrets.token_hex(16),
                "kind": "sign_in" if key.startswith("sign-in-") else "ticket",
                "id": number,
            },
        )
    with op.batch_alter_table("message") as batch_op:
        batch_op.drop_constraint(op.f("ck_message_messagestate"), type_="check")
        batch_op.alter_column("reference", existing_type=sa.String(length=32), nullable=False)
        batch_op.alter_column("kind", existing_type=sa.String(length=40), type_=KINDS, nullable=False)
        batch_op.alter_column("state", existing_type=sa.String(length=40), type_=STATES)
        batch_op.alter_column("repeats", existing_type=sa.Integer(), server_default=None)
        batch_op.create_index(op.f("ix_message_conference_id"), ["conference_id"], unique=False)
        batch_op.create_unique_constraint(op.f("uq_message_reference"), ["reference"])
        batch_op.create_foreign_key(
            op.f("fk_message_conference_id_conference"),
            "conference",
            ["conference_id"],
            ["id"],
            ondelete="CASCADE",
        )


def downgrade_messages() -> None:
    final = "('bounced', 'uncertain', 'expired', 'withdrawn')"
    op.execute(f"UPDATE message SET state = 'failed' WHERE state IN {final}")  # noqa: S608 - words of this file
    with op.batch_alter_table("message") as batch_op:
        batch_op.drop_constraint(op.f("ck_message_messagestate"), type_="check")
        batch_op.drop_constraint(op.f("ck_message_messagekind"), type_="check")
        batch_op.drop_constraint(op.f("fk_message_conference_id_conference"), type_="foreignkey")
        batch_op.drop_constraint(op.f("uq_message_reference"), type_="unique")
        batch_op.drop_index(op.f("ix_message_conference_id"))
        batch_op.alter_column("state", existing_type=sa.String(length=40), type_=EARLIER_STATES)
        for column in (
            "trouble",
            "unsubscribe",
            "useless_after",
            "repeats",
            "handed_at",
            "conference_id",
            "kind",
            "reference",
        ):
            batch_op.drop_column(column)


def upgrade_sign_in_codes() -> None:
    with op.batch_alter_table("sign_in_code") as batch_op:
        # What was mailed before proves an address, and no more.
        batch_op.add_column(sa.Column("assured", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("asker_digest", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("asker_tries", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("grant_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(
            op.f("fk_sign_in_code_grant_id_role_grant"),
            "role_grant",
            ["grant_id"],
            ["id"],
            ondelete="CASCADE",
        )
    with op.batch_alter_table("sign_in_code") as batch_op:
        batch_op.alter_column("assured", server_default=None)
        batch_op.alter_column("asker_tries", server_default=None)
