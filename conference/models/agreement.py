"""The agreement of a conference: drafts that never change, and their provisions in each language."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from agreements import Kind
from conference.extensions import Model
from conference.models.columns import Json, Moment, Translations, one_of


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
