"""Summaries are saved against the revision that was read, published once, and corrected visibly."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from conference.domain.errors import Conflict, Invalid, NotFound
from conference.domain.program import SessionKind
from conference.domain.summaries import LONGEST_ITEM, Section, SummaryStatus
from conference.domain.voting import BindingStatus
from conference.models import Conference, Summary, SummaryItem
from conference.queries.summaries import SummaryView, summaries, summary
from conference.services.summaries import publish_summary, save_summary
from tests.factories import NOW, make_conference, make_session
from tests.timing import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from tests.databases import Prepared

LATER = NOW + timedelta(hours=3)
THREE = {
    Section.OBSERVATION: ["· El programa fomenta la inversión."],
    Section.AGREEMENT: ["· Casi todo el trabajo es voluntario.", "· Hay que capacitarse."],
    Section.MEASURE: ["· Organizar ferias culturales."],
}

THREE_AGREED = ("Casi todo el trabajo es voluntario.", "Hay que capacitarse.")


def save(session: Session, conference: Conference, key: str, sections: Any = None, **values: Any) -> int:
    settings = {"language": "es", "revision": 0, "by": None, "now": NOW} | values
    sections = THREE if sections is None else sections
    return save_summary(session, conference_id=conference.id, session_key=key, sections=sections, **settings)


def publish(session: Session, conference: Conference, key: str, revision: int, **values: Any) -> int:
    settings = {"by": None, "now": NOW} | values
    return publish_summary(
        session, conference_id=conference.id, session_key=key, revision=revision, **settings
    )


def read(session: Session, conference: Conference, key: str) -> SummaryView:
    found = summary(session, conference_id=conference.id, session_key=key)
    assert found is not None
    return found


def test_a_draft_holds_what_was_written_in_its_three_sections(session: Session) -> None:
    conference = make_conference(session)
    make_session(session, conference, key="taller")
    assert save(session, conference, "taller") == 1
    draft = read(session, conference, "taller")
    assert draft.sections == {
        Section.OBSERVATION: ({"es": "El programa fomenta la inversión."},),
        Section.AGREEMENT: (
            {"es": "Casi todo el trabajo es voluntario."},
            {"es": "Hay que capacitarse."},
        ),
        Section.MEASURE: ({"es": "Organizar ferias culturales."},),
    }
    assert (draft.status, draft.published_at, draft.corrected_at) == (SummaryStatus.DRAFT, None, None)
    assert draft.binding_status is BindingStatus.INFORMATIVE


def test_each_language_is_written_by_itself_and_matched_by_position(session: Session) -> None:
    conference = make_conference(session)
    make_session(session, conference, key="taller")
    save(session, conference, "taller")
    english = {Section.AGREEMENT: ["Most work is unpaid.", "Leaders need courses.", "Only here."]}
    assert save(session, conference, "taller", english, language="en", revision=1) == 2
    both = read(session, conference, "taller")
    assert both.sections[Section.AGREEMENT] == (
        {"es": "Casi todo el trabajo es voluntario.", "en": "Most work is unpaid."},
        {"es": "Hay que capacitarse.", "en": "Leaders need courses."},
        {"en": "Only here."},
    )
    assert both.items(Section.AGREEMENT, "es") == THREE_AGREED
    assert both.items(Section.MEASURE, "en") == ()


def test_a_section_that_is_left_out_is_emptied_in_that_language_only(session: Session) -> None:
    conference = make_conference(session)
    make_session(session, conference, key="taller")
    save(session, conference, "taller")
    save(session, conference, "taller", {Section.MEASURE: ["Fairs."]}, language="en", revision=1)
    save(session, conference, "taller", {}, revision=2)
    assert read(session, conference, "taller").sections == {
        Section.OBSERVATION: (),
        Section.AGREEMENT: (),
        Section.MEASURE: ({"en": "Fairs."},),
    }


def test_saving_the_same_again_changes_nothing(session: Session) -> None:
    conference = make_conference(session)
    make_session(session, conference, key="taller")
    assert save(session, conference, "taller") == 1
    assert save(session, conference, "taller", revision=1, now=LATER) == 1
    assert session.scalars(select(Summary.updated_at)).one() == NOW


def test_saving_nothing_begins_nothing(session: Session) -> None:
    conference = make_conference(session)
    make_session(session, conference, key="taller")
    assert save(session, conference, "taller", {Section.MEASURE: ["  ", "·"]}) == 0
    assert session.scalar(select(func.count(Summary.id))) == 0


@pytest.mark.parametrize("stale", [0, 1, 3])
def test_a_stale_save_is_refused_and_changes_nothing(session: Session, stale: int) -> None:
    conference = make_conference(session)
    make_session(session, conference, key="taller")
    save(session, conference, "taller")
    assert save(session, conference, "taller", {Section.MEASURE: ["De otra persona"]}, revision=1) == 2
    with pytest.raises(Conflict) as refused:
        save(session, conference, "taller", {Section.MEASURE: ["Mía"]}, revision=stale, now=LATER)
    assert refused.value.code == "summary_changed"
    assert read(session, conference, "taller").items(Section.MEASURE, "es") == ("De otra persona",)


def test_a_revision_of_a_summary_that_nobody_began_is_refused(session: Session) -> None:
    conference = make_conference(session)
    make_session(session, conference, key="taller")
    with pytest.raises(Conflict):
        save(session, conference, "taller", revision=1)


def test_of_two_who_save_at_once_one_is_told(prepared: Prepared, session: Session) -> None:
    conference = make_conference(session)
    make_session(session, conference, key="taller")
    conference_id = conference.id
    session.commit()
    for revision in (0, 1):
        answers = at_once(prepared, conference_id, revision)
        assert sorted(answers) == sorted(["summary_changed", str(revision + 1)])
    assert session.scalars(select(Summary.revision)).one() == 2
    assert session.scalar(select(func.count(SummaryItem.id))) == 1


def at_once(prepared: Prepared, conference_id: int, revision: int) -> list[str]:
    """Have two people save different words against the same revision at the same moment."""
    answers: list[str] = []
    ready = threading.Barrier(2, timeout=PATIENCE)

    def write(words: str) -> None:
        ready.wait()
        with Session(prepared.engine) as own:
            try:
                saved = save_summary(
                    own,
                    conference_id=conference_id,
                    session_key="taller",
                    language="es",
                    sections={Section.MEASURE: [words]},
                    revision=revision,
                    by=None,
                    now=NOW,
                )
                own.commit()
                answers.append(str(saved))
            except Conflict as refused:
                answers.append(refused.code)

    people = [threading.Thread(target=write, args=(f"{name} {revision}",)) for name in ("Ana", "Beto")]
    for person in people:
        person.start()
    for person in people:
        person.join(PATIENCE)
    return answers


def test_breaks_and_other_conferences_have_no_summary_here(session: Session) -> None:
    conference, other = make_conference(session), make_conference(session)
    make_session(session, conference, key="comida", kind=SessionKind.BREAK)
    make_session(session, other, key="ajena")
    for key in ("comida", "ajena", "ninguna"):
        with pytest.raises(NotFound) as refused:
            save(session, conference, key)
        assert refused.value.code == "summary_not_found"
        with pytest.raises(NotFound):
            publish(session, conference, key, 0)
        assert summary(session, conference_id=conference.id, session_key=key) is None


def test_a_language_of_another_conference_is_refused(session: Session) -> None:
    conference = make_conference(session, languages=["es"])
    make_session(session, conference, key="taller")
    with pytest.raises(Invalid) as refused:
        save(session, conference, "taller", language="en")
    assert refused.value.code == "summary_language"


def test_too_long_an_item_leaves_the_summary_as_it_was(session: Session) -> None:
    conference = make_conference(session)
    make_session(session, conference, key="taller")
    save(session, conference, "taller")
    with pytest.raises(Invalid) as refused:
        save(session, conference, "taller", {Section.MEASURE: ["a" * (LONGEST_ITEM + 1)]}, revision=1)
    assert refused.value.code == "summary_item_too_long"
    assert read(session, conference, "taller").items(Section.AGREEMENT, "es") == THREE_AGREED


def test_publishing_dates_it_and_a_form_opened_before_is_stale(session: Session) -> None:
    conference = make_conference(session)
    make_session(session, conference, key="taller")
    save(session, conference, "taller")
    assert publish(session, conference, "taller", 1, now=LATER) == 2
    published = read(session, conference, "taller")
    assert (published.published, published.published_at, published.corrected_at) == (True, LATER, None)
    with pytest.raises(Conflict):
        save(session, conference, "taller", {Section.MEASURE: ["Sin saberlo"]}, revision=1)


def test_a_second_tap_on_publish_changes_nothing(session: Session) -> None:
    conference = make_conference(session)
    make_session(session, conference, key="taller")
    save(session, conference, "taller")
    assert publish(session, conference, "taller", 1) == 2
    assert publish(session, conference, "taller", 1, now=LATER) == 2
    assert read(session, conference, "taller").published_at == NOW


def test_what_was_not_read_is_not_published(session: Session) -> None:
    conference = make_conference(session)
    make_session(session, conference, key="taller")
    save(session, conference, "taller")
    save(session, conference, "taller", {Section.MEASURE: ["Otra cosa"]}, revision=1)
    with pytest.raises(Conflict):
        publish(session, conference, "taller", 1)
    assert not read(session, conference, "taller").published


def test_nothing_empty_is_published(session: Session) -> None:
    conference = make_conference(session)
    make_session(session, conference, key="taller")
    with pytest.raises(Invalid) as refused:
        publish(session, conference, "taller", 0)
    assert refused.value.code == "summary_empty"
    save(session, conference, "taller")
    save(session, conference, "taller", {}, revision=1)
    with pytest.raises(Invalid):
        publish(session, conference, "taller", 2)


def test_a_correction_of_a_published_summary_says_when(session: Session) -> None:
    conference = make_conference(session)
    make_session(session, conference, key="taller")
    save(session, conference, "taller")
    publish(session, conference, "taller", 1)
    corrected = THREE | {Section.MEASURE: ["Organizar ferias en cada ciudad."]}
    assert save(session, conference, "taller", corrected, revision=2, now=LATER) == 3
    found = read(session, conference, "taller")
    assert (found.published_at, found.corrected_at, found.revision) == (NOW, LATER, 3)
    assert found.published


def test_a_published_summary_cannot_be_emptied(session: Session) -> None:
    conference = make_conference(session)
    make_session(session, conference, key="taller")
    save(session, conference, "taller")
    publish(session, conference, "taller", 1)
    with pytest.raises(Invalid) as refused:
        save(session, conference, "taller", {}, revision=2)
    assert refused.value.code == "summary_empty"
    session.expire_all()
    assert read(session, conference, "taller").items(Section.AGREEMENT, "es") == THREE_AGREED


def test_readers_are_given_published_summaries_rapporteurs_what_waits(session: Session) -> None:
    conference, other = make_conference(session), make_conference(session)
    early = NOW.replace(tzinfo=None) - timedelta(hours=9)
    make_session(session, conference, key="comida", kind=SessionKind.BREAK)
    make_session(session, conference, key="cancelada", cancelled=True)
    make_session(session, conference, key="espera")
    make_session(session, conference, key="borrador")
    make_session(session, conference, key="publicada", starts_local=early)
    make_session(session, other, key="ajena")
    save(session, conference, "borrador")
    for where, key in ((conference, "publicada"), (other, "ajena")):
        publish(session, where, key, save(session, where, key))
    public = summaries(session, conference_id=conference.id, drafts=False)
    assert [(line.session_key, line.status) for line in public] == [("publicada", SummaryStatus.PUBLISHED)]
    everything = summaries(session, conference_id=conference.id, drafts=True)
    assert [(line.session_key, line.status) for line in everything] == [
        ("publicada", SummaryStatus.PUBLISHED),
        ("espera", None),
        ("borrador", SummaryStatus.DRAFT),
    ]


@pytest.mark.parametrize("number", [1, 3, 30])
def test_lists_and_pages_take_the_same_statements_whatever_their_length(
    session: Session, count_queries: Callable[[], AbstractContextManager[list[str]]], number: int
) -> None:
    conference = make_conference(session)
    for _ in range(number):
        row = make_session(session, conference)
        items = {Section.MEASURE: [f"Medida {item}" for item in range(number)]}
        publish(session, conference, row.key, save(session, conference, row.key, items))
    with count_queries() as queries:
        lines = summaries(session, conference_id=conference.id, drafts=True)
    assert (len(lines), len(queries)) == (number, 1)
    with count_queries() as queries:
        found = read(session, conference, lines[0].session_key)
    assert (len(found.sections[Section.MEASURE]), len(queries)) == (number, 2)
