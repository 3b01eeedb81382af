"""Bare numbers as agreements write them; the words around them belong to whoever shows them."""

from __future__ import annotations

_ROMAN = (
    (1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"),
    (50, "L"), (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"),
)  # fmt: skip


def roman(number: int) -> str:
    """1 → I, 4 → IV, 1994 → MCMXCIV."""
    numeral = ""
    for value, sign in _ROMAN:
        numeral += sign * (number // value)
        number %= value
    return numeral


def letters(number: int) -> str:
    """1 → a, 26 → z, 27 → aa. The same letters in every language (no ñ), so that texts agree."""
    written = ""
    while number > 0:
        number, place = divmod(number - 1, 26)
        written = "abcdefghijklmnopqrstuvwxyz"[place] + written
    return written
