from xml.etree import ElementTree as ET

from hypothesis import given

from agreements.redline import WORDPROCESSING_NAMESPACE, html, plain, tracked_changes
from agreements.words import Mark, Span, spans
from tests.agreements.editing import sentences

NAMES = {Mark.DELETED: ("se quita:", "fin"), Mark.INSERTED: ("se agrega:", "fin <")}
MARKED = (
    Span(Mark.KEPT, "a <b> & "),
    Span(Mark.DELETED, "viejo\ndos"),
    Span(Mark.INSERTED, '"nuevo"'),
)


def test_plain_text_is_what_wdiff_writes():
    assert plain(MARKED) == 'a <b> & [-viejo\ndos-]{+"nuevo"+}'


def test_html_is_escaped_and_tells_the_ear_what_the_eye_sees():
    assert html(MARKED, NAMES) == (
        "a &lt;b&gt; &amp; "
        '<del><span class="visually-hidden"> se quita: </span>viejo\ndos'
        '<span class="visually-hidden"> fin </span></del>'
        '<ins><span class="visually-hidden"> se agrega: </span>&quot;nuevo&quot;'
        '<span class="visually-hidden"> fin &lt; </span></ins>'
    )


def test_a_word_processor_tracks_the_changes():
    stamp = 'w:author="Mesa &amp; relatoría" w:date="2026-07-11T18:00:00Z"'
    assert tracked_changes(MARKED, author="Mesa & relatoría", at="2026-07-11T18:00:00Z", first_id=7) == (
        '<w:r><w:t xml:space="preserve">a &lt;b&gt; &amp; </w:t></w:r>'
        f'<w:del w:id="7" {stamp}><w:r><w:delText xml:space="preserve">viejo</w:delText>'
        '<w:br/><w:delText xml:space="preserve">dos</w:delText></w:r></w:del>'
        f'<w:ins w:id="8" {stamp}><w:r><w:t xml:space="preserve">&quot;nuevo&quot;</w:t></w:r></w:ins>'
    )


@given(sentences, sentences)
def test_accepting_the_tracked_changes_gives_the_later_text_and_refusing_them_the_earlier(before, after):
    runs = tracked_changes(spans(before, after), author="x", at="2026-07-11T18:00:00Z")
    paragraph = ET.fromstring(f'<w:p xmlns:w="{WORDPROCESSING_NAMESPACE}">{runs}</w:p>')
    texts = {"ins": "", "del": "", "r": ""}
    for child in paragraph:
        name = child.tag.rpartition("}")[2]
        text = "".join(
            "\n" if part.tag.endswith("}br") else part.text or "" for part in child.iter() if list(part) == []
        )
        for other in texts:
            texts[other] += text if name in ("r", other) else ""
    assert (texts["del"], texts["ins"]) == (before, after)
