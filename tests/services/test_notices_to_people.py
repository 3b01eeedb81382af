"""Writing to those who come: to whom, once, and never to a few."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import delete, select

from agreements import Chamber
from agreements.ledger import read_entry
from conference.domain.accounts import Role
from conference.domain.errors import Conflict
from conference.domain.jobs import JobKind
from conference.domain.mail import MessageState, stop_link, stop_token
from conference.domain.registration import Category, Purpose, RegistrationStatus
from conference.models import AuditEntry, Consent, Job, Message, Registration
from conference.queries.notices import readers_counted
from conference.services.accounts import Words
from conference.services.consents import stop_reminders
from conference.services.notices_to_people import (
    EVERYBODY,
    Group,
    ask_to_write,
    number_of_readers,
    readers,
    write_to_some,
)
from conference.services.reminders import ask_for_reminders
from tests.factories import NOW, grant, make_conference, make_organization, make_registration

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from sqlalchemy.orm import Session

    from conference.models import Conference
    from conference.services.notices_to_people import Reader

KEY = b"the server's key"
TEXTS = {"es": "Traiga su taza.", "en": "Bring your cup."}


@pytest.fixture
def conference(session: Session) -> Conference:
    return make_conference(session, slug="muestra")


def make_reader(session: Session, conference: Conference, **values: object) -> Registration:
    """Somebody who agreed to be written to, at an address that must never be shown."""
    defaults: dict[str, object] = {
        "contact_email": f"secreta-{session.query(Registration).count()}@example.org"
    }
    row = make_registration(session, conference, **defaults | values)
    agree(session, row)
    return row


def agree(session: Session, row: Registration, **values: object) -> None:
    defaults: dict[str, object] = {
        "purpose": Purpose.REMINDERS,
        "text_version": 1,
        "language": "es",
        "given_at": NOW,
    }
    session.add(Consent(registration_id=row.id, **defaults | values))
    session.flush()


def letter(reader: Reader) -> tuple[Words, str]:
    return Words(
        reader.language, "Asunto", f"Para {reader.registration_id}"
    ), f"/stop/{reader.registration_id}"


def write(session: Session, conference: Conference, cause: str = "people-1", **values: object) -> int:
    return write_to_some(
        session,
        conference_id=conference.id,
        registrations=readers(session, conference_id=conference.id),
        cause=cause,
        letter=letter,
        now=NOW,
        **values,  # type: ignore[arg-type]
    )


def test_only_those_who_come_have_an_address_and_agree_are_written_to(
    session: Session, conference: Conference
) -> None:
    wanted = [make_reader(session, conference).id, make_reader(session, conference, language="en").id]
    make_registration(session, conference, contact_email="nunca-dijo-que-si@example.org")
    withdrawn = make_registration(session, conference, contact_email="ya-no@example.org")
    agree(session, withdrawn, withdrawn_at=NOW)
    attends = make_registration(session, conference, contact_email="solo-asiste@example.org")
    agree(session, attends, purpose=Purpose.ATTEND)
    agree(session, make_registration(session, conference))
    for status in (RegistrationStatus.PENDING, RegistrationStatus.CANCELLED):
        cancelled_at = NOW if status is RegistrationStatus.CANCELLED else None
        make_reader(session, conference, status=status, cancelled_at=cancelled_at)
    make_reader(session, make_conference(session))
    assert list(readers(session, conference_id=conference.id)) == wanted
    assert write(session, conference) == 2
    found = session.scalars(select(Message).order_by(Message.id)).all()
    assert [(message.key, message.language, message.unsubscribe) for message in found] == [
        (f"people-1-{wanted[0]}", "es", f"/stop/{wanted[0]}"),
        (f"people-1-{wanted[1]}", "en", f"/stop/{wanted[1]}"),
    ]
    # One to one: each letter knows one address and nobody else's.
    assert [message.recipient.count("@") for message in found] == [1, 1]
    assert len({message.recipient for message in found}) == 2


def test_nobody_is_written_to_twice_for_one_cause(session: Session, conference: Conference) -> None:
    make_reader(session, conference)
    assert write(session, conference) == 1
    later = make_reader(session, conference)
    # Each time it is said how many letters there are for the cause, whoever wrote them.
    assert write(session, conference) == 2
    assert write(session, conference) == 2
    assert write(session, conference, "people-2") == 2
    assert len(session.scalars(select(Message)).all()) == 4
    keys = session.scalars(select(Message.key).where(Message.key.endswith(f"-{later.id}")))
    assert sorted(keys) == [f"people-1-{later.id}", f"people-2-{later.id}"]


def test_who_withdraws_after_being_counted_gets_nothing(session: Session, conference: Conference) -> None:
    row = make_reader(session, conference)
    counted = readers(session, conference_id=conference.id)
    session.execute(delete(Consent).where(Consent.registration_id == row.id))
    written = write_to_some(
        session,
        conference_id=conference.id,
        registrations=counted,
        cause="people-1",
        letter=letter,
        now=NOW,
    )
    assert (counted, written) == ((row.id,), 0)


def test_what_waits_to_be_sent_to_whoever_withdraws_is_not_sent(
    session: Session, conference: Conference
) -> None:
    mine, *others = [make_reader(session, conference) for _number in range(12)]
    for cause in ("people-1", "people-2"):
        write(session, conference, cause)
    token = stop_token(mine.id, email=mine.contact_email, key=KEY)
    stop_reminders(session, link=stop_link(token, key=KEY), key=KEY, now=NOW)
    rows = session.execute(select(Message.key, Message.state, Message.recipient, Message.unsubscribe)).all()
    withdrawn = [row for row in rows if row.state is MessageState.WITHDRAWN]
    assert sorted(row.key for row in withdrawn) == [f"people-1-{mine.id}", f"people-2-{mine.id}"]
    assert {(row.recipient, row.unsubscribe) for row in withdrawn} == {("", None)}
    assert len([row for row in rows if row.state is MessageState.QUEUED]) == 2 * len(others)


def test_a_notice_goes_to_one_category_or_one_side(session: Session, conference: Conference) -> None:
    north = make_organization(session, conference, side=Chamber.US)
    south = make_organization(session, conference, side=Chamber.MX)
    press = make_reader(session, conference, category=Category.PRESS, organization_id=north.id).id
    guest = make_reader(session, conference, organization_id=south.id).id
    alone = make_reader(session, conference).id

    def of(group: Group) -> list[int]:
        found = readers(session, conference_id=conference.id, group=group)
        assert number_of_readers(session, conference_id=conference.id, group=group) == len(found)
        return list(found)

    assert of(Group()) == [press, guest, alone]
    assert of(Group(category=Category.PRESS)) == [press]
    assert of(Group(side=Chamber.MX)) == [guest]
    assert of(Group(category=Category.OFFICIAL)) == []


def ask(session: Session, conference: Conference, by: int, group: Group = EVERYBODY) -> int:
    return ask_to_write(
        session,
        conference_id=conference.id,
        group=group,
        texts=TEXTS,
        cause="notice-1",
        key="k" * 43,
        by=by,
        now=NOW,
    )


def test_fewer_than_five_are_never_written_to(session: Session, conference: Conference) -> None:
    by = grant(session, conference, Role.ORGANIZER).id
    for _number in range(4):
        make_reader(session, conference, category=Category.PRESS)
    with pytest.raises(Conflict, match="too_few_to_write"):
        ask(session, conference, by)
    make_reader(session, conference)
    with pytest.raises(Conflict, match="too_few_to_write"):
        ask(session, conference, by, Group(category=Category.PRESS))
    assert session.scalars(select(Job)).all() == []
    ask(session, conference, by)
    assert [job.kind for job in session.scalars(select(Job))] == [JobKind.WRITE_TO_PEOPLE]


def test_a_second_tap_asks_for_nothing_and_the_log_has_one_entry(
    session: Session, conference: Conference
) -> None:
    by = grant(session, conference, Role.ORGANIZER).id
    for _number in range(5):
        make_reader(session, conference, category=Category.PRESS)
    first = ask(session, conference, by, Group(category=Category.PRESS))
    assert ask(session, conference, by, Group(category=Category.PRESS)) == first
    entries = [dict(read_entry(bytes(each)).event) for each in session.scalars(select(AuditEntry.entry))]
    assert entries == [
        {
            "kind": "people_written_to",
            "category": "press",
            "actor": "organizer-1",
            "at": "2026-07-11T17:00:00Z",
        }
    ]


def test_counts_of_readers_hide_the_few_and_what_would_tell_them(
    session: Session, conference: Conference
) -> None:
    north = make_organization(session, conference, side=Chamber.US)
    for category, number in ((Category.ATTENDEE, 9), (Category.DELEGATE, 6), (Category.PRESS, 2)):
        for _each in range(number):
            organization_id = north.id if category is Category.DELEGATE else None
            make_reader(session, conference, category=category, organization_id=organization_id)
    counted = readers_counted(session, conference_id=conference.id)
    assert counted.of(None, None) == 17
    assert counted.of(Category.ATTENDEE, None) == 9
    # Six and two together are known from the total, so neither is shown.
    assert counted.of(Category.DELEGATE, None) is None
    assert counted.of(Category.PRESS, None) is None
    assert counted.of(None, Chamber.MX) is None


def test_counting_asks_the_database_as_often_for_many(
    session: Session,
    conference: Conference,
    count_queries: Callable[[], AbstractContextManager[list[str]]],
) -> None:
    counted = []
    for number in (1, 2, 97):
        for _each in range(number):
            make_reader(session, conference)
        conference_id = conference.id
        with count_queries() as queries:
            readers_counted(session, conference_id=conference_id)
            readers(session, conference_id=conference_id)
        counted.append(len(queries))
    assert counted == [2, 2, 2]


# -- reminders -------------------------------------------------------------------------------------


def remind(session: Session, now: datetime) -> list[dict[str, object]]:
    drawn = iter(f"{number:043}" for number in range(session.query(Job).count(), 99))
    asked = ask_for_reminders(session, new_key=lambda: next(drawn), now=now)
    return [session.get_one(Job, job_id).parameters for job_id in asked]


def test_each_reminder_is_asked_for_once(session: Session, conference: Conference) -> None:
    make_conference(session, sample=True)
    make_conference(session, first_day=conference.first_day + timedelta(days=9))
    begins = datetime(2026, 7, 8, 16, tzinfo=UTC)
    assert remind(session, begins - timedelta(seconds=1)) == []
    assert remind(session, begins) == [{"reminder": 3}]
    assert remind(session, begins + timedelta(days=1)) == []
    assert remind(session, begins + timedelta(days=2)) == [{"reminder": 1}]
    assert remind(session, begins + timedelta(days=2, hours=14)) == []
    assert remind(session, begins + timedelta(days=3)) == []
    assert [job.conference_id for job in session.scalars(select(Job))] == [conference.id] * 2


def test_who_registers_after_a_reminders_hour_is_not_reminded_of_what_they_know(
    session: Session, conference: Conference
) -> None:
    early = make_reader(session, conference, registered_at=NOW - timedelta(days=9))
    make_reader(session, conference, registered_at=NOW)
    assert list(readers(session, conference_id=conference.id, before=NOW)) == [early.id]
