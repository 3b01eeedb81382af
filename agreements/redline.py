"""Marked words as people read them: plain text, HTML, tracked changes of a word processor."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from agreements.wording import clean
from agreements.words import Mark

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from agreements.words import Span

WORDPROCESSING_NAMESPACE = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def plain(spans: Iterable[Span]) -> str:
    """Marks that any terminal can show, as GNU wdiff writes them: `kept [-deleted-] {+inserted+}`."""
    return "".join(_PLAIN[span.mark](span.text) for span in spans)


def html(spans: Iterable[Span], names: Mapping[Mark, tuple[str, str]]) -> str:
    """Escaped HTML with `del` and `ins`. Line ends stay as they are (`white-space: pre-line` shows them).

    `names` has the words that a screen reader says at the beginning and at the end of a deletion and of an
    insertion, as colour and strike-through are not heard; they are hidden by the class `visually-hidden`.
    """
    return "".join(_html(span, names) for span in spans)


def tracked_changes(spans: Iterable[Span], *, author: str, at: str, first_id: int = 1) -> str:
    """Runs of WordprocessingML for a DOCX paragraph, deletions and insertions as tracked changes.

    `at` is ISO 8601 in UTC; each change takes a number from `first_id` on. The namespace prefix `w` is
    WORDPROCESSING_NAMESPACE, to be declared around it. ECMA-376 part 1, §17.13.5.
    """
    runs, change = [], first_id
    author, at = clean(author), clean(at)
    for span in spans:
        run = f"<w:r>{_word_text(span)}</w:r>"
        if span.mark is not Mark.KEPT:
            name = _ELEMENTS[span.mark]
            stamp = f'w:id="{change}" w:author="{escape(author)}" w:date="{escape(at)}"'
            run = f"<w:{name} {stamp}>{run}</w:{name}>"
            change += 1
        runs.append(run)
    return "".join(runs)


_PLAIN: Mapping[Mark, Callable[[str], str]] = {
    Mark.KEPT: str,
    Mark.DELETED: "[-{}-]".format,
    Mark.INSERTED: "{{+{}+}}".format,
}
_ELEMENTS = {Mark.DELETED: "del", Mark.INSERTED: "ins"}


def _html(span: Span, names: Mapping[Mark, tuple[str, str]]) -> str:
    if span.mark is Mark.KEPT:
        return escape(span.text)
    element = _ELEMENTS[span.mark]
    opening, closing = (_heard(name) for name in names[span.mark])
    return f"<{element}>{opening}{escape(span.text)}{closing}</{element}>"


def _heard(name: str) -> str:
    return f'<span class="visually-hidden"> {escape(name)} </span>'


def _word_text(span: Span) -> str:
    element = "w:delText" if span.mark is Mark.DELETED else "w:t"
    lines = (f'<{element} xml:space="preserve">{escape(line)}</{element}>' for line in span.text.split("\n"))
    return "<w:br/>".join(lines)
