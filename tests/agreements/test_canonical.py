from __future__ import annotations

import json
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agreements.canonical import (
    GREATEST_INTEGER,
    MAXIMUM_NESTING,
    InvalidValue,
    ValueProblem,
    canonical,
    from_canonical,
)
from agreements.decision import Rule
from agreements.frozen import FrozenMapping

scalars = st.none() | st.booleans() | st.integers(-GREATEST_INTEGER, GREATEST_INTEGER) | st.text(max_size=12)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)


def nested(depth: int) -> Any:
    """A list in a list in a list."""
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


# -- the RFC's own examples and test data, without those that hold floats -----------------------------


def test_strings_and_literals_are_written_as_in_the_rfc() -> None:
    value = json.loads(
        r'{"string": "\u20ac$\u000F\u000aA\u0027\u0042\u0022\u005c\\\"\/", "literals": [null, true, false]}'
    )
    # RFC 8785 §3.2.4: the same octets, in hexadecimal, without the member "numbers".
    assert canonical(value).hex() == (
        "7b226c69746572616c73223a5b6e756c6c2c747275652c66616c73655d2c2273"
        "7472696e67223a22e282ac245c75303030665c6e4127425c225c5c5c5c5c222f227d"
    )


def test_keys_are_sorted_as_in_the_rfc() -> None:
    # RFC 8785 §3.2.3
    value = {
        "\u20ac": "Euro Sign",
        "\r": "Carriage Return",
        "\ufb33": "Hebrew Letter Dalet With Dagesh",
        "1": "One",
        "\U0001f600": "Emoji: Grinning Face",
        "\u0080": "Control",
        "\u00f6": "Latin Small Letter O With Diaeresis",
    }
    assert list(json.loads(canonical(value)).values()) == [
        "Carriage Return",
        "One",
        "Control",
        "Latin Small Letter O With Diaeresis",
        "Euro Sign",
        "Emoji: Grinning Face",
        "Hebrew Letter Dalet With Dagesh",
    ]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (
            r"""{"\u20ac": "Euro Sign", "1": "One", "\u0080": "Control\u007f", "\ud83d\ude02": "Smiley",
            "\u00f6": "Latin Small Letter O With Diaeresis", "\ufb33": "Hebrew Letter Dalet With Dagesh",
            "</script>": "Browser Challenge"}""",
            (
                '{"1":"One","</script>":"Browser Challenge","\x80":"Control\x7f",'
                '"ö":"Latin Small Letter O With Diaeresis","€":"Euro Sign","😂":"Smiley",'
                '"\ufb33":"Hebrew Letter Dalet With Dagesh"}'
            ),
        ),
        (
            r'{"1": {"f": {"f": "hi","F": 5},"\n": 56}, "10": { }, "": "e", "a": { }, "111": [{}], "A": { }}',
            r'{"":"e","1":{"\n":56,"f":{"F":5,"f":"hi"}},"10":{},"111":[{}],"A":{},"a":{}}',
        ),
        (
            '{"peach": 1, "péché": 2, "pêche": 3, "sin": 4}',
            '{"peach":1,"péché":2,"pêche":3,"sin":4}',
        ),
        (r'{"Unnormalized Unicode":"A\u030a"}', '{"Unnormalized Unicode":"A\u030a"}'),
    ],
    ids=["weird", "structures", "french", "unicode"],
)
def test_the_published_test_data_comes_out_byte_for_byte(given: str, expected: str) -> None:
    assert canonical(json.loads(given)) == expected.encode()


# -- what is written ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("", b'""'),
        ('\b\t\n\f\r"\\', rb'"\b\t\n\f\r\"\\"'),
        ("\x00\x0b\x1f\x7f/", b'"\\u0000\\u000b\\u001f\x7f/"'),
        ("\u2028\x85ñ😀", '"\u2028\x85ñ😀"'.encode()),
        (0, b"0"),
        (-1, b"-1"),
        (GREATEST_INTEGER, b"9007199254740991"),
        (-GREATEST_INTEGER, b"-9007199254740991"),
        (True, b"true"),
        ([], b"[]"),
        ((1, [2]), b"[1,[2]]"),
        ({}, b"{}"),
        (FrozenMapping({"b": 1, "a": None}), b'{"a":null,"b":1}'),
        (MappingProxyType({"rule": Rule.SIMPLE}), b'{"rule":"simple"}'),
        ({"": 1, "aa": 2, "a": 3, "B": 4}, b'{"":1,"B":4,"a":3,"aa":2}'),
    ],
)
def test_a_value_has_one_form(value: object, expected: bytes) -> None:
    assert canonical(value) == expected


def test_an_astral_key_stands_before_the_private_use_area() -> None:
    assert canonical({"\ue000": 1, "\U00010000": 2, "\ud7ff": 3}) == (
        '{"\ud7ff":3,"\U00010000":2,"\ue000":1}'.encode()
    )


def test_the_order_in_which_a_mapping_was_made_does_not_matter() -> None:
    assert canonical({"a": 1, "b": {"c": 2, "d": 3}}) == canonical({"b": {"d": 3, "c": 2}, "a": 1})


@given(values)
def test_what_is_written_is_read_back_by_any_reader_of_json(value: Any) -> None:
    data = canonical(value)
    assert json.loads(data) == value
    assert canonical(json.loads(data)) == data
    assert from_canonical(data) == value


@given(values)
def test_keys_are_in_the_order_of_their_utf_16_code_units(value: Any) -> None:
    def pairs_in_order(pairs: list[tuple[str, Any]]) -> None:
        units = [tuple(memoryview(key.encode("utf-16-le")).cast("H")) for key, _ in pairs]
        assert units == sorted(set(units))

    json.loads(canonical(value), object_pairs_hook=pairs_in_order)


def test_problems_go_by_their_names() -> None:
    assert [problem.value for problem in ValueProblem] == [problem.name.lower() for problem in ValueProblem]


# -- what is refused ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "code", "path", "found"),
    [
        (1.0, ValueProblem.UNKNOWN_TYPE, (), 1.0),
        ({"a": [None, 0.5]}, ValueProblem.UNKNOWN_TYPE, ("a", 1), 0.5),
        ([b""], ValueProblem.UNKNOWN_TYPE, (0,), b""),
        ({"a": {1}}, ValueProblem.UNKNOWN_TYPE, ("a",), {1}),
        ({"a": {1: 2}}, ValueProblem.KEY_IS_NOT_TEXT, ("a",), 1),
        ({None: 2}, ValueProblem.KEY_IS_NOT_TEXT, (), None),
        ({"a": ["\ud800"]}, ValueProblem.LONE_SURROGATE, ("a", 0), "\ud800"),
        ([{"\udfff": 1}], ValueProblem.LONE_SURROGATE, (0,), "\udfff"),
        ([2**53], ValueProblem.INTEGER_OUT_OF_RANGE, (0,), 2**53),
        (-(2**53), ValueProblem.INTEGER_OUT_OF_RANGE, (), -(2**53)),
    ],
)
def test_what_has_no_canonical_form_is_refused_with_its_place(
    value: object, code: ValueProblem, path: tuple[str | int, ...], found: object
) -> None:
    with pytest.raises(InvalidValue) as refusal:
        canonical(value)
    assert (refusal.value.code, refusal.value.path, refusal.value.value) == (code, path, found)
    assert refusal.value.args == (code, path, found)


def test_nesting_has_a_limit() -> None:
    assert canonical(nested(MAXIMUM_NESTING)) == b"[" * 64 + b"1" + b"]" * 64
    with pytest.raises(InvalidValue) as refusal:
        canonical(nested(MAXIMUM_NESTING + 1))
    assert refusal.value.args == (ValueProblem.NESTED_TOO_DEEP, (0,) * 65, 1)
    assert refusal.value.value == 1


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", ValueProblem.NOT_CANONICAL),
        (b" 1", ValueProblem.NOT_CANONICAL),
        (b'{"a": 1}', ValueProblem.NOT_CANONICAL),
        (b'{"b":1,"a":2}', ValueProblem.NOT_CANONICAL),
        (b'{"a":1,"a":1}', ValueProblem.NOT_CANONICAL),
        (b'"\\u00e9"', ValueProblem.NOT_CANONICAL),
        (b'"\\u000B"', ValueProblem.NOT_CANONICAL),
        (b'"\\/"', ValueProblem.NOT_CANONICAL),
        (b"-0", ValueProblem.NOT_CANONICAL),
        (b"1.0", ValueProblem.UNKNOWN_TYPE),
        (b"1e2", ValueProblem.UNKNOWN_TYPE),
        (b"NaN", ValueProblem.UNKNOWN_TYPE),
        (b"01", ValueProblem.NOT_CANONICAL),
        (b"1\n", ValueProblem.NOT_CANONICAL),
        (b"\xef\xbb\xbf1", ValueProblem.NOT_CANONICAL),
        (b'"\xff"', ValueProblem.NOT_CANONICAL),
        (b"9" * 5000, ValueProblem.NOT_CANONICAL),
        (b"[" * 100_000, ValueProblem.NOT_CANONICAL),
        (b"9007199254740992", ValueProblem.INTEGER_OUT_OF_RANGE),
        (b'"\\ud800"', ValueProblem.LONE_SURROGATE),
        (b"[" * 66 + b"]" * 66, ValueProblem.NESTED_TOO_DEEP),
    ],
)
def test_bytes_that_are_not_canonical_are_not_repaired(data: bytes, code: ValueProblem) -> None:
    with pytest.raises(InvalidValue) as refusal:
        from_canonical(data)
    assert refusal.value.code == code
    assert refusal.value.value == data or code is not ValueProblem.NOT_CANONICAL


@given(st.binary(max_size=20) | values.map(canonical), st.data())
def test_only_canonical_bytes_are_read(data: bytes, draw: st.DataObject) -> None:
    position = draw.draw(st.integers(0, len(data)))
    altered = data[:position] + bytes([draw.draw(st.integers(0, 255))]) + data[position + 1 :]
    try:
        value = from_canonical(altered)
    except InvalidValue:
        return
    assert canonical(value) == altered
