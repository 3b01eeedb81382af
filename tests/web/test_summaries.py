"""The summary of a session: drafts are the rapporteur's, what is published is everybody's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select

from conference.domain.accounts import Role
from conference.domain.program import SessionKind
from conference.domain.summaries import MOST_ITEMS, Section, SummaryStatus
from conference.models import Account, Conference, Summary, SummaryItem
from conference.services.summaries import publish_summary, save_summary
from tests.factories import (
    NOW,
    grant,
    make_account,
    make_conference,
    make_delegate,
    make_organization,
    make_registration,
    make_session,
    sign_in,
)
from tests.forms import HTMX, filled_in, form_of, send, submit

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from bs4 import Tag
    from sqlalchemy.orm import Session
    from werkzeug.test import TestResponse

    from tests.clients import CheckedClient

DRAFT = "Un borrador que nadie más lee"


@pytest.fixture
def conference(session: Session) -> Conference:
    """A conference with a workshop and a break."""
    conference = make_conference(session, slug="muestra")
    make_session(session, conference, key="taller", title={"es": "Taller de agua", "en": "Water workshop"})
    make_session(session, conference, key="comida", kind=SessionKind.BREAK)
    return conference


@pytest.fixture
def rapporteur(client: CheckedClient, session: Session, conference: Conference) -> CheckedClient:
    """The rapporteur, signed in."""
    sign_in(client, grant(session, conference, Role.RAPPORTEUR))
    return client


def written(session: Session, conference: Conference, key: str = "taller", *lines: str) -> int:
    return save_summary(
        session,
        conference_id=conference.id,
        session_key=key,
        language="es",
        sections={Section.OBSERVATION: lines or (DRAFT,)},
        revision=0,
        by=None,
        now=NOW,
    )


def published(session: Session, conference: Conference, key: str = "taller", *lines: str) -> int:
    revision = written(session, conference, key, *lines)
    return publish_summary(
        session, conference_id=conference.id, session_key=key, revision=revision, by=None, now=NOW
    )


def soup(response: TestResponse) -> Tag:
    found = BeautifulSoup(response.text, "html5lib")
    return found.main or found


def page_text(response: TestResponse) -> str:
    return " ".join(soup(response).get_text(" ").split())


def test_the_rapporteur_writes_in_two_languages_and_publishes(
    rapporteur: CheckedClient, new_client: Callable[[], CheckedClient]
) -> None:
    saved = submit(
        rapporteur,
        "/es/muestra/summaries/taller/edit",
        observation="· Los programas sirven.\r\n\r\n· Falta gente.",
        measure="• Hacer ferias",
    )
    assert (saved.status_code, saved.location) == (303, "/es/muestra/summaries/taller/edit?in=es")
    english = rapporteur.get("/es/muestra/summaries/taller/edit?in=en")
    assert "Los programas sirven. Falta gente." in page_text(english)
    ended = send(rapporteur, form_of(english), observation="Programs work.", publish="1")
    assert (ended.status_code, ended.location) == (303, "/es/muestra/summaries/taller")
    everybody = new_client()
    spanish = everybody.get("/es/muestra/summaries/taller")
    assert [item.get_text(" ", strip=True) for item in soup(spanish).select("section li")] == [
        "Los programas sirven.",
        "Falta gente.",
        "Hacer ferias",
    ]
    read_in_english = everybody.get("/en/muestra/summaries/taller")
    assert [item.get_text(" ", strip=True) for item in soup(read_in_english).select("section li")] == [
        "Programs work.",
        "Falta gente. only in Spanish",
        "Hacer ferias only in Spanish",
    ]
    assert [tag["lang"] for tag in soup(read_in_english).select("section li [lang]")] == ["en", "es", "es"]


def test_a_published_summary_has_its_three_sections_its_session_and_what_it_is(
    client: CheckedClient, session: Session, conference: Conference
) -> None:
    published(session, conference)
    answer = client.get("/en/muestra/summaries/taller")
    assert [heading.text for heading in soup(answer).select("h2")] == [
        "Observations",
        "Recurring themes and points of agreement",
        "Measures proposed",
    ]
    assert "Informative" in page_text(answer)
    assert soup(answer).select('a[href="/en/muestra/sessions/taller"]')
    assert soup(answer).select('a[href$="/edit"]') == []
    assert "Corrected on" not in page_text(answer)


def test_a_draft_is_nobodys_but_the_rapporteurs(
    client: CheckedClient, session: Session, conference: Conference, new_client: Callable[[], CheckedClient]
) -> None:
    written(session, conference)
    organizer, elsewhere = new_client(), new_client()
    sign_in(organizer, grant(session, conference, Role.ORGANIZER))
    sign_in(elsewhere, grant(session, make_conference(session), Role.RAPPORTEUR))
    for stranger in (client, organizer, elsewhere):
        answers = [stranger.get("/es/muestra/summaries"), stranger.get("/es/muestra/summaries/taller")]
        assert [answer.status_code for answer in answers] == [200, 404]
        assert [DRAFT in answer.text for answer in answers] == [False, False]
        assert soup(answers[0]).select('a[href*="/summaries/taller"]') == []
    sign_in(client, grant(session, conference, Role.RAPPORTEUR))
    assert DRAFT in client.get("/es/muestra/summaries/taller").text


@pytest.mark.parametrize("role", [None, *Role])
def test_only_rapporteurs_write(
    client: CheckedClient, session: Session, conference: Conference, role: Role | None
) -> None:
    revision = written(session, conference)
    form = an_open_form(session, conference, client)
    if role is not None:
        sign_in(client, somebody(session, conference, role))
    read = client.get("/es/muestra/summaries/taller/edit")
    sent = client.post("/es/muestra/summaries/taller/edit?in=es", data=form | {"measure": "De alguien"})
    expected = {None: (303, 303), Role.RAPPORTEUR: (200, 303)}.get(role, (403, 403))
    assert (read.status_code, sent.status_code) == expected
    changed = role is Role.RAPPORTEUR
    assert session.scalars(select(Summary.revision)).one() == revision + changed


def somebody(session: Session, conference: Conference, role: Role) -> Account:
    """Return somebody who has the role, granted or earned."""
    if role is Role.DELEGATE:
        return make_delegate(session, conference)[0]
    if role is Role.ATTENDEE:
        account = make_account(session)
        make_registration(session, conference, account_id=account.id)
        return account
    leads = role is Role.ORGANIZATION_LEAD
    return grant(
        session, conference, role, organization=make_organization(session, conference) if leads else None
    )


def an_open_form(session: Session, conference: Conference, client: CheckedClient) -> dict[str, str]:
    """Return a rapporteur's form with the token of this client's cookie, which then signs in anew."""
    sign_in(client, grant(session, conference, Role.RAPPORTEUR))
    form = filled_in(form_of(client.get("/es/muestra/summaries/taller/edit")))
    with client.session_transaction() as cookie:
        del cookie["sign_in"]
    return form


def test_the_list_is_by_day_and_shows_rapporteurs_what_waits(
    rapporteur: CheckedClient,
    session: Session,
    conference: Conference,
    new_client: Callable[[], CheckedClient],
) -> None:
    make_session(session, conference, key="mesa", title={"es": "Mesa de lengua", "en": "Language table"})
    published(session, conference, "mesa")
    public = new_client().get("/es/muestra/summaries")
    assert [heading.text for heading in soup(public).select("h2")] == ["sábado, 11 de julio de 2026"]
    assert [link["href"] for link in soup(public).select(".rows a")] == ["/es/muestra/summaries/mesa"]
    own = rapporteur.get("/es/muestra/summaries")
    assert [link["href"] for link in soup(own).select(".rows a")] == [
        "/es/muestra/summaries/taller/edit",
        "/es/muestra/summaries/mesa",
    ]


def test_a_stale_save_gives_both_texts_and_the_next_one_is_kept(
    rapporteur: CheckedClient, session: Session, conference: Conference
) -> None:
    revision = written(session, conference)
    opened = form_of(rapporteur.get("/es/muestra/summaries/taller/edit"))
    save_summary(
        session,
        conference_id=conference.id,
        session_key="taller",
        language="es",
        sections={Section.OBSERVATION: ["Lo de la otra persona"]},
        revision=revision,
        by=None,
        now=NOW,
    )
    for headers in (None, HTMX):
        stale = send(rapporteur, opened, observation="Lo mío,\nque no se pierde", headers=headers)
        assert stale.status_code == 409
        again = form_of(stale)
        assert filled_in(again)["observation"] == "Lo mío,\r\nque no se pierde".replace("\r", "")
        assert "Lo de la otra persona" in page_text(stale)
        assert soup(stale).select("[role=alert]")
    assert again["hx-target"] == "#editor"
    merged = send(
        rapporteur,
        again,
        observation="Lo de la otra persona\nLo mío",
        headers=HTMX | {"HX-Target": "editor"},
    )
    assert merged.status_code == 200
    assert soup(merged).select("[role=alert]") == []
    assert form_of(merged)["hx-target"] == "#saved"
    texts = session.scalars(select(SummaryItem.text).order_by(SummaryItem.position)).all()
    assert texts == [{"es": "Lo de la otra persona"}, {"es": "Lo mío"}]


def test_what_cannot_be_kept_comes_back_with_its_reason_and_nothing_is_saved(
    rapporteur: CheckedClient, session: Session
) -> None:
    lines = "\n".join(f"Punto {number}" for number in range(MOST_ITEMS + 1))
    for headers in (None, HTMX):
        answer = submit(
            rapporteur,
            "/en/muestra/summaries/taller/edit",
            observation="Bien",
            measure=lines,
            headers=headers,
        )
        assert answer.status_code == 422
        wrong = soup(answer).select_one(".field-error")
        assert wrong is not None
        assert "41 lines are too many; up to 40 can be kept." in wrong.text
        assert filled_in(form_of(answer))["measure"] == lines
        assert filled_in(form_of(answer))["observation"] == "Bien"
    assert answer.headers["HX-Retarget"] == "#editor"
    assert session.scalars(select(Summary.id)).all() == []


def test_an_empty_summary_is_not_published(rapporteur: CheckedClient, session: Session) -> None:
    answer = submit(rapporteur, "/en/muestra/summaries/taller/edit", measure=" · \n", publish="1")
    assert answer.status_code == 422
    assert "A published summary has at least one item." in page_text(answer)
    assert session.scalars(select(Summary.id)).all() == []


def test_a_correction_is_marked_with_its_day(
    rapporteur: CheckedClient, session: Session, conference: Conference
) -> None:
    published(session, conference)
    form = form_of(rapporteur.get("/en/muestra/summaries/taller/edit?in=es"))
    assert form.select("[name=publish]") == []
    assert send(rapporteur, form, observation="Corregido").status_code == 303
    answer = page_text(rapporteur.get("/en/muestra/summaries/taller"))
    assert "Corrected on" in answer
    assert "Corregido" in answer
    assert DRAFT not in answer
    assert session.scalars(select(Summary.status)).one() is SummaryStatus.PUBLISHED


def test_with_htmx_only_the_status_line_changes_and_the_next_save_follows(
    rapporteur: CheckedClient, session: Session
) -> None:
    opened = form_of(rapporteur.get("/en/muestra/summaries/taller/edit?in=es"))
    first = send(rapporteur, opened, measure="Uno", headers=HTMX)
    assert (first.status_code, "<textarea" in first.text, "Saved." in first.text) == (200, False, True)
    revision = BeautifulSoup(first.text, "html.parser").select_one("[name=revision]")
    assert revision is not None
    assert revision["value"] == "1"
    second = send(rapporteur, opened, measure="Uno\nDos", revision="1", headers=HTMX)
    assert 'value="2"' in second.text
    ended = send(rapporteur, opened, measure="Uno\nDos", revision="2", publish="1", headers=HTMX)
    assert (ended.status_code, ended.headers["HX-Redirect"]) == (200, "/en/muestra/summaries/taller")
    assert len(session.scalars(select(SummaryItem.id)).all()) == 2


def test_what_is_typed_is_text_and_never_markup(
    rapporteur: CheckedClient, session: Session, conference: Conference
) -> None:
    attack = """<script>alert(1)</script> "><img src=x onerror=alert(2)> </textarea>{{ 7*7 }} **no**"""
    published(session, conference, "taller", attack)
    pages = ["summaries/taller", "summaries/taller/edit", "summaries/taller/edit?in=en", "summaries"]
    for address in pages:
        answer = rapporteur.get(f"/es/muestra/{address}")
        assert answer.status_code == 200
        assert "<script>alert" not in answer.text
        assert "<img" not in answer.text
    assert attack in soup(rapporteur.get("/es/muestra/summaries/taller")).text
    assert filled_in(form_of(rapporteur.get("/es/muestra/summaries/taller/edit")))["observation"] == attack


@pytest.mark.parametrize("key", ["comida", "ninguna", "%3Cscript%3E"])
def test_what_has_no_summary_is_not_found(rapporteur: CheckedClient, key: str) -> None:
    for address in (f"/es/muestra/summaries/{key}", f"/es/muestra/summaries/{key}/edit"):
        assert rapporteur.get(address).status_code == 404


@pytest.mark.parametrize("asked", ["fr", "", "es'"])
def test_a_language_that_the_conference_does_not_speak_is_not_found(
    rapporteur: CheckedClient, asked: str
) -> None:
    assert rapporteur.get(f"/es/muestra/summaries/taller/edit?in={asked}").status_code == 404


@pytest.mark.parametrize("revision", ["", "-1", "uno", "1" * 12, "٣"])
def test_a_revision_that_is_none_is_refused_and_the_text_kept(
    rapporteur: CheckedClient, session: Session, revision: str
) -> None:
    answer = submit(rapporteur, "/es/muestra/summaries/taller/edit", measure="Se queda", revision=revision)
    assert answer.status_code in {409, 422}
    assert filled_in(form_of(answer))["measure"] == "Se queda"
    assert session.scalars(select(Summary.id)).all() == []


@pytest.mark.parametrize("number", [1, 3, 30])
def test_the_list_takes_the_same_statements_whatever_its_length(
    client: CheckedClient,
    session: Session,
    conference: Conference,
    count_queries: Callable[[], AbstractContextManager[list[str]]],
    number: int,
) -> None:
    for _ in range(number):
        published(session, conference, make_session(session, conference).key)
    session.commit()
    with count_queries() as queries:
        answer = client.get("/es/muestra/summaries")
    assert len(soup(answer).select(".rows > li")) == number
    assert len(queries) == 2


def test_without_a_summary_the_list_says_so(client: CheckedClient, conference: Conference) -> None:
    assert "No summary has been published yet" in client.get("/en/muestra/summaries").text
