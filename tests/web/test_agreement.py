"""The agreement as its readers see it: numbered, in both languages, with what was decided of it."""

from __future__ import annotations

import gzip
import re

import pytest

from agreements import Choice, Draft, Kind, Provision
from conference import models
from tests.factories import SAMPLE_DRAFT, make_agreement, make_conference
from tests.halls import CLAUSE, make_hall

YES, NO = Choice.YES, Choice.NO


def page_of(client, conference, path="", language="en"):
    return client.get(f"/{language}/{conference.slug}/agreement{path}")


def test_provisions_are_numbered_in_both_languages(client, session):
    conference = make_conference(session)
    make_agreement(session, conference)
    text = page_of(client, conference).text
    assert '1</a> <span lang="en">Purpose</span>' in text
    assert '1</a> <span lang="es">Objeto</span>' in text
    assert (text.count('id="purpose-coalition"'), ">1.1</a>" in text) == (1, True)
    assert "Draft 1, tabled on" in text
    assert SAMPLE_DRAFT.content_hash in text
    assert "The texts in all languages are equally authentic." in text


def test_the_readers_language_comes_first_and_the_other_is_shown_on_request(client, session):
    conference = make_conference(session)
    make_agreement(session, conference)
    for language, first, second in (("en", "A coalition", "Se forma"), ("es", "Se forma", "A coalition")):
        text = page_of(client, conference, language=language).text
        assert text.index(first) < text.index(second)
        assert ('class="stack both-languages"' in text, "languages=both" in text) == (False, True)
        both = page_of(client, conference, "?languages=both", language).text
        assert 'class="stack both-languages"' in both


def test_a_missing_translation_is_marked_and_the_text_still_read(client, session):
    conference = make_conference(session)
    make_agreement(session, conference)
    fallback = '<div class="narrow-only" lang="es">'
    for path, language, shown in (("", "en", 2), ("?languages=both", "en", 1), ("", "es", 1)):
        text = page_of(client, conference, path, language).text
        assert (text.count("Falta la traducción."), text.count(fallback)) == (shown, shown - 1)
    assert "The text in English is missing." in page_of(client, conference).text


def test_a_stale_translation_is_marked(client, session):
    conference = make_conference(session)
    make_agreement(session, conference)
    text = session.query(models.ProvisionText).filter_by(body="A coalition is formed.").one()
    text.stale = True
    session.flush()
    assert "The text in English is older than the other one." in page_of(client, conference).text
    assert "The text in English is older" in page_of(client, conference, f"/{CLAUSE}").text


def test_lettered_items_are_a_list(client, session):
    body = "Fines:\n\na) uno;\nb) dos."
    draft = Draft({"es": "A"}, (Provision("fines", Kind.CLAUSE, {}, {"es": body}),), ("es",))
    conference = make_conference(session)
    make_agreement(session, conference, draft)
    text = page_of(client, conference, language="es").text
    assert re.search(r'<ol type="a" class="lettered">\s*<li class="letter">uno;</li>', text)


def test_words_are_never_markup(client, session):
    words = {"es": "<script>alert(1)</script> & <b>"}
    draft = Draft(words, (Provision("uno", Kind.ARTICLE, words, words),), ("es",))
    conference = make_conference(session)
    make_agreement(session, conference, draft)
    for path in ("", "/uno"):
        text = page_of(client, conference, path, "es").text
        assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; &lt;b&gt;" in text
        assert "<script>alert" not in text


def test_the_prevailing_language_is_named(client, session):
    conference = make_conference(session)
    draft = make_agreement(session, conference)
    session.get_one(models.Agreement, draft.agreement_id).authenticity = "es"
    session.flush()
    assert "Where the texts differ, the one in Spanish prevails." in page_of(client, conference).text


def test_decisions_stand_beside_their_provisions(client, session):
    hall = make_hall(session)
    hall.decide(us=[YES] * 3, mx=[YES] * 3)
    hall.decide("preamble", us=[NO] * 3, mx=[NO] * 3)
    hall.open("preamble")
    text = page_of(client, hall.conference).text
    adopted = text.split('id="purpose-coalition"')[1]
    preamble = text.split('id="preamble"')[1].split("</section>")[0]
    assert f'href="/en/{hall.conference.slug}/resolutions/1">Resolution 1</a>' in adopted
    assert ("Question 3" in preamble, "Rejected" in preamble) == (True, False)


def test_a_provision_has_a_page_with_hash_questions_and_resolution(client, session):
    hall = make_hall(session)
    hall.decide(us=[NO] * 3, mx=[NO] * 3)
    hall.decide(us=[YES] * 3, mx=[YES] * 3)
    text = page_of(client, hall.conference, f"/{CLAUSE}").text
    assert SAMPLE_DRAFT.find(CLAUSE).text_hash() in text
    for words in ("Se forma una coalición.", "A coalition is formed.", "Clause 1.1", "Resolution 1"):
        assert words in text
    assert text.index("Question 2") < text.index("Question 1")
    assert "on an earlier text" not in text


def test_a_resolution_on_words_that_changed_is_told_apart(client, session):
    hall = make_hall(session)
    hall.decide(us=[YES] * 3, mx=[YES] * 3)
    session.query(models.ProvisionText).filter_by(body="A coalition is formed.").one().body = "Changed."
    session.flush()
    assert "on an earlier text" in page_of(client, hall.conference, f"/{CLAUSE}").text
    assert 'class="stack-tight adopted"' not in page_of(client, hall.conference).text


@pytest.mark.parametrize(
    ("path", "words"), [("/purpose", "Nothing to vote on here"), ("/preamble", "Not voted on yet")]
)
def test_a_provision_without_questions_says_so(client, session, path, words):
    conference = make_conference(session)
    make_agreement(session, conference)
    assert words in page_of(client, conference, path).text


def test_before_the_first_draft_the_page_is_friendly(client, session):
    conference = make_conference(session)
    assert "There is no draft yet" in page_of(client, conference).text
    assert page_of(client, conference, "/anything").status_code == 404


def test_an_unknown_provision_is_a_friendly_404(client, session):
    conference = make_conference(session)
    make_agreement(session, conference)
    answer = page_of(client, conference, "/nowhere")
    assert (answer.status_code, "This draft has no such provision." in answer.text) == (404, True)


SENTENCE = "La Coalición respeta los usos y costumbres de cada pueblo, sus cargos y su lengua ({}). "


def long_draft(clauses):
    """A draft of articles of five clauses each, every clause a paragraph of some sixty words."""
    words = {language: "".join(SENTENCE.format(n) for n in range(4)) for language in ("es", "en")}
    articles = tuple(
        Provision(
            f"article-{a}",
            Kind.ARTICLE,
            {"es": f"Objeto {a}", "en": f"Purpose {a}"},
            {},
            tuple(
                Provision(
                    f"clause-{a}-{c}", Kind.CLAUSE, {}, {of: f"{a}.{c} {text}" for of, text in words.items()}
                )
                for c in range(5)
            ),
        )
        for a in range(clauses // 5)
    )
    return Draft({"es": "Acuerdo", "en": "Agreement"}, articles, ("es", "en"))


@pytest.mark.parametrize("clauses", [5, 15, 60])
def test_the_agreement_takes_the_same_statements_however_long_it_is(client, session, count_queries, clauses):
    conference = make_conference(session)
    make_agreement(session, conference, long_draft(clauses))
    address = f"/en/{conference.slug}/agreement"
    client.get(address)
    for path in ("", "/clause-0-0"):
        with count_queries() as statements:
            client.get(address + path)
        # The conference; the draft, its provisions, their questions.
        assert len(statements) == 4


def test_an_agreement_of_sixty_clauses_is_light(client, session):
    conference = make_conference(session)
    make_agreement(session, conference, long_draft(60))
    answer = client.get(f"/es/{conference.slug}/agreement", headers={"Accept-Encoding": "gzip"})
    assert gzip.decompress(answer.data).count(b'class="provision-number"') == 120
    assert len(answer.data) < 60_000
