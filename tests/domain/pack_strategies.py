"""Conference packs as hypothesis makes them up: every value is one that a pack can hold."""

from __future__ import annotations

from datetime import date, time

from hypothesis import strategies as st

from agreements import Chamber, Rule, normalise_body, normalise_heading, render_markdown
from agreements.frozen import FrozenMapping
from conference.domain.directory import OrganizationKind, OrganizationStatus
from conference.domain.entries import VOICE_ONLY
from conference.domain.pack import (
    Pack,
    PackConference,
    PackLabel,
    PackOrganization,
    PackQuestion,
    PackRegistration,
    PackService,
    PackSession,
)
from conference.domain.places import Setting
from conference.domain.program import SessionKind
from conference.domain.registration import Category, ServiceKind
from tests.agreements.strategies import drafts, words

LANGUAGES = ("es", "en")

lines = st.one_of(words, st.text(max_size=20)).map(normalise_heading)
prose = st.one_of(words, st.text(max_size=40)).map(normalise_body)
spoken = st.lists(st.sampled_from(["spa", "eng", "mix", "zap"]), unique=True, max_size=3).map(tuple)


def texts(said: st.SearchStrategy[str], *, least: int = 0) -> st.SearchStrategy[FrozenMapping[str, str]]:
    """A text in some of the languages."""
    some = st.dictionaries(st.sampled_from(LANGUAGES), said.filter(bool), min_size=least)
    return some.map(FrozenMapping)


titles = texts(lines, least=1)


@st.composite
def organizations(draw: st.DrawFn) -> tuple[PackOrganization, ...]:
    """A federation graph without cycles: parents come later in the file."""
    count = draw(st.integers(2, 5))
    return tuple(draw(organization(place, count)) for place in range(count))


@st.composite
def organization(draw: st.DrawFn, place: int, count: int) -> PackOrganization:
    kind = draw(st.sampled_from(OrganizationKind))
    later = [f"org-{other}" for other in range(place + 1, count)]
    parents = draw(st.lists(st.sampled_from(later), unique=True)) if later else []
    return PackOrganization(
        key=f"org-{place}",
        name=draw(lines.filter(bool)),
        kind=kind,
        side=list(Chamber)[place % 2],
        status=draw(st.sampled_from(OrganizationStatus)),
        municipality=draw(st.none() | st.just("20208")),
        place=draw(lines),
        parents=tuple(sorted(parents)),
        votes=None if kind in VOICE_ONLY else draw(st.none() | st.integers(1, 9999)),
        languages=draw(spoken),
        description=draw(texts(lines)),
        website=draw(st.sampled_from(["", "https://example.org/a,b;c"])),
    )


@st.composite
def session(draw: st.DrawFn, place: int, days: int) -> PackSession:
    kind = draw(st.sampled_from(SessionKind))
    return PackSession(
        key=f"s-{place}",
        kind=kind,
        day=draw(st.integers(1, days)),
        start=time(draw(st.integers(0, 23)), draw(st.integers(0, 59))),
        minutes=draw(st.integers(0, 600)),
        title=draw(titles),
        sitting=kind is SessionKind.PLENARY and draw(st.booleans()),
        room=draw(st.none() | st.just("sala")),
        track=draw(st.none() | st.just("hilo")),
        spoken=draw(spoken),
        subtitle=draw(texts(lines)),
        abstract=draw(texts(prose)),
        description=draw(texts(prose)),
        text_format=draw(st.sampled_from(["markdown", "html"])),
        cancelled=draw(st.booleans()),
        co_chairs=("org-1", "org-0") if kind is SessionKind.ROUNDTABLE else (),
        background=draw(texts(prose)),
        background_language=draw(st.none() | st.just("es")),
        guiding_questions=tuple(draw(st.lists(titles, max_size=2))),
        proposed_outcomes=tuple(draw(st.lists(titles, max_size=2))),
    )


@st.composite
def conferences(draw: st.DrawFn) -> PackConference:
    return PackConference(
        slug="una-conferencia",
        sample=draw(st.booleans()),
        languages=LANGUAGES,
        time_zone="America/Los_Angeles",
        other_time_zone=draw(st.none() | st.just("America/Mexico_City")),
        first_day=draw(st.dates(date(1900, 1, 1), date(2899, 12, 31))),
        days=draw(st.integers(1, 31)),
        authenticity=draw(st.sampled_from(["equal", *LANGUAGES])),
        default_rule=draw(st.sampled_from(Rule)),
        name=draw(titles),
        tagline=draw(texts(lines)),
        about=draw(texts(prose)),
        city=draw(texts(lines)),
        venue_name=draw(lines),
        venue_address=draw(lines),
    )


capacities = st.none() | st.integers(0, 100_000)
settings = st.builds(Setting, open=st.booleans(), approval=st.booleans(), capacity=capacities)


@st.composite
def services(draw: st.DrawFn, place: int) -> PackService:
    kind = draw(st.sampled_from(ServiceKind))
    language = "mix" if kind is ServiceKind.INTERPRETATION else None
    return PackService(f"servicio-{place}", kind, draw(titles), language, draw(capacities))


@st.composite
def questions(draw: st.DrawFn, place: int) -> PackQuestion:
    choices = tuple(PackLabel(f"opcion-{number}", draw(titles)) for number in range(draw(st.integers(2, 4))))
    return PackQuestion(f"pregunta-{place}", draw(titles), choices, several=draw(st.booleans()))


@st.composite
def registrations(draw: st.DrawFn) -> PackRegistration:
    decided = draw(st.dictionaries(st.sampled_from(Category), settings.filter(lambda one: one != Setting())))
    return PackRegistration(
        capacity=draw(capacities),
        offer_hours=draw(st.integers(1, 720)),
        proxy_cap=draw(st.integers(0, 9)),
        places=FrozenMapping(decided),
        questions=tuple(draw(questions(place)) for place in range(draw(st.integers(0, 2)))),
        services=tuple(draw(services(place)) for place in range(draw(st.integers(0, 2)))),
    )


@st.composite
def packs(draw: st.DrawFn) -> Pack:
    conference = draw(conferences())
    return Pack(
        conference=conference,
        rooms=(PackLabel("sala", draw(titles)),),
        tracks=(PackLabel("hilo", draw(titles)),),
        organizations=draw(organizations()),
        sessions=tuple(draw(session(place, conference.days)) for place in range(draw(st.integers(0, 3)))),
        agreement=draw(drafts(LANGUAGES)),
        registration=draw(registrations()),
    )


@st.composite
def agreements_apart(draw: st.DrawFn) -> dict[str, bytes]:
    """The files of two languages that were written without looking at each other."""
    written = {language: draw(drafts((language,))) for language in LANGUAGES}
    return {language: render_markdown(draft, language).encode() for language, draft in written.items()}
