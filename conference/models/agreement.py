"""The agreement of a conference: drafts that never change, and their provisions in each language."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, Select, String, Text, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from agreements import Kind
from conference.domain.agreement import StoredText, TabledDraft, restore
from conference.extensions import Model
from conference.models.columns import Json, Moment, Translations, one_of

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


class Agreement(Model):
    """The text being made. `authenticity` is `equal`, or the one language that prevails."""

    __tablename__ = "agreement"

    id: Mapped[int] = mapped_column(primary_key=True)
    conference_id: Mapped[int] = mapped_column(ForeignKey("conference.id", ondelete="CASCADE"), unique=True)
    authenticity: Mapped[str] = mapped_column(String(8))


class Draft(Model):
    """A numbered version of the agreement; never changed once tabled."""

    __tablename__ = "draft"
    __table_args__ = (UniqueConstraint("agreement_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    agreement_id: Mapped[int] = mapped_column(ForeignKey("agreement.id", ondelete="CASCADE"))
    number: Mapped[int]
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("draft.id"))
    title: Mapped[Translations] = mapped_column(Json)
    languages: Mapped[list[str]] = mapped_column(Json)
    content_hash: Mapped[str] = mapped_column(String(64))
    tabled_at: Mapped[datetime] = mapped_column(Moment)


class Provision(Model):
    """A node of one draft's tree; its key is the same in all drafts, its number is computed."""

    __tablename__ = "provision"
    __table_args__ = (UniqueConstraint("draft_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    draft_id: Mapped[int] = mapped_column(ForeignKey("draft.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(120))
    parent_key: Mapped[str | None] = mapped_column(String(120))
    kind: Mapped[Kind] = mapped_column(one_of(Kind))
    # Place in document order over the whole draft.
    position: Mapped[int]


class ProvisionText(Model):
    """A provision in one language. Stale: the other language changed after it."""

    __tablename__ = "provision_text"
    __table_args__ = (UniqueConstraint("provision_id", "language"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    provision_id: Mapped[int] = mapped_column(ForeignKey("provision.id", ondelete="CASCADE"))
    language: Mapped[str] = mapped_column(String(8))
    heading: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    stale: Mapped[bool] = mapped_column(default=False)


def current_draft(conference_id: int) -> Select[Draft, str]:
    """Select the draft under discussion, which is the latest, and the authenticity of its languages."""
    return (
        select(Draft, Agreement.authenticity)
        .join(Agreement, Agreement.id == Draft.agreement_id)
        .where(Agreement.conference_id == conference_id)
        .order_by(Draft.number.desc())
        .limit(1)
    )


def restored(session: Session, draft: Draft) -> TabledDraft:
    """Return a draft as the tree it was tabled as. One statement."""
    rows = session.execute(
        select(
            Provision.key,
            Provision.parent_key,
            Provision.kind,
            Provision.position,
            ProvisionText.language,
            ProvisionText.heading,
            ProvisionText.body,
            ProvisionText.stale,
        )
        .outerjoin(ProvisionText, ProvisionText.provision_id == Provision.id)
        .where(Provision.draft_id == draft.id)
        .order_by(Provision.position, Provision.id, ProvisionText.id)
    )
    return restore(titles=draft.title, languages=draft.languages, texts=(StoredText(*row) for row in rows))
