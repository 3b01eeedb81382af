"""Who comes: what organizations say of themselves, places and parties in line, proxies, and legal holds.

Going down, a place that was not confirmed counts as cancelled, a reminder as a notice, and organizations that were
not listed take no part; jobs and requests of kinds not known before are dropped.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "003"
down_revision = "002"
branch_labels = None
depends_on = None


def one_of(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


FORMER_ROLES = (
    *("organizer", "secretariat", "credentials_committee", "chair", "rapporteur", "door_volunteer"),
    *("organization_lead", "delegate", "official", "attendee"),
)
# Table, column, name of the words, those known before, those that come now.
WORDS = (
    ("role_grant", "role", "role", FORMER_ROLES, (*FORMER_ROLES[:6], "service_lead", *FORMER_ROLES[6:])),
    (
        "registration",
        "status",
        "registrationstatus",
        ("confirmed", "cancelled"),
        ("pending", "waiting", "offered", "confirmed", "rejected", "cancelled"),
    ),
    ("approval", "kind", "approvalkind", ("export_people",), ("export_people", "print_badges")),
    (
        "job",
        "kind",
        "jobkind",
        ("export_people", "import_program", "purge"),
        (
            "export_people",
            "import_organizations",
            "import_program",
            "print_badges",
            "purge",
            "write_to_people",
        ),
    ),
    (
        "message",
        "kind",
        "messagekind",
        ("sign_in", "invitation", "ticket", "notice"),
        ("sign_in", "invitation", "ticket", "notice", "reminder"),
    ),
    (
        "scan",
        "outcome",
        "scanoutcome",
        ("admitted", "already_admitted", "unknown", "other_conference", "cancelled"),
        ("admitted", "already_admitted", "unknown", "other_conference", "cancelled", "not_confirmed"),
    ),
)


def upgrade() -> None:
    for table, column, name, _former, words in WORDS:
        change_words(table, column, name, words)
    add_to_conferences()
    add_directory()
    add_places_and_parties()
    add_questions_and_services()
    add_proxies()
    add_retention()


def downgrade() -> None:
    make_former()
    with op.batch_alter_table("elector") as batch_op:
        batch_op.drop_constraint(op.f("fk_elector_proxy_seat_id_seat"), type_="foreignkey")
        batch_op.drop_column("proxy_seat_id")
    with op.batch_alter_table("credential") as batch_op:
        batch_op.drop_column("attestation_language")
        batch_op.drop_column("attestation_version")
    with op.batch_alter_table("registration") as batch_op:
        batch_op.drop_constraint(op.f("fk_registration_party_id_party"), type_="foreignkey")
        batch_op.drop_constraint(op.f("ck_registration_refusalreason"), type_="check")
        batch_op.drop_constraint(op.f("ck_registration_in_line_as_party"), type_="check")
        batch_op.drop_constraint(op.f("ck_registration_rejected_with_a_reason"), type_="check")
        batch_op.drop_constraint(op.f("ck_registration_cancelled_at_a_time"), type_="check")
        batch_op.drop_index(op.f("ix_registration_party_id"))
        batch_op.drop_index("ix_registration_places")
        batch_op.drop_column("printed_digest")
        batch_op.drop_column("contact_phone")
        batch_op.drop_column("refusal")
        batch_op.drop_column("party_id")
        batch_op.create_check_constraint(
            op.f("ck_registration_cancelled_at_a_time"), "(status = 'cancelled') = (cancelled_at IS NOT NULL)"
        )
    drop_columns()
    # Whoever points at another table goes before it; indexes go with their tables.
    for table in (
        "service_booking",
        "registration_need",
        "registration_answer",
        "proxy",
        "registration_question",
        "places",
        "party",
        "offered_service",
        "legal_hold",
        "door_total",
    ):
        op.drop_table(table)
    for table, column, name, former, _words in WORDS:
        change_words(table, column, name, former)


def drop_columns() -> None:
    with op.batch_alter_table("organization") as batch_op:
        for check in ("legalform", "organizationsource", "us_state_and_city", "claimed_if_found"):
            batch_op.drop_constraint(op.f(f"ck_organization_{check}"), type_="check")
        for column in (
            "withdrawn_at",
            "claimed_at",
            "source",
            "visibility",
            "affiliations",
            "funders",
            "legal_form",
            "us_city",
            "us_state",
        ):
            batch_op.drop_column(column)
    with op.batch_alter_table("federation_membership") as batch_op:
        for check in (
            "membershipstate",
            "membershipside",
            "recordsource",
            "asked_unless_active",
            "mandated_at_a_time",
        ):
            batch_op.drop_constraint(op.f(f"ck_federation_membership_{check}"), type_="check")
        for column in ("mandated_at", "mandate", "asked_by", "state"):
            batch_op.drop_column(column)
    with op.batch_alter_table("conference") as batch_op:
        for check in ("capacity_not_negative", "offer_hours_positive", "proxy_cap_not_negative"):
            batch_op.drop_constraint(op.f(f"ck_conference_{check}"), type_="check")
        for column in ("proxy_cap", "offer_hours", "capacity"):
            batch_op.drop_column(column)


def make_former() -> None:
    """Leave no value that the words of before do not know, and show nobody who did not want it."""
    op.execute(
        "UPDATE registration SET status = 'cancelled', cancelled_at = coalesce(cancelled_at, registered_at),"
        " refusal = NULL WHERE status NOT IN ('confirmed', 'cancelled')"
    )
    op.execute(
        "DELETE FROM sign_in_code WHERE grant_id IN (SELECT id FROM role_grant WHERE role = 'service_lead')"
    )
    op.execute("DELETE FROM role_grant WHERE role = 'service_lead'")
    op.execute("DELETE FROM approval WHERE kind = 'print_badges'")
    op.execute("DELETE FROM job WHERE kind NOT IN ('export_people', 'import_program', 'purge')")
    op.execute("UPDATE message SET kind = 'notice' WHERE kind = 'reminder'")
    op.execute("UPDATE scan SET outcome = 'cancelled' WHERE outcome = 'not_confirmed'")
    op.execute("DELETE FROM federation_membership WHERE state = 'joining'")
    op.execute(
        "DELETE FROM participation WHERE organization_id IN (SELECT id FROM organization"
        " WHERE withdrawn_at IS NOT NULL OR (source = 'found' AND claimed_at IS NULL))"
    )


def change_words(table: str, column: str, name: str, words: tuple[str, ...]) -> None:
    with op.batch_alter_table(table) as batch_op:
        batch_op.drop_constraint(op.f(f"ck_{table}_{name}"), type_="check")
        batch_op.alter_column(
            column, existing_type=sa.String(length=40), type_=one_of(name, *words), existing_nullable=False
        )


def add_to_conferences() -> None:
    with op.batch_alter_table("conference") as batch_op:
        batch_op.add_column(sa.Column("capacity", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("offer_hours", sa.Integer(), nullable=False, server_default="48"))
        batch_op.add_column(sa.Column("proxy_cap", sa.Integer(), nullable=False, server_default="1"))
        batch_op.create_check_constraint(
            op.f("ck_conference_capacity_not_negative"), "capacity IS NULL OR capacity >= 0"
        )
        batch_op.create_check_constraint(op.f("ck_conference_offer_hours_positive"), "offer_hours >= 1")
        batch_op.create_check_constraint(op.f("ck_conference_proxy_cap_not_negative"), "proxy_cap >= 0")
    no_defaults("conference", "offer_hours", "proxy_cap")


def no_defaults(table: str, *columns: str) -> None:
    """Rows from now on say everything themselves."""
    with op.batch_alter_table(table) as batch_op:
        for column in columns:
            batch_op.alter_column(column, server_default=None)


def add_directory() -> None:
    with op.batch_alter_table("organization") as batch_op:
        batch_op.add_column(sa.Column("us_state", sa.String(length=2), nullable=True))
        batch_op.add_column(sa.Column("us_city", sa.String(length=80), nullable=False, server_default=""))
        batch_op.add_column(
            sa.Column(
                "legal_form",
                one_of(
                    "legalform", "unincorporated", "us_nonprofit", "mx_civil_association", "public", "other"
                ),
                nullable=False,
                server_default="unincorporated",
            )
        )
        batch_op.add_column(sa.Column("funders", sa.String(length=500), nullable=False, server_default=""))
        batch_op.add_column(
            sa.Column("affiliations", sa.String(length=500), nullable=False, server_default="")
        )
        batch_op.add_column(sa.Column("visibility", sa.JSON(), nullable=False, server_default="{}"))
        batch_op.add_column(
            sa.Column(
                "source",
                one_of("organizationsource", "entered", "invited", "found"),
                nullable=False,
                server_default="entered",
            )
        )
        batch_op.add_column(sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_check_constraint(
            op.f("ck_organization_us_state_and_city"), "(us_state IS NULL) = (us_city = '')"
        )
        batch_op.create_check_constraint(
            op.f("ck_organization_claimed_if_found"), "source = 'found' OR claimed_at IS NULL"
        )
    no_defaults("organization", "us_city", "legal_form", "funders", "affiliations", "visibility", "source")
    with op.batch_alter_table("federation_membership") as batch_op:
        batch_op.add_column(
            sa.Column(
                "state",
                one_of("membershipstate", "joining", "active", "leaving"),
                nullable=False,
                server_default="active",
            )
        )
        batch_op.add_column(
            sa.Column("asked_by", one_of("membershipside", "parent", "member", "others"), nullable=True)
        )
        batch_op.add_column(sa.Column("mandate", one_of("recordsource", "system", "paper"), nullable=True))
        batch_op.add_column(sa.Column("mandated_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_check_constraint(
            op.f("ck_federation_membership_asked_unless_active"), "(state = 'active') = (asked_by IS NULL)"
        )
        batch_op.create_check_constraint(
            op.f("ck_federation_membership_mandated_at_a_time"), "(mandate IS NULL) = (mandated_at IS NULL)"
        )
    no_defaults("federation_membership", "state")


def add_places_and_parties() -> None:
    op.create_table(
        "places",
        sa.Column("conference_id", sa.Integer(), nullable=False),
        sa.Column(
            "category",
            one_of(
                "category", "delegate", "alternate", "attendee", "official", "press", "speaker", "volunteer"
            ),
            nullable=False,
        ),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("approval", sa.Boolean(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.CheckConstraint("capacity IS NULL OR capacity >= 0", name=op.f("ck_places_capacity_not_negative")),
        sa.ForeignKeyConstraint(
            ["conference_id"],
            ["conference.id"],
            name=op.f("fk_places_conference_id_conference"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("conference_id", "category", name=op.f("pk_places")),
    )
    op.create_table(
        "party",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("conference_id", sa.Integer(), nullable=False),
        sa.Column(
            "category",
            one_of(
                "category", "delegate", "alternate", "attendee", "official", "press", "speaker", "volunteer"
            ),
            nullable=False,
        ),
        sa.Column("organization_id", sa.Integer(), nullable=True),
        sa.Column("grouped", sa.Boolean(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("waiting_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("offered_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lapsed", sa.Integer(), nullable=False),
        sa.CheckConstraint("size >= 1", name=op.f("ck_party_size_positive")),
        sa.ForeignKeyConstraint(
            ["conference_id"],
            ["conference.id"],
            name=op.f("fk_party_conference_id_conference"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_party_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_party")),
    )
    op.create_index("ix_party_conference_id_category", "party", ["conference_id", "category"], unique=False)
    op.create_index(op.f("ix_party_organization_id"), "party", ["organization_id"], unique=False)

    with op.batch_alter_table("registration") as batch_op:
        batch_op.drop_constraint(op.f("ck_registration_cancelled_at_a_time"), type_="check")
        batch_op.add_column(sa.Column("party_id", sa.Integer(), nullable=True))
        batch_op.add_column(
            sa.Column(
                "refusal",
                one_of("refusalreason", "category_does_not_fit", "organization_unknown", "no_place", "twice"),
                nullable=True,
            )
        )
        batch_op.add_column(sa.Column("contact_phone", sa.String(length=16), nullable=True))
        batch_op.add_column(sa.Column("printed_digest", sa.String(length=64), nullable=True))
        batch_op.create_foreign_key(op.f("fk_registration_party_id_party"), "party", ["party_id"], ["id"])
        batch_op.create_index(op.f("ix_registration_party_id"), ["party_id"], unique=False)
        batch_op.create_index("ix_registration_places", ["conference_id", "category", "status"], unique=False)
        batch_op.create_check_constraint(
            op.f("ck_registration_cancelled_at_a_time"),
            "(status IN ('cancelled', 'rejected')) = (cancelled_at IS NOT NULL)",
        )
        batch_op.create_check_constraint(
            op.f("ck_registration_rejected_with_a_reason"), "(status = 'rejected') = (refusal IS NOT NULL)"
        )
        batch_op.create_check_constraint(
            op.f("ck_registration_in_line_as_party"),
            "status NOT IN ('waiting', 'offered') OR party_id IS NOT NULL",
        )


def add_questions_and_services() -> None:
    op.create_table(
        "registration_question",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("conference_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("label", sa.JSON(), nullable=False),
        sa.Column("several", sa.Boolean(), nullable=False),
        sa.Column("choices", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conference_id"],
            ["conference.id"],
            name=op.f("fk_registration_question_conference_id_conference"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registration_question")),
        sa.UniqueConstraint("conference_id", "key", name=op.f("uq_registration_question_conference_id_key")),
    )
    op.create_table(
        "registration_answer",
        sa.Column("registration_id", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("chosen", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["question_id"],
            ["registration_question.id"],
            name=op.f("fk_registration_answer_question_id_registration_question"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["registration.id"],
            name=op.f("fk_registration_answer_registration_id_registration"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("registration_id", "question_id", name=op.f("pk_registration_answer")),
    )
    op.create_index(
        op.f("ix_registration_answer_question_id"), "registration_answer", ["question_id"], unique=False
    )
    op.create_table(
        "registration_need",
        sa.Column("registration_id", sa.Integer(), nullable=False),
        sa.Column(
            "need",
            one_of(
                "accessneed",
                "step_free",
                "seat_in_front",
                "seat_at_aisle",
                "sign_language_mx",
                "sign_language_us",
                "captions",
                "large_print",
                "reading_aloud",
                "companion",
                "quiet_room",
                "vegetarian",
                "no_gluten",
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["registration.id"],
            name=op.f("fk_registration_need_registration_id_registration"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("registration_id", "need", name=op.f("pk_registration_need")),
    )
    op.create_table(
        "offered_service",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("conference_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", one_of("servicekind", "childcare", "interpretation", "transport"), nullable=False),
        sa.Column("language", sa.String(length=3), nullable=True),
        sa.Column("label", sa.JSON(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(kind = 'interpretation') = (language IS NOT NULL)",
            name=op.f("ck_offered_service_interpretation_of_a_language"),
        ),
        sa.CheckConstraint(
            "capacity IS NULL OR capacity >= 0", name=op.f("ck_offered_service_capacity_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["conference_id"],
            ["conference.id"],
            name=op.f("fk_offered_service_conference_id_conference"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offered_service")),
        sa.UniqueConstraint("conference_id", "key", name=op.f("uq_offered_service_conference_id_key")),
    )
    op.create_table(
        "service_booking",
        sa.Column("registration_id", sa.Integer(), nullable=False),
        sa.Column("service_id", sa.Integer(), nullable=False),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.CheckConstraint("places >= 1", name=op.f("ck_service_booking_places_positive")),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["registration.id"],
            name=op.f("fk_service_booking_registration_id_registration"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["service_id"],
            ["offered_service.id"],
            name=op.f("fk_service_booking_service_id_offered_service"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("registration_id", "service_id", name=op.f("pk_service_booking")),
    )
    op.create_index(op.f("ix_service_booking_service_id"), "service_booking", ["service_id"], unique=False)


def add_proxies() -> None:
    op.create_table(
        "proxy",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("seat_id", sa.Integer(), nullable=False),
        sa.Column("holder_seat_id", sa.Integer(), nullable=False),
        sa.Column("source", one_of("recordsource", "system", "paper"), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("given_by_id", sa.Integer(), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("seat_id <> holder_seat_id", name=op.f("ck_proxy_held_by_another")),
        sa.ForeignKeyConstraint(["given_by_id"], ["account.id"], name=op.f("fk_proxy_given_by_id_account")),
        sa.ForeignKeyConstraint(
            ["holder_seat_id"], ["seat.id"], name=op.f("fk_proxy_holder_seat_id_seat"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["revoked_by_id"], ["account.id"], name=op.f("fk_proxy_revoked_by_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["seat_id"], ["seat.id"], name=op.f("fk_proxy_seat_id_seat"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proxy")),
    )
    op.create_index(op.f("ix_proxy_holder_seat_id"), "proxy", ["holder_seat_id"], unique=False)
    op.create_index(
        "uq_proxy_standing_seat",
        "proxy",
        ["seat_id"],
        unique=True,
        sqlite_where=sa.text("revoked_at IS NULL"),
        postgresql_where=sa.text("revoked_at IS NULL"),
    )

    with op.batch_alter_table("credential") as batch_op:
        batch_op.add_column(sa.Column("attestation_version", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("attestation_language", sa.String(length=8), nullable=True))
    with op.batch_alter_table("elector") as batch_op:
        batch_op.add_column(sa.Column("proxy_seat_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(op.f("fk_elector_proxy_seat_id_seat"), "seat", ["proxy_seat_id"], ["id"])


def add_retention() -> None:
    op.create_table(
        "door_total",
        sa.Column("conference_id", sa.Integer(), nullable=False),
        sa.Column("door", sa.String(length=120), nullable=False),
        sa.Column("admitted", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conference_id"],
            ["conference.id"],
            name=op.f("fk_door_total_conference_id_conference"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("conference_id", "door", name=op.f("pk_door_total")),
    )
    op.create_table(
        "legal_hold",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("conference_id", sa.Integer(), nullable=False),
        sa.Column(
            "reason",
            one_of("holdreason", "legal_demand", "disputed_result", "security_incident"),
            nullable=False,
        ),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("begun_by_id", sa.Integer(), nullable=True),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lifted_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "lifted_at IS NULL OR lifted_at >= begun_at", name=op.f("ck_legal_hold_lifted_after_begun")
        ),
        sa.ForeignKeyConstraint(
            ["begun_by_id"], ["account.id"], name=op.f("fk_legal_hold_begun_by_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["conference_id"],
            ["conference.id"],
            name=op.f("fk_legal_hold_conference_id_conference"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["lifted_by_id"], ["account.id"], name=op.f("fk_legal_hold_lifted_by_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legal_hold")),
    )
    op.create_index(
        "uq_legal_hold_standing",
        "legal_hold",
        ["conference_id"],
        unique=True,
        sqlite_where=sa.text("lifted_at IS NULL"),
        postgresql_where=sa.text("lifted_at IS NULL"),
    )
