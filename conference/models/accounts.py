"""Accounts, the proofs of an address by which one signs in, and roles."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, exists, text
from sqlalchemy.orm import Mapped, mapped_column

from conference.domain.accounts import STAFF_ROLES, Role
from conference.extensions import Model
from conference.models.columns import Moment, one_of

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, SQLColumnExpression

    # An account as a statement knows it: its number, or a column that holds it.
    AccountId = int | SQLColumnExpression[int] | SQLColumnExpression[int | None]


class Account(Model):
    """Somebody who can sign in. It knows an address to write to, a language, and nothing else."""

    __tablename__ = "account"
    # A cookie names the account by its id: the id of one that is gone is never given to somebody else.
    __table_args__ = {"sqlite_autoincrement": True}

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str | None] = mapped_column(String(254), unique=True)
    language: Mapped[str] = mapped_column(String(8))
    created_at: Mapped[datetime] = mapped_column(Moment)


class SignInCode(Model):
    """One mail's proof of an address: a link and a code, stored as digests, used once.

    A row is written for unknown addresses too (without an account), so that neither the answer nor
    the time it takes tells which addresses are known.
    """

    __tablename__ = "sign_in_code"
    __table_args__ = (
        Index("ix_sign_in_code_address_digest_issued_at", "address_digest", "issued_at"),
        # The mail's key in the outbox holds the id, and is kept longer than the row.
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    address_digest: Mapped[str] = mapped_column(String(64))
    link_digest: Mapped[str] = mapped_column(String(64), unique=True)
    code_digest: Mapped[str] = mapped_column(String(64))
    issued_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    # Of a random key in the browser that asked for the mail; empty where nobody asked in a browser.
    asker_digest: Mapped[str | None] = mapped_column(String(64))
    # Wrong codes typed in that browser, and in all others: strangers void a code for strangers alone.
    asker_tries: Mapped[int] = mapped_column(default=0)
    failed_tries: Mapped[int] = mapped_column(default=0)
    used_at: Mapped[datetime | None] = mapped_column(Moment)
    # Read on the server's own console: whoever holds it counts as proved by two factors.
    assured: Mapped[bool] = mapped_column(default=False)
    # Of an invitation: the role that it tells of. Its link opens nothing once that is withdrawn.
    grant_id: Mapped[int | None] = mapped_column(ForeignKey("role_grant.id", ondelete="CASCADE"))


class RoleGrant(Model):
    """A role held by an account in one conference from its granting until its revoking."""

    __tablename__ = "role_grant"
    __table_args__ = (
        CheckConstraint(
            "(role = 'organization_lead') = (organization_id IS NOT NULL)", name="lead_of_an_organization"
        ),
        CheckConstraint("(revoked_at IS NULL) = (revoked_by_id IS NULL)", name="revoked_by_somebody"),
        Index(
            "uq_role_grant_in_force",
            "account_id",
            "conference_id",
            "role",
            unique=True,
            sqlite_where=text("revoked_at IS NULL AND organization_id IS NULL"),
            postgresql_where=text("revoked_at IS NULL AND organization_id IS NULL"),
        ),
        Index(
            "uq_role_grant_lead_in_force",
            "account_id",
            "conference_id",
            "organization_id",
            unique=True,
            sqlite_where=text("revoked_at IS NULL AND organization_id IS NOT NULL"),
            postgresql_where=text("revoked_at IS NULL AND organization_id IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    conference_id: Mapped[int] = mapped_column(ForeignKey("conference.id", ondelete="CASCADE"))
    role: Mapped[Role] = mapped_column(one_of(Role))
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id"))
    granted_at: Mapped[datetime] = mapped_column(Moment)
    # Empty where the operator granted it on the server itself.
    granted_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    revoked_at: Mapped[datetime | None] = mapped_column(Moment)
    revoked_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))


def holds_role(account_id: AccountId) -> ColumnElement[bool]:
    """Tell of an account whether it was granted any role that is in force, in whichever conference."""
    return exists().where(RoleGrant.account_id == account_id, RoleGrant.revoked_at.is_(None))


def holds_staff_role(account_id: AccountId) -> ColumnElement[bool]:
    """Tell of an account whether it holds a role of staff now, in whichever conference."""
    return exists().where(
        RoleGrant.account_id == account_id,
        RoleGrant.role.in_(STAFF_ROLES),
        RoleGrant.revoked_at.is_(None),
    )
