"""The first organizer is named once, and whoever runs the server can always let one in."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select

from conference.domain.accounts import Role
from conference.domain.errors import Conflict, NotFound
from conference.domain.set_up import NewConference
from conference.models import Account, Conference, RoleGrant, SetUp, SignInCode
from conference.queries.set_up import waits_for_set_up
from conference.services.accounts import redeem_code, redeem_link
from conference.services.set_up import create_organizer, issue_console_link, set_up
from tests.factories import NOW, grant, make_account, make_conference
from tests.races import at_once

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from conference.services.set_up import Organizer
    from tests.databases import Prepared

KEY = b"key of the tests"
ANA = "ana@example.org"
TOKEN = "a token from the console"
NEW = NewConference(
    names={"es": "Encuentro Ñuu"},
    city={"es": "Oaxaca", "en": "Oaxaca"},
    first_day=date(2027, 3, 6),
    days=2,
    time_zone="America/Mexico_City",
)


def begin(session: Session, **values: Any) -> Organizer:
    least = {"conference": NEW, "email": ANA, "languages": ("es", "en"), "language": "es", "now": NOW}
    return set_up(session, **least | values)


def organizers(session: Session) -> list[tuple[str | None, str, int | None]]:
    rows = session.execute(
        select(Account.email, Conference.slug, RoleGrant.granted_by_id)
        .join(RoleGrant, RoleGrant.account_id == Account.id)
        .join(Conference, Conference.id == RoleGrant.conference_id)
        .where(RoleGrant.role == Role.ORGANIZER, RoleGrant.revoked_at.is_(None))
        .order_by(RoleGrant.id)
    )
    return [(row.email, row.slug, row.granted_by_id) for row in rows]


def test_a_new_conference_has_what_was_typed_and_an_organizer(session: Session) -> None:
    assert waits_for_set_up(session)
    organizer = begin(session)
    assert organizers(session) == [(ANA, "encuentro-nuu", None)]
    assert organizer.conference_slug == "encuentro-nuu"
    row = session.scalars(select(Conference)).one()
    assert (row.name, row.city, row.languages) == (NEW.names, NEW.city, ["es", "en"])
    assert (row.first_day, row.days, row.time_zone) == (date(2027, 3, 6), 2, "America/Mexico_City")
    assert (row.sample, row.registration_open) == (False, True)
    assert not waits_for_set_up(session)


def test_a_conference_that_is_here_gets_its_organizer(session: Session) -> None:
    make_conference(session, slug="ajena")
    wanted = make_conference(session, slug="nuestra")
    begin(session, conference=wanted.id)
    assert organizers(session) == [(ANA, "nuestra", None)]
    assert session.scalar(select(func.count()).select_from(Conference)) == 2


def test_a_conference_that_is_not_here_gets_none(session: Session) -> None:
    with pytest.raises(NotFound) as refusal:
        begin(session, conference=999)
    assert refusal.value.code == "conference_not_found"


def test_a_second_time_is_refused(session: Session) -> None:
    begin(session)
    with pytest.raises(Conflict) as refusal:
        begin(session, email="intrusa@example.org")
    assert refusal.value.code == "set_up_done"
    assert organizers(session) == [(ANA, "encuentro-nuu", None)]


@pytest.mark.parametrize("revoked", [False, True])
def test_where_somebody_was_ever_an_organizer_nobody_sets_up(session: Session, *, revoked: bool) -> None:
    conference = make_conference(session)
    account = grant(session, conference, Role.ORGANIZER)
    if revoked:
        row = session.scalars(select(RoleGrant)).one()
        row.revoked_at, row.revoked_by_id = NOW, account.id
        session.flush()
    assert not waits_for_set_up(session)
    with pytest.raises(Conflict):
        begin(session)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ORGANIZER])
def test_other_roles_do_not_close_the_first_page(session: Session, role: Role) -> None:
    if role is Role.ORGANIZATION_LEAD:
        make_account(session)
    else:
        grant(session, make_conference(session), role)
    assert waits_for_set_up(session)


def test_of_two_at_once_one_wins_and_the_other_leaves_nothing(session: Session, prepared: Prepared) -> None:
    def one(email: str) -> object:
        return lambda own: begin(own, email=email).conference_slug

    came = at_once(prepared, *(one(f"persona{number}@example.org") for number in range(4)))
    assert sorted(map(str, came)) == ["encuentro-nuu", "set_up_done", "set_up_done", "set_up_done"]
    assert len(organizers(session)) == 1
    counts = [session.scalar(select(func.count()).select_from(kind)) for kind in (Conference, Account, SetUp)]
    assert counts == [1, 1, 1]


# -- from the console ------------------------------------------------------------------------------


def create(session: Session, **values: Any) -> Organizer:
    least = {"slug": "nuestra", "email": ANA, "language": "es", "now": NOW}
    return create_organizer(session, **least | values)


def test_the_console_names_organizers_and_closes_the_first_page(session: Session) -> None:
    make_conference(session, slug="nuestra")
    create(session)
    create(session, email="berta@example.org")
    assert organizers(session) == [(ANA, "nuestra", None), ("berta@example.org", "nuestra", None)]
    assert [row.id for row in session.scalars(select(SetUp))] == [1]


def test_an_organizer_who_is_one_already_is_not_named_again(session: Session) -> None:
    make_conference(session, slug="nuestra")
    first = create(session)
    assert create(session, email=" ANA@example.org ") == first
    assert organizers(session) == [(ANA, "nuestra", None)]


def test_the_console_knows_the_conferences_that_are_here(session: Session) -> None:
    with pytest.raises(NotFound) as refusal:
        create(session)
    assert refusal.value.code == "conference_not_found"


def test_a_console_link_signs_in_once_and_counts_as_two_factors(session: Session) -> None:
    account = make_account(session, email=ANA)
    issue(session, account)
    proved = redeem_link(session, token=TOKEN, now=NOW)
    assert (proved.account_id, proved.assured) == (account.id, True)
    with pytest.raises(NotFound):
        redeem_link(session, token=TOKEN, now=NOW)


def test_a_console_link_is_void_after_its_hour(session: Session) -> None:
    issue(session, make_account(session, email=ANA))
    with pytest.raises(NotFound):
        redeem_link(session, token=TOKEN, now=NOW + timedelta(hours=1))


@pytest.mark.parametrize("typed", [TOKEN, "00000000", ""])
def test_no_code_stands_in_for_a_console_link_and_guessing_does_not_void_it(
    session: Session, typed: str
) -> None:
    account = make_account(session, email=ANA)
    issue(session, account)
    for _ in range(7):
        assert redeem_code(session, email=ANA, code=typed, keys=(KEY,), tries=5, now=NOW) is None
    stored = session.scalars(select(SignInCode.code_digest)).one()
    assert redeem_code(session, email=ANA, code=stored, keys=(KEY,), tries=5, now=NOW) is None
    assert redeem_link(session, token=TOKEN, now=NOW).account_id == account.id


def issue(session: Session, account: Account) -> None:
    issue_console_link(
        session, account_id=account.id, token=TOKEN, key=KEY, lifetime=timedelta(hours=1), now=NOW
    )
