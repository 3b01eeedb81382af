import json

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from agreements import Kind
from agreements.amendment_file import InvalidAmendmentFile, read_amendment, write_amendment
from agreements.amendments import Amendment, InvalidAmendment, Replace
from agreements.difference import difference
from tests.agreements.bylaws import BYLAWS, add, amendment, both, delete, move, provision, rewrite
from tests.agreements.editing import rewritten, written_drafts

ALL = Amendment(
    "A7",
    (
        rewrite("size", "Siete.", kind=Kind.ARTICLE),
        Replace("term", both(BYLAWS, "term"), {"en": None}),
        delete("dues"),
        move("place", None, None),
        add("n", "committee", "size", "Ñuu", "New", provision("in")),
    ),
    amends="A1",
)


def test_what_was_written_is_read():
    assert read_amendment(write_amendment(ALL)) == ALL
    assert read_amendment(write_amendment(ALL)).content_hash == ALL.content_hash


def test_the_text_is_readable():
    written = write_amendment(amendment("A7", add("n", None, None, "Ñuu Savi", "")))
    assert written.endswith("\n")
    assert '"es": "Ñuu Savi"' in written
    assert json.loads(written)["format"] == "amendment-1"


@given(st.data())
def test_any_amendment_is_read_as_written(data):
    before = data.draw(written_drafts())
    found = difference(before, data.draw(rewritten(before)), name="A")
    assume(found)
    assert read_amendment(write_amendment(found)) == found


def _without(path):
    content = json.loads(write_amendment(ALL))
    node = content
    for step in path[:-1]:
        node = node[step]
    del node[path[-1]]
    return json.dumps(content)


def _with(path, value):
    content = json.loads(write_amendment(ALL))
    node = content
    for step in path[:-1]:
        node = node[step]
    node[path[-1]] = value
    return json.dumps(content)


NODES = [
    ("operations", 0, "texts", "es", "heading"),
    ("operations", 0, "texts", "es", "body"),
    ("operations", 3, "position", "parent"),
    ("operations", 3, "position", "after"),
    ("operations", 4, "add", "key"),
    ("operations", 4, "add", "kind"),
    ("operations", 4, "add", "headings"),
    ("operations", 4, "add", "bodies"),
    ("operations", 4, "add", "children"),
    ("operations", 4, "add", "children", 0, "key"),
]
MEMBERS = [
    ("operations", 0, "against"),
    ("operations", 0, "replace"),
    ("operations", 0, "texts"),
    ("operations", 0, "kind"),
    ("operations", 2, "against"),
    ("operations", 2, "delete"),
    ("operations", 3, "move"),
    ("operations", 3, "position"),
    ("operations", 4, "position"),
    ("operations", 4, "add"),
]


@pytest.mark.parametrize("path", MEMBERS)
def test_an_operation_has_the_members_of_one_sort(path):
    with pytest.raises(InvalidAmendmentFile) as refused:
        read_amendment(_without(path))
    assert refused.value.path == path[:2]


@pytest.mark.parametrize(
    "path", [("operations", 0, "delete"), ("operations", 2, "add"), ("operations", 4, "x")]
)
def test_an_operation_has_no_members_of_another_sort(path):
    with pytest.raises(InvalidAmendmentFile) as refused:
        read_amendment(_with(path, None))
    assert refused.value.path == path[:2]


def test_nothing_is_said_twice():
    text = write_amendment(ALL).replace('"name": "A7",', '"name": "A7", "name": "A8",')
    with pytest.raises(InvalidAmendmentFile) as refused:
        read_amendment(text)
    assert refused.value.path == ()


@pytest.mark.parametrize("path", [("format",), ("name",), ("amends",), ("operations",), *NODES])
def test_what_is_missing_is_told(path):
    with pytest.raises(InvalidAmendmentFile) as refused:
        read_amendment(_without(path))
    assert refused.value.path == path


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("format",), "amendment-2"),
        (("name",), 7),
        (("amends",), 7),
        (("operations",), {}),
        (("operations", 0, "texts", "es"), "Siete."),
        (("operations", 0, "against", "es"), 7),
        (("operations", 0, "kind"), "chapter"),
        (("operations", 0, "kind"), ""),
        (("operations", 0, "against"), 7),
        (("operations", 4, "add", "kind"), "chapter"),
        (("operations", 4, "add", "children", 0, "kind"), "chapter"),
        (("operations", 4, "add", "bodies", "es"), None),
        (("operations", 4, "position", "after"), 3),
    ],
)
def test_what_is_of_the_wrong_sort_is_told(path, value):
    with pytest.raises(InvalidAmendmentFile) as refused:
        read_amendment(_with(path, value))
    assert refused.value.path == path


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("", ()),
        ("{", ()),
        ("[" * 100_000, ()),
        ("[]", ("format",)),
        ("7", ("format",)),
        (
            '{"format": "amendment-1", "name": "A", "amends": null, "operations": [7]}',
            ("operations", 0),
        ),
        (
            '{"format": "amendment-1", "name": "A", "amends": null, "operations": [{"add": 1}]}',
            ("operations", 0),
        ),
    ],
)
def test_what_is_no_amendment_at_all_is_refused(text, path):
    with pytest.raises(InvalidAmendmentFile) as refused:
        read_amendment(text)
    assert refused.value.path == path


def test_an_amendment_that_does_nothing_is_refused():
    with pytest.raises(InvalidAmendment):
        read_amendment('{"format": "amendment-1", "name": "A", "amends": null, "operations": []}')
