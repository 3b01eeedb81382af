"""Badges as they are printed here: words in the conference's languages, names of languages in their own."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from flask import current_app
from flask_babel import force_locale, lazy_gettext
from flask_babel import gettext as _

from conference.domain.errors import Conflict, NotFound
from conference.domain.registration import Category, PhotoPreference
from conference.domain.tickets import badge_text, ticket_code, ticket_token, token_digest
from conference.exports.badges import Badge, BadgeWords, Paper, badges_pdf
from conference.extensions import db
from conference.queries.badges import badge_conference, badge_people
from conference.services.badges import note_printed
from conference.services.jobs import Outcome
from conference.web.clock import now
from conference.web.content import shown
from conference.web.keys import key_for, keys_for
from conference.web.languages import name_on_badge
from conference.web.wording import shown_name, word

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from flask_babel.speaklater import LazyString

    from conference.queries.badges import BadgeConference, BadgePerson
    from conference.services.jobs import Work
    from conference.web.jobs import Progress

EVERYBODY = "everybody"
# Those whose badge was not printed yet, or says something else by now: a new name, or a new ticket.
OUT_OF_DATE = "out_of_date"


def badges_of(
    conference_id: int, *, which: str = EVERYBODY, registration_id: int | None = None
) -> Mapping[int, Badge]:
    """Return the badges of `which` people (everybody, out of date, or a category), by registration.

    A ticket that was issued with a secret which the server no longer knows has no code that could be drawn:
    its badge is left out until the desk issues it anew.
    """
    category = None if which in {EVERYBODY, OUT_OF_DATE} else Category(which)
    session = db.session()
    slug = badge_conference(session, conference_id).slug
    people = badge_people(
        session, conference_id=conference_id, category=category, registration_id=registration_id
    )
    keys = keys_for("tickets")
    made = ((person, _badge(person, slug, keys)) for person in people)
    return {
        person.registration_id: badge
        for person, badge in made
        if badge is not None and (which != OUT_OF_DATE or badge.digest != person.printed_digest)
    }


def _badge(person: BadgePerson, slug: str, keys: Sequence[bytes]) -> Badge | None:
    tokens = (ticket_token(person.nonce, key=key) for key in keys)
    token = next((each for each in tokens if token_digest(each) == person.digest), None)
    if token is None:
        return None
    with force_locale(person.language):
        name = shown_name(person.badge_name, person.organization_name)
    return Badge(
        name=name,
        # Whoever is nobody but a guest of it has it in their name.
        organization=person.organization_name or "" if person.badge_name else "",
        category=person.category,
        photo_preference=person.photo_preference,
        spoken=tuple(dict.fromkeys(filter(None, map(name_on_badge, person.spoken)))),
        # Never the token: whoever photographs a badge must not be able to open the ticket's page.
        ticket=badge_text(ticket_code(token), conference=slug, key=key_for("tickets")),
    )


def make_badges(conference_id: int, badges: Mapping[int, Badge], *, paper: Paper, by: int) -> bytes:
    """Return the badges as PDF, and note that they are printed. Raises Conflict("no_badges")."""
    if not badges:
        raise Conflict("no_badges")
    session, moment = db.session(), now()
    words = badge_words(badge_conference(session, conference_id))
    made = badges_pdf(list(badges.values()), words=words, paper=paper, made_at=moment)
    digests = {number: badge.digest for number, badge in badges.items()}
    note_printed(session, conference_id=conference_id, digests=digests, by=by, now=moment)
    return made


def languages_on_paper(conference: BadgeConference) -> tuple[str, ...]:
    """Return the conference's languages that this server has words in, or else its own first one."""
    known: tuple[str, ...] = current_app.config["LANGUAGES"]
    return tuple(language for language in conference.languages if language in known) or known[:1]


def badge_words(conference: BadgeConference) -> BadgeWords:
    """Return the fixed words of the conference's badges, in its languages."""
    languages = languages_on_paper(conference)
    return BadgeWords(
        languages=languages,
        title=" · ".join(in_each(languages, lazy_gettext("Badges"))),
        conference=shown(conference.name, languages[0]).text,
        categories={category: in_each(languages, category) for category in Category},
        photos={preference: in_each(languages, preference) for preference in PhotoPreference},
        qr_label=" · ".join(in_each(languages, lazy_gettext("QR code of the ticket"))),
    )


def in_each(languages: Sequence[str], said: StrEnum | LazyString) -> tuple[str, ...]:
    """Return a word in each of the languages, each word once."""
    words: dict[str, None] = {}
    for language in languages:
        with force_locale(language):
            words[word(said) if isinstance(said, StrEnum) else str(said)] = None
    return tuple(words)


def print_badges(work: Work, progress: Progress) -> Outcome:
    """Make the sheets that two organizers agreed on, as a job."""
    progress(0)
    if work.conference_id is None or work.asked_by_id is None:
        raise NotFound("conference_not_found")
    which, paper = str(work.parameters["which"]), Paper(str(work.parameters["paper"]))
    badges = badges_of(work.conference_id, which=which)
    progress(0, len(badges))
    made = make_badges(work.conference_id, badges, paper=paper, by=work.asked_by_id)
    with force_locale(str(work.parameters["language"])):
        return Outcome({"badges": len(badges)}, made, _("badges.pdf"))
