"""Reads `agreement/<language>.md`, one file a language, as one draft."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agreements import (
    Draft,
    InvalidText,
    Misalignment,
    MisalignmentCode,
    combine,
    parse_markdown,
    render_markdown,
)
from conference.domain.pack_reading import Report, decode
from conference.domain.pack_values import agreement_file

if TYPE_CHECKING:
    from collections.abc import Mapping

KEY_LENGTH = 120


def read_agreement(contents: Mapping[str, bytes], report: Report) -> Draft | None:
    """Return the languages as one draft; None if one of them cannot be read.

    What one language lacks or says elsewhere is a warning: it is imported, and the bilingual gate keeps it
    from being put to the vote.
    """
    texts = {language: decode(agreement_file(language), data, report) for language, data in contents.items()}
    documents = {
        language: _parse(language, text, report) for language, text in texts.items() if text is not None
    }
    whole = {language: document for language, document in documents.items() if document is not None}
    if not whole or len(whole) < len(contents):
        return None
    combination = combine(whole)
    lines = {language: _heading_lines(text or "") for language, text in texts.items()}
    for misalignment in combination.misalignments:
        _warn(misalignment, lines, report)
    return _settled(combination.draft)


def _settled(draft: Draft) -> Draft:
    """The draft that its own files are read as: a heading without words, where only its clauses are there."""
    return combine(
        {language: parse_markdown(render_markdown(draft, language), language) for language in draft.languages}
    ).draft


def _parse(language: str, text: str, report: Report) -> Draft | None:
    file = agreement_file(language)
    try:
        draft = parse_markdown(text, language)
    except InvalidText as invalid:
        for problem in invalid.problems:
            report.problem(file, problem.line, f"text_{problem.code.value}", **problem.data)
        return None
    lines = _heading_lines(text)
    for place in draft.walk():
        key = place.provision.key
        if len(key) > KEY_LENGTH:
            report.problem(file, lines.get(key, 1), "too_long", key=key, maximum=KEY_LENGTH)
    return draft


def _heading_lines(text: str) -> dict[str, int]:
    """The line of each provision's heading, by key."""
    lines: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        start, _, attributes = line.rpartition("{#")
        if start.lstrip().startswith("#"):
            lines.setdefault(attributes.split(" ")[0].rstrip("} "), number)
    return lines


def _warn(misalignment: Misalignment, lines: Mapping[str, Mapping[str, int]], report: Report) -> None:
    """Where the language lacks the provision, the line is that of the first language which has it."""
    key, language = misalignment.key, misalignment.language
    if key not in lines[language]:
        language = next((other for other in lines if key in lines[other]), language)
    report.warning(
        agreement_file(language),
        lines[language].get(key, 1),
        f"text_{_warning(misalignment)}",
        key=key,
        language=misalignment.language,
        expected=misalignment.expected,
        found=misalignment.found,
    )


def _warning(misalignment: Misalignment) -> str:
    if misalignment.code is MisalignmentCode.INCOMPLETE:
        return f"lacks_{misalignment.expected}"
    return {
        MisalignmentCode.MISSING: "lacks_language",
        MisalignmentCode.ITEMS: "other_items",
        MisalignmentCode.KIND: "other_kind",
        MisalignmentCode.NESTING: "other_nesting",
        MisalignmentCode.ORDER: "other_order",
    }[misalignment.code]
