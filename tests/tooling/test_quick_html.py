"""Pages are read faster than html5lib reads them, and read the same: each token, each mistake, each place."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import html5lib
from html5lib._tokenizer import HTMLTokenizer

from tests import quick_html
from tests.conftest import ROOT

if TYPE_CHECKING:
    import pytest

PIECES = (
    "<p>",
    "</p>",
    '<P Class="a" ID=b>',
    '<a href="/es/?a=1&amp;b=2">',
    "</a >",
    "<br/>",
    "<br />",
    "</br>",
    '<input disabled value="a\nb"/>',
    "<input disabled disabled>",
    '<i a="1"b="2">',
    "<i a='1'>",
    "<i a=>",
    '<i a = "1">',
    "<i =a>",
    '<i a="&">',
    '<i a="&lt">',
    '<svg viewBox="0 0 1 1"/>',
    '<path d="M0"/>',
    "</svg>",
    "<script>if (a < b) x</script>",
    "<title>a <b> c</title>",
    "<textarea>\n<p>",
    "</textarea>",
    "</TITLE>",
    "<!-- a -- b -->",
    "<!doctype html>",
    "<!x>",
    "</>",
    "<>",
    "< p>",
    "<3",
    '</p a="1">',
    "</p/>",
    "<ñ>",
    '<i ñ="1">',
    "á\r\nb\rc",
    " \t\f",
    "\v",
    "&",
    "&amp;",
    "&#0;",
    "&nosuch;",
    "\0",
    "\ufffe",
    "a > b",
    "=",
    '"',
    "<table>",
    "<td>",
)


def read(text: str, monkeypatch: pytest.MonkeyPatch, state: Any) -> tuple[str, list[Any]]:
    """The tree of a page, and its mistakes with their places."""
    monkeypatch.setattr(HTMLTokenizer, "dataState", state)
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    tree = parser.parse(text)
    written = html5lib.serialize(tree, omit_optional_tags=False, quote_attr_values="always")
    return written, parser.errors


def agree(text: str, monkeypatch: pytest.MonkeyPatch) -> int:
    """Both ways of reading give the same; how many mistakes that are."""
    slowly, quickly = (read(text, monkeypatch, way) for way in (quick_html.SLOW, quick_html.data_state))
    assert quickly == slowly
    return len(slowly[1])


def test_pieces_in_any_order_are_read_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    draw = random.Random(11)
    mistakes = sum(agree("".join(draw.choices(PIECES, k=12)), monkeypatch) for _ in range(500))
    assert mistakes > 1000


def test_templates_are_read_the_same_though_they_are_no_pages_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    templates = sorted((ROOT / "conference" / "templates").rglob("*.html"))
    assert len(templates) > 50
    for path in templates:
        agree(path.read_text("utf-8"), monkeypatch)


def test_what_reaches_over_the_end_of_a_part_is_read_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """html5lib reads 10240 letters at a time."""
    for end in range(10200, 10241):
        agree("x" * end + '<p class="a" id="b">c &amp; d</p >\n  e', monkeypatch)


def test_pages_are_read_so_here() -> None:
    assert HTMLTokenizer.dataState is quick_html.data_state
