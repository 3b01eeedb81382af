"""Two hundred thousand words in scripts that programs like to harm: marks, saltillos, right to left."""

from __future__ import annotations

import unicodedata
from itertools import cycle, islice

import pytest

from agreements import Draft, Kind, Provision, combine, parse_markdown, render_markdown
from agreements.history import stale_languages
from tests.timing import measured

SENTENCES = {
    "es": "La coalición respeta a cada organización, año tras año; ¿quién podría? Guelatao\u00a0de Juárez.",
    "mxv": "Ñuu Savi ja ñatu na kusa'a ndeva'tna'a; koo̱ ta̱ ínu̱ kukoto va'a, ña̱yi kuchindé ña'a.",
    "zam": "Riet mbeʼs kuan mien yuy par luʼ, tidib yetsndaʼ; xa ndob kuan nlas.",
    "ar": "تحترم الرابطة كلَّ منظَّمةٍ (المادة 12)؛ \u200fحقُّ العودة \u2067Oaxaca 2010\u2069 لكلِّ إنسان.",
    "he": "הקואליציה מכבדת כל ארגון, שָׁנָה אחר שָׁנָה \u200e(OFA)\u200e – ״זכות״.",
}
WORDS_OF_A_CLAUSE = 200
CLAUSES_OF_AN_ARTICLE = 10


def large(words: int) -> Draft:
    """A draft of so many words, shared out among five languages, in articles of ten clauses."""
    articles = words // (WORDS_OF_A_CLAUSE * CLAUSES_OF_AN_ARTICLE * len(SENTENCES))
    bodies = {
        language: " ".join(islice(cycle(sentence.split(" ")), WORDS_OF_A_CLAUSE))
        for language, sentence in SENTENCES.items()
    }

    def article(number: int) -> Provision:
        clauses = (
            Provision(f"article-{number}-{count}", Kind.CLAUSE, {}, bodies)
            for count in range(CLAUSES_OF_AN_ARTICLE)
        )
        return Provision(f"article-{number}", Kind.ARTICLE, SENTENCES, {}, tuple(clauses))

    return Draft(SENTENCES, tuple(article(number) for number in range(articles)), tuple(SENTENCES))


def written_and_read(draft: Draft) -> Draft:
    files = {language: render_markdown(draft, language) for language in draft.languages}
    return combine({language: parse_markdown(text, language) for language, text in files.items()}).draft


def words_in(draft: Draft) -> int:
    return sum(
        len(body.split(" ")) for place in draft.walk() for body in place.provision.bodies.values() if body
    )


def test_two_hundred_thousand_words_survive_markdown_and_hashing() -> None:
    draft = large(200_000)
    assert words_in(draft) == 200_000
    again = written_and_read(draft)
    assert again == draft
    assert again.content_hash == draft.content_hash
    for place in draft.walk():
        found = again.find(place.provision.key)
        assert found is not None
        assert found.text_hash() == place.provision.text_hash()


@pytest.mark.parametrize("language", SENTENCES)
def test_every_character_of_every_script_is_kept(language: str) -> None:
    # Composed, and otherwise to the letter: direction marks, isolates and no-break spaces too.
    sentence = SENTENCES[language]
    assert unicodedata.is_normalized("NFC", sentence)
    clause = Provision("clause", Kind.CLAUSE, {language: sentence}, {language: f"{sentence}\n\n{sentence}"})
    draft = Draft({language: sentence}, (clause,), (language,))
    again = parse_markdown(render_markdown(draft, language), language)
    assert again.titles[language] == sentence
    assert again.provisions[0].heading(language) == sentence
    assert again.provisions[0].body(language) == f"{sentence}\n\n{sentence}"


@pytest.mark.parametrize("language", SENTENCES)
def test_the_same_letters_taken_apart_hash_alike(language: str) -> None:
    composed, apart = (
        Provision("clause", Kind.CLAUSE, {}, {language: unicodedata.normalize(form, SENTENCES[language])})
        for form in ("NFC", "NFD")
    )
    assert composed.text_hash() == apart.text_hash()


@pytest.mark.parametrize("mark", ["\u0331", "\u02bc", "\u00a0", "\u200f", "\u2067", "\u05b8", "\u0651"])
def test_a_mark_that_is_lost_is_noticed(mark: str) -> None:
    language = next(language for language, sentence in SENTENCES.items() if mark in sentence)
    whole, harmed = SENTENCES[language], SENTENCES[language].replace(mark, "", 1)
    hashes = {
        Provision("clause", Kind.CLAUSE, {}, {language: words}).text_hash() for words in (whole, harmed)
    }
    assert len(hashes) == 2


def seconds_for(words: int) -> float:
    """How long it takes to write, read, combine, hash, and look for stale languages."""
    draft = large(words)

    def work() -> None:
        again = written_and_read(draft)
        changed = Draft(again.titles, again.provisions, again.languages, draft.content_hash)
        assert stale_languages([draft, changed]) == ()

    return measured(work)[0]


def test_ten_times_the_words_take_about_ten_times_as_long() -> None:
    seconds_for(20_000)
    tenth = min(seconds_for(20_000) for _ in range(3))
    whole = min(seconds_for(200_000) for _ in range(2))
    assert whole < 30 * tenth + 0.1
