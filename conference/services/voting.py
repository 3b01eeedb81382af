"""Putting a question to the vote: it opens before a quorum, each seat votes once, the rules close it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, insert, select
from sqlalchemy.exc import IntegrityError

from agreements import Outcome, decide, numbers
from conference.domain.audit import AuditKind
from conference.domain.errors import Conflict, Forbidden, Invalid, NotFound
from conference.domain.voting import (
    AlreadyVoted,
    QuestionState,
    Receipt,
    VotingMethod,
    chamber_counts,
    error_of,
    record_of,
    record_to_json,
    refusal,
    require_quorum,
    unit_ballots,
    votes_by_proxy,
)
from conference.models import Ballot, Draft, ProgramSession, Question
from conference.models.agreement import current_draft, restored
from conference.services.audit import actor_of, record
from conference.services.electorate import (
    ballot_paper,
    freeze_electorate,
    seats_now,
    voted_for_another,
    votes_of_seats,
)
from conference.services.resolutions import publish_resolution

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from agreements import Choice, Provision, Rule
    from conference.domain.agreement import TabledDraft
    from conference.services.electorate import SeatNow


def open_question(
    session: Session,
    *,
    conference_id: int,
    sitting_id: int,
    provision_key: str,
    rule: Rule,
    by: int,
    now: datetime,
) -> int:
    """Put a provision of the current draft to the vote, and freeze all that decides it. Returns its number.

    Frozen are the rule, the exact text of every language with its hash, and the electorate: each seat, its
    votes, its organization's name, who casts for it, by proxy or not, and whether it is in the sitting.

    Raises Invalid for a session that is no sitting of this conference ("not_a_sitting") and for a provision
    that is unknown or says nothing by itself; Conflict while a language is missing or stale
    ("translation_missing", "translation_stale": `language`), while the same provision is being voted on
    ("provision_being_voted_on") or after this very text was adopted ("provision_adopted"), each with its
    question's `number`; and without a quorum in each chamber ("not_quorate": see `require_quorum`).
    """
    _require_sitting(session, conference_id=conference_id, sitting_id=sitting_id)
    draft, tabled = _draft_under_discussion(session, conference_id=conference_id)
    provision = tabled.votable(provision_key)
    _require_undecided(session, provision, conference_id=conference_id)
    seats = seats_now(session, conference_id=conference_id, sitting_id=sitting_id)
    require_quorum((seat.chamber, seat.present_at_opening) for seat in seats)
    question = Question(
        conference_id=conference_id,
        number=_next_number(session, conference_id=conference_id),
        sitting_id=sitting_id,
        draft_id=draft.id,
        provision_key=provision.key,
        provision_number=numbers(tabled.draft)[provision.key],
        rule=rule,
        method=VotingMethod.ROLL_CALL,
        state=QuestionState.OPEN,
        texts=_exact_texts(provision),
        text_hash=provision.text_hash(),
        opened_at=now,
        opened_by_id=by,
    )
    session.add(question)
    _flush(session)
    _freeze(session, question, seats)
    _log(session, question, AuditKind.VOTING_OPENED, by=by, now=now)
    return question.number


def cast_ballot(
    session: Session,
    *,
    conference_id: int,
    number: int,
    account_id: int,
    choices: Sequence[Choice],
    now: datetime,
    principal_id: int | None = None,
) -> Receipt:
    """Record one choice for each vote of the seat that the person holds; a single choice counts for them all.

    `principal_id` is a seat that gave this one its proxy: it is voted for by itself, on a ballot of its own.
    Only the delegate who held the seat when the question opened, is still accepted, and is in the sitting now
    can cast, and a person by one credential only. The database refuses the second ballot of a seat: after
    AlreadyVoted the transaction must be rolled back.

    Raises NotFound("question_not_found"), Conflict("question_closed"), Forbidden ("not_an_elector",
    "credential_not_accepted", "not_present", "voted_for_another_seat"), Invalid("votes_do_not_add_up") and
    AlreadyVoted.
    """
    paper = ballot_paper(
        session,
        conference_id=conference_id,
        number=number,
        account_id=account_id,
        principal_id=principal_id,
    )
    if reason := refusal(paper.state, paper.entitlement):
        raise error_of(reason)
    if paper.stands_for_another and voted_for_another(session, paper, account_id=account_id):
        raise Forbidden("voted_for_another_seat")
    ballots = unit_ballots(choices, votes=paper.votes)
    try:
        session.execute(insert(Ballot), list(paper.unit_rows(ballots, now)))
    except IntegrityError as second:
        raise AlreadyVoted from second
    return Receipt(paper.organization_name, paper.chamber, ballots, now)


def close_question(session: Session, *, conference_id: int, number: int, by: int, now: datetime) -> Outcome:
    """End the voting and let the rule of the question decide; an adopted text becomes the next resolution.

    Quorum is asked for again. The record frozen here holds each chamber's count, its presence at opening and
    closing, and the arithmetic. Raises NotFound("question_not_found") and Conflict("question_closed").
    """
    question = session.scalars(
        select(Question)
        .where(Question.conference_id == conference_id, Question.number == number)
        # Waits for the ballots on their way, which hold the row shared, and lets no other begin.
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if question is None:
        raise NotFound("question_not_found")
    if question.state is not QuestionState.OPEN:
        raise Conflict("question_closed")
    seats = tuple(votes_of_seats(session, question_id=question.id, sitting_id=question.sitting_id))
    counts = chamber_counts(seats)
    decision = decide(question.rule, counts)
    question.state, question.outcome = QuestionState.CLOSED, decision.outcome
    question.closed_at, question.closed_by_id = now, by
    question.record = record_to_json(record_of(counts, decision, votes_by_proxy(seats)))
    if decision.outcome is Outcome.ADOPTED:
        publish_resolution(session, question=question, now=now)
    _flush(session)
    _log(session, question, AuditKind.VOTING_CLOSED, by=by, now=now)
    return decision.outcome


def _log(session: Session, question: Question, kind: AuditKind, *, by: int, now: datetime) -> None:
    actor = actor_of(session, conference_id=question.conference_id, account_id=by)
    event = {"kind": kind.value, "question": question.number}
    record(session, conference_id=question.conference_id, actor=actor, event=event, at=now)


def _freeze(session: Session, question: Question, seats: Iterable[SeatNow]) -> None:
    try:
        freeze_electorate(session, question_id=question.id, seats=seats)
    except IntegrityError as gone:
        # A seat was taken back at this very moment.
        raise Conflict from gone


def _flush(session: Session) -> None:
    """Write what is pending; of two people who took the same number, the constraint lets one through."""
    try:
        session.flush()
    except IntegrityError as race:
        raise Conflict from race


def _require_sitting(session: Session, *, conference_id: int, sitting_id: int) -> None:
    sitting = select(ProgramSession.id).where(
        ProgramSession.id == sitting_id,
        ProgramSession.conference_id == conference_id,
        ProgramSession.sitting,
        ProgramSession.cancelled.is_(False),
    )
    if session.scalar(sitting) is None:
        raise Invalid("not_a_sitting")


def _draft_under_discussion(session: Session, *, conference_id: int) -> tuple[Draft, TabledDraft]:
    found = session.execute(current_draft(conference_id)).first()
    if found is None:
        raise Invalid("provision_unknown")
    draft, _authenticity = found
    return draft, restored(session, draft)


def _require_undecided(session: Session, provision: Provision, *, conference_id: int) -> None:
    standing = session.execute(
        select(Question.number, Question.state, Question.outcome, Question.text_hash)
        .where(Question.conference_id == conference_id, Question.provision_key == provision.key)
        .order_by(Question.number)
    )
    for number, state, outcome, text_hash in standing:
        if state is QuestionState.OPEN:
            raise Conflict("provision_being_voted_on", number=number)
        if outcome is Outcome.ADOPTED and text_hash == provision.text_hash():
            raise Conflict("provision_adopted", number=number)


def _next_number(session: Session, *, conference_id: int) -> int:
    last = session.scalar(select(func.max(Question.number)).where(Question.conference_id == conference_id))
    return (last or 0) + 1


def _exact_texts(provision: Provision) -> dict[str, dict[str, str]]:
    return {
        language: {"heading": provision.heading(language), "body": provision.body(language)}
        for language in sorted(provision.languages)
    }
