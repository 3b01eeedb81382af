"""The demonstration's people do what they are said to have done, through the services of real people."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from agreements import Chamber, Choice, Outcome
from conference import models
from conference.domain.accounts import Role
from conference.domain.credentials import CredentialStatus
from conference.domain.errors import NotFound
from conference.domain.pack import read_pack
from conference.domain.pack_people import Sample, read_sample
from conference.domain.summaries import SummaryStatus
from conference.domain.voting import QuestionState
from conference.queries.approvals import approvable_from
from conference.queries.demo import cast
from conference.services.accounts import SignInProof, redeem_link
from conference.services.conference import import_conference
from conference.services.demo import Draw, issue_links, populate
from tests.domain.test_pack import EXAMPLE, example_files
from tests.factories import NOW

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

KEY = b"known to this test"


@pytest.fixture
def sample() -> Sample:
    return read_sample((EXAMPLE / "people.toml").read_bytes(), languages=("es", "en"))


@pytest.fixture
def populated(session: Session, sample: Sample) -> Session:
    imported = import_conference(session, pack=read_pack(example_files()), now=NOW)
    numbers = count(1)
    draw = Draw(nonce=lambda: f"{next(numbers):032x}", tickets=KEY)
    populate(session, conference_id=imported.conference_id, sample=sample, draw=draw, now=NOW)
    session.flush()
    return session


def test_a_clause_is_adopted_and_its_resolution_published(populated: Session) -> None:
    question = populated.scalars(select(models.Question).where(models.Question.number == 1)).one()
    resolution = populated.scalars(select(models.Resolution)).one()

    assert (question.provision_key, question.outcome) == ("purpose-coalition", Outcome.ADOPTED)
    assert (resolution.number, resolution.question_id) == (1, question.id)
    assert question.closed_at is not None
    assert question.opened_at < question.closed_at < NOW


def test_a_second_organizer_can_answer_the_first_at_once(populated: Session) -> None:
    organizers = populated.scalars(
        select(models.RoleGrant).where(models.RoleGrant.role == Role.ORGANIZER).order_by(models.RoleGrant.id)
    ).all()
    conference_id = organizers[0].conference_id

    assert [
        approvable_from(populated, conference_id=conference_id, asked_by=organizer.account_id, now=NOW)
        for organizer in organizers
    ] == [NOW, NOW]


def test_a_question_is_open_and_the_delegates_of_the_cast_have_not_voted(
    populated: Session, sample: Sample
) -> None:
    question = populated.scalars(select(models.Question).where(models.Question.number == 2)).one()
    choices = Counter(
        populated.scalars(select(models.Ballot.choice).where(models.Ballot.question_id == question.id))
    )

    assert (question.provision_key, question.state) == ("languages-use", QuestionState.OPEN)
    assert choices == Counter(person.ballot for person in sample.people if person.ballot and person.present)
    assert set(choices) == set(Choice)
    waiting = [person.key for person in sample.cast if person.present and person.ballot is None]
    assert waiting == ["delegate_us", "delegate_mx"]


def test_seats_are_held_and_both_chambers_have_a_quorum(populated: Session, sample: Sample) -> None:
    accepted = select(func.count(models.Credential.id)).where(
        models.Credential.status == CredentialStatus.ACCEPTED
    )
    present = select(models.Seat.chamber, func.count(models.Presence.id)).join(
        models.Presence, models.Presence.seat_id == models.Seat.id
    )

    wanted = [person for person in sample.people if person.credential is CredentialStatus.ACCEPTED]
    assert populated.scalar(accepted) == len(wanted)
    chambers = dict(populated.execute(present.group_by(models.Seat.chamber)).all())
    assert sum(chambers.values()) == sum(person.present for person in sample.people)
    assert [chambers[chamber] > 7 for chamber in Chamber] == [True, True]


def test_a_summary_is_published_in_both_languages(populated: Session) -> None:
    summary = populated.scalars(select(models.Summary)).one()
    texts = populated.scalars(select(models.SummaryItem.text)).all()

    assert summary.status is SummaryStatus.PUBLISHED
    assert len(texts) == 13
    assert {frozenset(text) for text in texts} == {frozenset({"es", "en"})}


def test_only_the_cast_can_sign_in_and_the_fillers_have_no_address(
    populated: Session, sample: Sample
) -> None:
    listed = [member.email for member in cast(populated)]

    assert listed == [person.email for person in sample.cast]
    assert populated.scalar(select(func.count(models.Account.id))) == len(sample.people)


def test_links_work_once_for_twelve_hours_and_fresh_ones_replace_them(
    populated: Session, sample: Sample
) -> None:
    numbers = count(1)

    def proof() -> SignInProof:
        return SignInProof(token=f"token-{next(numbers)}", code="CDFG2345")

    def issue() -> list[str]:
        links = issue_links(populated, sample=sample, proof=proof, key=KEY, now=NOW)
        return [link.token for link in links]

    old, new = issue(), issue()

    assert len(new) == len(sample.cast)
    with pytest.raises(NotFound):
        redeem_link(populated, token=old[0], now=NOW)
    with pytest.raises(NotFound):
        redeem_link(populated, token=new[0], now=NOW + timedelta(hours=12))
    proved = redeem_link(populated, token=new[0], now=NOW + timedelta(hours=11))
    assert proved.assured
    assert populated.get_one(models.Account, proved.account_id).email == sample.cast[0].email
    with pytest.raises(NotFound):
        redeem_link(populated, token=new[0], now=NOW)
