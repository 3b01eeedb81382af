"""Whether somebody still has to set this house up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import exists, or_, select

from conference.domain.accounts import Role
from conference.models import RoleGrant, SetUp

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def waits_for_set_up(session: Session) -> bool:
    """Nobody was ever named an organizer, and the first page was never used. One statement."""
    done = or_(exists().where(SetUp.id == 1), exists().where(RoleGrant.role == Role.ORGANIZER))
    return not session.scalar(select(done))
