import pytest
from hypothesis import given
from hypothesis import strategies as st

from agreements.redline import plain
from agreements.words import LONGEST_REMEMBERED, Edit, Mark, edited, edits, spans, tokens
from tests.agreements.editing import sentences
from tests.agreements.strategies import bodies
from tests.timing import within


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ()),
        ("la coalición", ("la", " ", "coalición")),
        ("niʼi̱ ñuu", ("niʼi̱", " ", "ñuu")),  # U+02BC and a combining mark that NFC cannot join
        ("d'un d’un ku' o", ("d'un", " ", "d’un", " ", "ku", "'", " ", "o")),
        ("acuerdo-marco - fin-", ("acuerdo-marco", " ", "-", " ", "fin", "-")),
        ("1,500.00 y 27/41, 10:30.", ("1,500.00", " ", "y", " ", "27/41", ",", " ", "10:30", ".")),
        ("a.b a,b 1.b a.1", ("a", ".", "b", " ", "a", ",", "b", " ", "1", ".", "b", " ", "a", ".", "1")),
        ("1ª 2º § 3 15%", ("1ª", " ", "2º", " ", "§", " ", "3", " ", "15", "%")),
        ("«uno»... ¿dos?", ("«", "uno", "»", "...", " ", "¿", "dos", "?")),
        ("a) b;\n\n  c\td", ("a", ")", " ", "b", ";", "\n\n", "  ", "c", "\t", "d")),
        ("שלום، مرحبا؟", ("שלום", "،", " ", "مرحبا", "؟")),
        ("漢字。かな", ("漢字", "。", "かな")),
    ],
)
def test_words_numbers_and_signs_are_whole(text, expected):
    assert tokens(text) == expected


@given(bodies)
def test_tokens_are_the_text_again(text):
    assert "".join(tokens(text)) == text
    assert "" not in tokens(text)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("igual", "igual", "igual"),
        ("", "nuevo", "{+nuevo+}"),
        ("viejo", "", "[-viejo-]"),
        ("27 de 41 votos", "28 de 42 votos", "[-27-]{+28+} de [-41-]{+42+} votos"),
        ("1,500.00 pesos", "1,600.00 pesos", "[-1,500.00-]{+1,600.00+} pesos"),
        ("cada club", "cada club y comité", "cada club{+ y comité+}"),
        ("la coalición, que respeta", "la coalición que respeta", "la coalición[-,-] que respeta"),
        # a single space says less than the words on either side of it
        ("la organización decide", "el comité decide", "[-la organización-]{+el comité+} decide"),
        # one word between two changes of one word is told apart, between two of two words it is not
        ("a b c", "x b y", "[-a-]{+x+} b [-c-]{+y+}"),
        ("a b c d e", "x y c z w", "[-a b c d e-]{+x y c z w+}"),
        # nor if only one side is long
        ("a b c d", "x y c z", "[-a b-]{+x y+} c [-d-]{+z+}"),
        # line ends tell passages apart
        ("a\nb", "x\ny", "[-a-]{+x+}\n[-b-]{+y+}"),
        ("uno dos tres dos uno", "uno tres dos uno", "uno [-dos -]tres dos uno"),
        # what is gone stands as far on as it reads the same: not [-, comités-],
        ("clubes, comités,", "dos clubes,", "{+dos +}clubes,[- comités,-]"),
    ],
)
def test_a_reader_follows_the_marks(before, after, expected):
    assert plain(spans(before, after)) == expected


@given(sentences | bodies, sentences | bodies)
def test_the_marks_hold_both_texts(before, after):
    marked = spans(before, after)
    assert "".join(span.text for span in marked if span.mark is not Mark.INSERTED) == before
    assert "".join(span.text for span in marked if span.mark is not Mark.DELETED) == after
    assert all(span.text for span in marked)


@given(sentences, sentences)
def test_making_the_edits_gives_the_later_text(before, after):
    assert edited(before, edits(before, after)) == after
    assert edited(before, [*edits(before, after)] * 2) == after


@given(sentences)
def test_a_text_needs_no_edits_to_be_itself(text):
    assert edits(text, text) == ()


@given(sentences, sentences, st.randoms(use_true_random=False))
def test_edits_never_touch_and_may_be_made_in_any_order(before, after, random):
    found = edits(before, after)
    assert not any(one.touches(other) for one in found for other in found if one is not other)
    assert edited(before, random.sample(found, len(found))) == after


@pytest.mark.parametrize(
    ("one", "other", "touch"),
    [
        (Edit(1, 3, ()), Edit(4, 5, ()), False),
        (Edit(1, 3, ()), Edit(3, 5, ()), True),  # nothing is kept between them
        (Edit(1, 3, ()), Edit(2, 2, ("x",)), True),
        (Edit(2, 2, ("x",)), Edit(2, 2, ("y",)), True),
        (Edit(2, 2, ("x",)), Edit(3, 3, ("y",)), False),
    ],
)
def test_edits_touch_where_no_word_is_kept_between_them(one, other, touch):
    assert one.touches(other) is touch
    assert other.touches(one) is touch


def test_a_book_in_one_provision_is_compared_in_time():
    before = " ".join(f"palabra{number % 5000} de la" for number in range(66_000))
    after = before.replace("palabra77 de", "palabra77 y").replace("palabra4000 ", "", 1)
    marked = within(10, lambda: spans(before, after))
    assert "".join(span.text for span in marked if span.mark is not Mark.DELETED) == after
    assert "".join(span.text for span in marked if span.mark is not Mark.INSERTED) == before


def test_passages_too_long_to_compare_count_as_rewritten():
    before, after = "a b " * 600 + "x", "b a c " * 500 + "y"
    assert plain(spans(before, after)) == f"[-{before}-]{{+{after}+}}"


def test_short_texts_are_remembered_and_long_ones_are_not():
    short, long = "palabra " * 3, "palabra " * 6_251
    assert len(long) > LONGEST_REMEMBERED
    assert tokens(short) is tokens(short)
    assert tokens(long) == tokens(long)
    assert tokens(long) is not tokens(long)
    assert edits(short, "otra") is edits(short, "otra")
    assert edits(short, long) is not edits(short, long)


def test_a_long_text_with_most_words_changed_is_compared_in_time():
    before = " ".join(f"palabra{number}" for number in range(20_000))
    after = " ".join(f"palabra{number}" if number % 3 == 0 else f"otra{number}" for number in range(20_000))
    assert within(5, lambda: edited(before, edits(before, after))) == after
