from __future__ import annotations

import gzip
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
import vobject
from bs4 import BeautifulSoup
from icalendar import Calendar

from agreements import Chamber
from conference.domain.accounts import Role
from conference.domain.program import SessionKind
from conference.domain.schedule_xml import Schedule, parse_schedule
from conference.domain.summaries import SummaryStatus
from conference.domain.voting import BindingStatus
from conference.models import CoChair, SessionSpeaker, Speaker, Summary, Track
from conference.services.program import import_schedule
from tests.factories import (
    NOW,
    grant,
    make_conference,
    make_organization,
    make_registration,
    make_room,
    make_session,
    make_sitting,
    sign_in,
)

if TYPE_CHECKING:
    from pathlib import Path

    from flask.testing import FlaskClient
    from sqlalchemy.orm import Session
    from werkzeug.test import TestResponse

    from conference.models import Conference, ProgramSession
    from tests.browsers import Pages

wall_clock = datetime.fromisoformat


@pytest.fixture
def oaxaca(session: Session) -> Conference:
    """Two days in Salem, Oregon, whose exact venue is not public."""
    conference = make_conference(session, slug="oaxaca")
    make_registration(session, conference, badge_name="Nombre Reservado")
    return conference


def soup(response: TestResponse) -> BeautifulSoup:
    assert response.status_code == 200
    return BeautifulSoup(response.text, "html.parser")


def titles(page: BeautifulSoup) -> list[str]:
    return [link.get_text(" ", strip=True) for link in page.select("#timetable .rows a.row-link")]


def words(page: BeautifulSoup, selector: str) -> list[str]:
    return [" ".join(found.get_text(" ").split()) for found in page.select(selector)]


# -- a day -------------------------------------------------------------------------------------------


def test_the_first_day_is_shown_when_today_is_not_a_day_of_the_conference(
    client: FlaskClient, session: Session, oaxaca: Conference
):
    make_session(session, oaxaca, title={"es": "Lo que sigue"}, starts_local=wall_clock("2026-07-12T09:00"))
    make_session(session, oaxaca, title={"es": "Lo primero"})
    page = soup(client.get("/es/oaxaca/program"))
    assert titles(page) == ["Lo primero"]
    assert words(page, "h2.day") == ["sábado, 11 de julio de 2026"]
    assert words(page, ".tabs a") == ["sáb 11 jul", "dom 12 jul"]
    assert words(page, ".tabs [aria-current=page]") == ["sáb 11 jul"]


def test_the_links_of_the_days_lead_to_each_day(client: FlaskClient, session: Session, oaxaca: Conference):
    make_session(session, oaxaca, title={"es": "Lo que sigue"}, starts_local=wall_clock("2026-07-12T09:00"))
    links = soup(client.get("/es/oaxaca/program")).select(".tabs a")
    assert [titles(soup(client.get(link["href"]))) for link in links] == [[], ["Lo que sigue"]]


def test_today_is_shown_during_the_conference(
    client: FlaskClient, session: Session, monkeypatch: pytest.MonkeyPatch
):
    conference = make_conference(session, slug="oaxaca")
    # Past midnight in UTC, the venue is still in the evening of the first day.
    for moment, day in (("2026-07-12T05:00", "sáb 11 jul"), ("2026-07-12T08:00", "dom 12 jul")):
        monkeypatch.setattr(
            "conference.blueprints.program.now", lambda at=moment: wall_clock(at).replace(tzinfo=UTC)
        )
        assert words(soup(client.get("/es/oaxaca/program")), ".tabs [aria-current]") == [day]
    assert conference.days == 2


def test_a_session_in_the_night_after_the_last_day_is_not_lost(
    client: FlaskClient, session: Session, oaxaca: Conference
):
    make_session(session, oaxaca, title={"es": "Baile"}, starts_local=wall_clock("2026-07-13T01:00"))
    page = soup(client.get("/es/oaxaca/program"))
    assert words(page, ".tabs a") == ["sáb 11 jul", "dom 12 jul", "lun 13 jul"]
    assert titles(soup(client.get("/es/oaxaca/program?day=2026-07-13"))) == ["Baile"]


@pytest.mark.parametrize("day", ["2026-07-10", "ayer", "2026-13-45"])
def test_a_day_that_the_conference_does_not_have_is_not_found(
    client: FlaskClient, oaxaca: Conference, day: str
):
    assert client.get("/es/oaxaca/program", query_string={"day": day}).status_code == 404


def test_sessions_stand_under_their_start_with_all_that_helps_to_choose(
    client: FlaskClient, session: Session, oaxaca: Conference
):
    room = make_room(session, oaxaca, name={"es": "Auditorio", "en": "Auditorium"})
    mesa = make_session(
        session,
        oaxaca,
        kind=SessionKind.ROUNDTABLE,
        title={"es": "Mesa", "en": "Table"},
        room_id=room.id,
        spoken=["spa", "eng"],
    )
    chair_together(session, mesa, oaxaca)
    make_sitting(session, oaxaca, title={"es": "Votación", "en": "Voting"}, minutes=0)
    page = soup(client.get("/en/oaxaca/program"))
    assert words(page, "h3.session-time") == ["10:00 AM"]
    assert words(page, "section.session li") == [
        "Voting Plenary Votes are taken Spanish",
        "Table Roundtable until 11:00 AM Auditorium Spanish, English Co-chairs: Club Salem, Comité Oaxaca",
    ]


def chair_together(session: Session, mesa: ProgramSession, conference: Conference) -> None:
    for place, (key, name, side) in enumerate(
        [("club-salem", "Club Salem", Chamber.US), ("comite-oaxaca", "Comité Oaxaca", Chamber.MX)]
    ):
        organization = make_organization(session, conference, key=key, name=name, side=side)
        session.add(CoChair(session_id=mesa.id, organization_id=organization.id, position=place))


def test_a_cancelled_session_stays_and_says_so(client: FlaskClient, session: Session, oaxaca: Conference):
    make_session(session, oaxaca, cancelled=True)
    assert "Cancelled" in soup(client.get("/en/oaxaca/program")).select_one("section.session").text


def test_sessions_of_another_conference_are_not_in_the_program(
    client: FlaskClient, session: Session, oaxaca: Conference
):
    other = make_conference(session, slug="otra")
    make_session(session, other, key="ajena")
    assert titles(soup(client.get("/es/oaxaca/program"))) == []
    assert client.get("/es/oaxaca/sessions/ajena").status_code == 404
    assert client.get("/es/oaxaca/sessions/ajena/calendar.ics").status_code == 404


def test_a_day_without_sessions_says_so(client: FlaskClient, oaxaca: Conference):
    assert words(soup(client.get("/en/oaxaca/program")), ".empty .notice-title") == [
        "Nothing is announced for this day yet"
    ]


# -- zones -------------------------------------------------------------------------------------------


def test_times_are_of_the_venue_and_say_so(client: FlaskClient, session: Session, oaxaca: Conference):
    make_session(session, oaxaca)
    page = soup(client.get("/en/oaxaca/program"))
    assert words(page, "#timetable .cluster")[0] == (
        "Times: Pacific Daylight Time (Los Angeles). Show them in Central Standard Time (Mexico City)"
    )


def test_the_other_side_reads_the_clock_of_mexico_city(
    client: FlaskClient, session: Session, oaxaca: Conference
):
    make_session(session, oaxaca)
    make_session(session, oaxaca, starts_local=wall_clock("2026-07-11T23:30"))
    link = soup(client.get("/es/oaxaca/program?day=2026-07-11")).select_one("#timetable a.button-quiet")
    assert link["href"] == "/es/oaxaca/program?day=2026-07-11&zone=other"
    page = soup(client.get(link["href"]))
    assert words(page, "h3.session-time") == ["11:00", "00:30 · dom 12 jul"]
    back = page.select_one("#timetable a.button-quiet")
    assert back["href"] == "/es/oaxaca/program?day=2026-07-11"


def test_a_conference_of_one_zone_offers_no_other(client: FlaskClient, session: Session):
    conference = make_conference(session, slug="una", other_time_zone=None)
    make_session(session, conference)
    for address in ("/es/una/program", "/es/una/program?zone=other"):
        page = soup(client.get(address))
        assert words(page, "h3.session-time") == ["10:00"]
        assert page.select("#timetable a.button-quiet") == []


# -- filters -----------------------------------------------------------------------------------------


@pytest.fixture
def varied(session: Session, oaxaca: Conference) -> Conference:
    """Three sessions that differ in room, track and kind."""
    rooms = [make_room(session, oaxaca, key=key, name={"es": key.title()}) for key in ("patio", "sala")]
    track = Track(conference_id=oaxaca.id, key="agua", position=1, name={"es": "Agua", "en": "Water"})
    session.add(track)
    session.flush()
    make_session(session, oaxaca, title={"es": "Taller del agua"}, room_id=rooms[0].id, track_id=track.id)
    make_session(session, oaxaca, title={"es": "Taller en la sala"}, room_id=rooms[1].id)
    make_session(
        session, oaxaca, title={"es": "Panel"}, kind=SessionKind.PANEL, room_id=rooms[1].id, track_id=track.id
    )
    return oaxaca


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["Taller del agua", "Taller en la sala", "Panel"]),
        ("room=sala", ["Taller en la sala", "Panel"]),
        ("track=agua", ["Taller del agua", "Panel"]),
        ("kind=workshop", ["Taller del agua", "Taller en la sala"]),
        ("room=sala&track=agua&kind=panel", ["Panel"]),
        ("room=patio&kind=panel", []),
        ("room=nada&track=&kind=wedding", ["Taller del agua", "Taller en la sala", "Panel"]),
    ],
)
def test_a_filter_shows_what_fits(client: FlaskClient, varied: Conference, query: str, found: list[str]):
    page = soup(client.get(f"/es/oaxaca/program?{query}"))
    assert titles(page) == found


def test_a_filter_that_nothing_fits_offers_the_whole_day(client: FlaskClient, varied: Conference):
    page = soup(client.get("/en/oaxaca/program?room=patio&kind=panel&zone=other"))
    assert words(page, ".empty .notice-title") == ["No session fits"]
    assert page.select_one(".empty a")["href"] == "/en/oaxaca/program?day=2026-07-11&zone=other"


def test_the_links_and_the_form_keep_what_was_chosen(client: FlaskClient, varied: Conference):
    page = soup(client.get("/es/oaxaca/program?day=2026-07-12&room=sala&zone=other"))
    assert [link["href"] for link in page.select(".tabs a")] == [
        "/es/oaxaca/program?day=2026-07-11&zone=other&room=sala",
        "/es/oaxaca/program?day=2026-07-12&zone=other&room=sala",
    ]
    assert {field["name"]: field["value"] for field in page.select("form.filters input")} == {
        "day": "2026-07-12",
        "zone": "other",
    }
    selected = page.select("form.filters option[selected]")
    assert [option["value"] for option in selected] == ["sala", "", ""]
    assert page.select_one("details.no-print").has_attr("open")


def test_htmx_gets_the_list_alone(client: FlaskClient, varied: Conference):
    response = client.get("/es/oaxaca/program?room=patio", headers={"HX-Request": "true"})
    assert "<html" not in response.text
    assert "form" not in response.text
    assert [link.text.strip() for link in soup(response).select("a.row-link")] == ["Taller del agua"]
    assert "HX-Request" in response.vary


# -- languages ---------------------------------------------------------------------------------------


def test_a_title_in_another_language_says_so(client: FlaskClient, session: Session, oaxaca: Conference):
    make_session(session, oaxaca, title={"es": "En los dos", "en": "In both"})
    make_session(session, oaxaca, title={"es": "Solo en español"})
    page = soup(client.get("/en/oaxaca/program"))
    assert titles(page) == ["In both", "Solo en español only in Spanish"]
    assert [found["lang"] for found in page.select("a.row-link [lang]")] == ["es"]


def test_where_all_titles_are_in_another_language_it_is_said_once(
    client: FlaskClient, session: Session, oaxaca: Conference
):
    for _ in range(2):
        make_session(session, oaxaca, title={"es": "Solo en español"})
    page = soup(client.get("/en/oaxaca/program"))
    assert words(page, "#timetable [role=status]") == ["2 sessions only in Spanish"]
    assert [found["lang"] for found in page.select("a.row-link [lang]")] == ["es", "es"]
    assert titles(page) == ["Solo en español", "Solo en español"]


def test_a_text_in_another_language_says_so_before_it_begins(
    client: FlaskClient, session: Session, oaxaca: Conference
):
    make_session(
        session,
        oaxaca,
        key="agua",
        title={"es": "Agua", "en": "Water"},
        abstract={"es": "El **río**."},
        background={"mix": "Ndute."},
    )
    page = soup(client.get("/en/oaxaca/sessions/agua"))
    first, second = page.select("section .prose")
    assert (str(first.find("strong")), first["lang"]) == ("<strong>río</strong>", "es")
    assert words(page, "section .only-in") == ["only in Spanish", "not translated yet"]
    assert second["lang"] == "mix"


# -- one session -------------------------------------------------------------------------------------


def test_a_roundtable_shows_all_that_prepares_for_it(
    client: FlaskClient, session: Session, oaxaca: Conference
):
    both = {"es": "En español", "en": "In English"}
    room = make_room(session, oaxaca, name={"es": "Auditorio", "en": "Auditorium"})
    mesa = make_session(
        session,
        oaxaca,
        key="mesa",
        kind=SessionKind.ROUNDTABLE,
        title={"es": "Mesa", "en": "Table"},
        subtitle={"es": "De tres niveles", "en": "Of three levels"},
        room_id=room.id,
        spoken=["spa", "zap"],
        background={"es": "Antecedentes", "en": "Background text"},
        background_language="es",
        guiding_questions=[{"es": "¿Quién?", "en": "Who?"}, {"es": "¿Cuándo?"}],
        proposed_outcomes=[both],
    )
    chair_together(session, mesa, oaxaca)
    page = soup(client.get("/en/oaxaca/sessions/mesa"))
    assert words(page, "h1, .lead, .kicker") == ["Roundtable", "Table", "Of three levels"]
    assert words(page, ".facts > div") == [
        "Pacific Daylight Time (Los Angeles) Saturday, July 11, 2026, 10:00 AM–11:00 AM",
        "Central Standard Time (Mexico City) Saturday, July 11, 2026, 11:00 AM–12:00 PM",
        "Room Auditorium",
        "Languages spoken Spanish, Zapotec",
        "Co-chairs Club Salem United States chamber Comité Oaxaca Mexico chamber",
    ]
    assert [link["href"] for link in page.select(".facts a")] == [
        "/en/oaxaca/organizations/club-salem",
        "/en/oaxaca/organizations/comite-oaxaca",
    ]
    assert words(page, "main section h2") == ["Background paper", "Guiding questions", "Proposed outcomes"]
    assert words(page, "main ol li") == ["Who?", "¿Cuándo? only in Spanish", "In English"]
    assert "Original language: Spanish" in page.text


def test_an_imported_abstract_is_shown_without_anything_that_runs_or_leads_astray(
    client: FlaskClient, session: Session, oaxaca: Conference
):
    talk = make_session(
        session,
        oaxaca,
        key="charla",
        text_format="html",
        abstract={"es": '<p onclick="x()">Hola <script>alert(1)</script><a href="javascript:x">a</a></p>'},
        links=[
            {"href": "https://example.org/a", "label": ""},
            {"href": "javascript:alert(1)", "label": "No"},
            {"href": "/slides.pdf", "label": "Láminas"},
        ],
        attachments=[{"href": "http://example.org/b", "label": "Artículo"}],
    )
    speaker = Speaker(conference_id=oaxaca.id, external_id="1", name="Ana <b>")
    session.add(speaker)
    session.flush()
    session.add(SessionSpeaker(session_id=talk.id, position=1, speaker_id=speaker.id))
    page = soup(client.get("/es/oaxaca/sessions/charla"))
    assert str(page.select_one("section .prose p")) == '<p>Hola <a rel="noopener nofollow ugc">a</a></p>'
    assert "Ana <b>" in page.select_one(".facts").text
    found = [(item.text.strip(), item.a and item.a["href"]) for item in page.select("main section > ul > li")]
    assert found == [
        ("https://example.org/a", "https://example.org/a"),
        ("No", None),
        ("Láminas", None),
        ("Artículo", "http://example.org/b"),
    ]


@pytest.mark.parametrize(
    ("status", "linked"),
    [(SummaryStatus.DRAFT, []), (SummaryStatus.PUBLISHED, ["/es/oaxaca/summaries/taller"])],
)
def test_a_summary_is_linked_once_it_is_published(
    client: FlaskClient, session: Session, oaxaca: Conference, status: SummaryStatus, linked: list[str]
):
    workshop = make_session(session, oaxaca, key="taller")
    session.add(
        Summary(
            session_id=workshop.id,
            status=status,
            binding_status=BindingStatus.INFORMATIVE,
            updated_at=NOW,
            published_at=NOW if status is SummaryStatus.PUBLISHED else None,
        )
    )
    page = soup(client.get("/es/oaxaca/sessions/taller"))
    assert [link["href"] for link in page.select("main a[href*=summaries]")] == linked


def test_the_back_link_leads_to_the_day_of_the_session(
    client: FlaskClient, session: Session, oaxaca: Conference
):
    make_session(session, oaxaca, key="tarde", starts_local=wall_clock("2026-07-12T18:00"))
    page = soup(client.get("/es/oaxaca/sessions/tarde"))
    assert page.select_one("main a")["href"] == "/es/oaxaca/program?day=2026-07-12"


def test_a_session_that_does_not_exist_is_not_found(client: FlaskClient, oaxaca: Conference):
    assert client.get("/es/oaxaca/sessions/nada").status_code == 404


# -- privacy -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["program", "sessions/agua", "program.ics", "sessions/agua/calendar.ics"])
def test_nothing_public_tells_the_venue_or_who_comes(
    client: FlaskClient, session: Session, oaxaca: Conference, address: str
):
    make_session(session, oaxaca, key="agua", room_id=make_room(session, oaxaca).id)
    grant(session, oaxaca, Role.ORGANIZER)
    text = client.get(f"/es/oaxaca/{address}").text
    for secret in ("Secreto", "Reservad", "secreta-", "@example.org", "ATTENDEE", "ORGANIZER"):
        assert secret not in text


# -- calendars ---------------------------------------------------------------------------------------


def calendar(response: TestResponse) -> Calendar:
    assert (response.status_code, response.content_type) == (200, "text/calendar; charset=utf-8")
    return Calendar.from_ical(response.data)


def test_a_session_goes_into_a_calendar_with_room_and_city(
    client: FlaskClient, session: Session, oaxaca: Conference
):
    oaxaca.program_version = 3
    room = make_room(session, oaxaca, name={"es": "Auditorio"})
    make_session(
        session, oaxaca, key="agua", title={"es": "Agua"}, abstract={"es": "El río"}, room_id=room.id
    )
    make_session(session, oaxaca, key="otra")
    (event,) = calendar(client.get("/es/oaxaca/sessions/agua/calendar.ics")).events
    assert {name: str(event[name]) for name in ("SUMMARY", "LOCATION", "UID", "DESCRIPTION", "URL")} == {
        "SUMMARY": "Agua",
        "LOCATION": "Auditorio, Salem, Oregón",
        "UID": "agua.oaxaca@localhost",
        "DESCRIPTION": "El río",
        "URL": "http://localhost/es/oaxaca/sessions/agua",
    }
    assert (event["SEQUENCE"], event.DTSTAMP, event.LAST_MODIFIED) == (3, NOW, NOW)
    assert event.start.utcoffset() == timedelta(hours=-7)
    assert event.end - event.start == timedelta(hours=1)


def test_an_imported_abstract_is_plain_text_in_the_calendar(
    client: FlaskClient, session: Session, oaxaca: Conference
):
    make_session(
        session,
        oaxaca,
        key="agua",
        text_format="html",
        title={"es": "Agua"},
        abstract={"es": "<p>Uno &amp; <b>dos</b></p>\n<p>Tres<br/>cuatro</p>"},
    )
    (event,) = calendar(client.get("/en/oaxaca/sessions/agua/calendar.ics")).events
    assert str(event["DESCRIPTION"]) == "only in Spanish\n\nUno & dos\n\nTres\n\ncuatro"


def test_a_cancelled_session_stays_in_the_calendar_as_cancelled(
    client: FlaskClient, session: Session, oaxaca: Conference
):
    make_session(session, oaxaca, cancelled=True)
    (event,) = calendar(client.get("/es/oaxaca/program.ics")).events
    assert str(event["STATUS"]) == "CANCELLED"


@pytest.mark.parametrize("address", ["program.ics", "sessions/agua/calendar.ics"])
def test_a_calendar_that_has_not_changed_is_not_sent_again(
    client: FlaskClient, session: Session, oaxaca: Conference, address: str
):
    make_session(session, oaxaca, key="agua")
    first = client.get(f"/es/oaxaca/{address}")
    known = {"If-None-Match": first.headers["ETag"]}
    again = client.get(f"/es/oaxaca/{address}", headers=known)
    assert (again.status_code, again.data) == (304, b"")
    assert client.get(f"/es/oaxaca/{address}").data == first.data
    oaxaca.program_version += 1
    assert client.get(f"/es/oaxaca/{address}", headers=known).status_code == 200


def test_an_empty_program_is_an_empty_calendar(client: FlaskClient, oaxaca: Conference):
    assert calendar(client.get("/es/oaxaca/program.ics")).events == []


# -- what has not changed ----------------------------------------------------------------------------


def test_a_stranger_who_has_the_page_is_told_so_before_a_session_is_read(
    client: FlaskClient, session: Session, oaxaca: Conference, count_queries
):
    make_session(session, oaxaca)
    etag = client.get("/es/oaxaca/program").headers["ETag"]
    with count_queries() as queries:
        again = client.get("/es/oaxaca/program", headers={"If-None-Match": etag})
    assert (again.status_code, again.data, len(queries)) == (304, b"", 1)


@pytest.mark.parametrize(
    ("address", "headers"),
    [
        ("/en/oaxaca/program", {}),
        ("/es/oaxaca/program?zone=other", {}),
        ("/es/oaxaca/program?day=2026-07-12", {}),
        ("/es/oaxaca/program?kind=workshop", {}),
        ("/es/otra/program", {}),
        ("/es/oaxaca/program", {"HX-Request": "true"}),
    ],
)
def test_what_differs_on_the_page_differs_in_its_etag(
    client: FlaskClient, session: Session, oaxaca: Conference, address: str, headers: dict[str, str]
):
    make_conference(session, slug="otra")
    etag = client.get("/es/oaxaca/program").headers["ETag"]
    assert client.get(address, headers={**headers, "If-None-Match": etag}).status_code == 200


def test_a_change_of_the_program_or_of_the_conference_is_a_new_page(
    client: FlaskClient, session: Session, oaxaca: Conference
):
    etags = {client.get("/es/oaxaca/program").headers["ETag"]}
    oaxaca.program_version += 1
    etags.add(client.get("/es/oaxaca/program").headers["ETag"])
    oaxaca.name = {"es": "Otro nombre"}
    etags.add(client.get("/es/oaxaca/program").headers["ETag"])
    assert len(etags) == 3


def test_who_is_signed_in_never_gets_the_page_of_a_stranger(
    client: FlaskClient, session: Session, oaxaca: Conference
):
    etag = client.get("/es/oaxaca/program").headers["ETag"]
    sign_in(client, grant(session, oaxaca, Role.ORGANIZER))
    response = client.get("/es/oaxaca/program", headers={"If-None-Match": etag})
    assert (response.status_code, "ETag" in response.headers) == (200, False)
    form = soup(response).select_one(".site-tools form")
    token = form.select_one("[name=csrf_token]")["value"]
    assert client.post(form["action"], data={"csrf_token": token}).status_code == 303
    # The farewell is a page of its own; after it the browser is a stranger's again.
    farewell = client.get("/es/oaxaca/program", headers={"If-None-Match": etag})
    assert (farewell.status_code, "ETag" in farewell.headers) == (200, False)
    assert client.get("/es/oaxaca/program", headers={"If-None-Match": etag}).status_code == 304


# -- size --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["program", "sessions/agua", "program.ics"])
def test_a_page_takes_the_same_statements_for_1_3_and_30_sessions(
    client: FlaskClient, session: Session, oaxaca: Conference, count_queries, address: str
):
    agua = make_session(session, oaxaca, key="agua")
    used = []
    for size in (1, 3, 30):
        while size > 1 and len(added := session.query(type(agua)).all()) < size:
            room = make_room(session, oaxaca)
            more = make_session(session, oaxaca, room_id=room.id)
            for place, row in enumerate((more, agua)):
                organization = make_organization(session, oaxaca)
                session.add(
                    CoChair(session_id=row.id, organization_id=organization.id, position=len(added) + place)
                )
            session.flush()
        session.commit()
        with count_queries() as queries:
            assert client.get(f"/es/oaxaca/{address}").status_code == 200
        used.append(len(queries))
    expected = {"program": 6, "sessions/agua": 4, "program.ics": 2}[address]
    assert used == [expected, expected, expected]


@pytest.fixture
def fosdem(session: Session, real_data: Path) -> Schedule:
    """A real program of 943 sessions, in English."""
    schedule = parse_schedule((real_data / "schedules/fosdem-2025.xml").read_bytes())
    import_schedule(
        session, schedule=schedule, slug="fosdem", languages=("es", "en"), text_language="en", now=NOW
    )
    return schedule


@pytest.mark.real_data
def test_a_day_of_473_sessions_is_shown_whole_and_stays_small(client: FlaskClient, fosdem: Schedule):
    response = client.get("/es/fosdem/program?day=2025-02-02", headers={"Accept-Encoding": "gzip"})
    assert len(response.data) <= 45 * 1024
    page = BeautifulSoup(gzip.decompress(response.data), "html.parser")
    wanted = sorted(event.title for event in fosdem.events if event.day.isoformat() == "2025-02-02")
    assert len(wanted) == 473
    assert sorted(link.text.strip() for link in page.select("a.row-link")) == wanted
    assert words(page, "h2.day") == ["domingo, 2 de febrero de 2025"]


@pytest.mark.real_data
def test_943_sessions_are_read_back_from_the_calendar_by_two_readers(client: FlaskClient, fosdem: Schedule):
    response = client.get("/en/fosdem/program.ics")
    events = calendar(response).events
    wanted = sorted(
        (event.starts_at, event.starts_at + timedelta(minutes=event.minutes), event.title, event.room)
        for event in fosdem.events
    )
    assert len(wanted) == 943
    found = [
        (
            event.start.astimezone(UTC),
            event.end.astimezone(UTC),
            str(event["SUMMARY"]),
            str(event["LOCATION"]),
        )
        for event in events
    ]
    assert sorted(found) == [(*when, title, f"{room}, Brussels") for *when, title, room in wanted]
    assert len({str(event["UID"]) for event in events}) == 943
    others = vobject.readOne(response.text).vevent_list
    assert sorted(
        (
            event.dtstart.value.astimezone(UTC),
            event.dtend.value.astimezone(UTC),
            event.summary.value,
            event.location.value,
        )
        for event in others
    ) == sorted(found)


@pytest.mark.real_data
def test_events_that_share_an_id_are_all_shown(client: FlaskClient, session: Session, real_data: Path):
    schedule = parse_schedule((real_data / "schedules/36c3.xml").read_bytes(), zone="Europe/Berlin")
    import_schedule(
        session, schedule=schedule, slug="36c3", languages=("es", "en"), text_language="en", now=NOW
    )
    tabs = soup(client.get("/en/36c3/program")).select(".tabs a")
    pages = [soup(client.get(tab["href"])) for tab in tabs]
    links = {link["href"] for page in pages for link in page.select("a.row-link")}
    assert (len(tabs), len(links)) == (5, 1351)
    assert len(calendar(client.get("/en/36c3/program.ics")).events) == 1351


# -- in a browser ------------------------------------------------------------------------------------


@pytest.mark.parametrize("javascript", [True, False])
def test_a_filter_works_with_and_without_javascript(
    open_page: Pages, session: Session, varied: Conference, javascript: bool
):
    session.commit()
    page = open_page(javascript=javascript)
    page.goto("/es/oaxaca/program")
    page.locator("details.no-print summary").click()
    page.locator("select[name=room]").select_option("sala")
    if not javascript:
        page.locator("form.filters button").click()
    page.wait_for_url("**/program?*room=sala*")
    page.locator("a.row-link", has_text="Taller del agua").wait_for(state="detached")
    assert page.locator("a.row-link").all_inner_texts() == ["Taller en la sala", "Panel"]
