"""What is wrong with a conference pack, and what to do about it: one line a problem."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from flask_babel import gettext

if TYPE_CHECKING:
    from conference.domain.pack import PackProblem

LONGEST = 60
MOST_LISTED = 15


def _(text: str) -> str:
    """Mark for extraction only: the words are looked up when they are shown."""
    return text


PROBLEMS: dict[str, str] = {
    # files
    "missing_file": _("this file is missing — add it to the folder"),
    "unexpected_file": _("the conference is not in this language — add it to languages, or remove the file"),
    "too_large": _("the file has %(megabytes)s MB — a file of a pack has %(maximum)s MB at most"),
    "not_utf8": _("byte %(byte)s is not UTF-8 — save the file as UTF-8, not as Latin-1 or Windows-1252"),
    "bad_toml": _("this is not TOML: %(detail)s — correct the line, or the one before it"),
    "bad_csv": _("this is not CSV: %(detail)s — look for a quotation mark that is not closed"),
    # any table
    "unknown_key": _("“%(key)s” means nothing here — remove it, or use one of: %(known)s"),
    "missing_key": _("“%(key)s” is missing — add it"),
    "wrong_type": _("“%(key)s” is %(found)s — write %(wanted)s"),
    "empty_text": _("“%(key)s” says nothing — write it in one language at least"),
    "too_long": _("“%(key)s” is too long — %(maximum)s characters at most"),
    "bad_slug": _("“%(value)s” is no key — use a–z, 0–9 and single hyphens, %(maximum)s characters at most"),
    "reserved_slug": _("“%(value)s” is a page of ours — give the conference another slug"),
    "out_of_range": _("“%(key)s” is %(value)s — write a whole number from %(least)s to %(most)s"),
    "repeated_key": _("the key “%(key)s” is used twice — give each its own"),
    "repeated_value": _("“%(value)s” is there twice — remove one"),
    "other_language": _(
        "“%(language)s” is not a language of this conference (%(known)s) — add it to languages, or remove it"
    ),
    "bad_language_code": _(
        "“%(value)s” is no code of a language — write es or en, spoken ones as spa or mix"
    ),
    # conference.toml
    "other_format": _("this pack has another format — write format = %(wanted)s"),
    "unknown_zone": _("there is no time zone “%(zone)s” — write one as America/Mexico_City"),
    "bad_date": _("%(value)s is too far away — correct the year"),
    "unknown_rule": _("there is no rule “%(value)s” — use one of: %(known)s"),
    "unknown_authenticity": _("“%(value)s” cannot prevail — use one of: %(known)s"),
    # organizations.csv
    "semicolons": _("the columns are separated by semicolons — save the file with commas"),
    "unknown_column": _("there is no column “%(column)s” — remove it, or use one of: %(known)s"),
    "too_many_columns": _(
        "the first row has %(found)s columns, and at most %(maximum)s are read — remove what is not ours"
    ),
    "more_problems": _("there is more wrong from here on — correct these %(most)s first, and try again"),
    "repeated_column": _("the column “%(column)s” is there twice — remove one"),
    "missing_column": _("the column “%(column)s” is missing — add it to the first row"),
    "wrong_cell_count": _(
        "the row has %(found)s cells instead of %(wanted)s — quote cells that hold a comma"
    ),
    "empty_cell": _("“%(column)s” is empty — fill it in"),
    "duplicate_organization": _(
        "“%(organization)s” stands in line %(first_line)s already and cannot have a second seat — remove one"
    ),
    "unknown_kind": _("there is no kind “%(value)s” — use one of: %(known)s"),
    "unknown_side": _("there is no side “%(value)s” — use one of: %(known)s"),
    "unknown_status": _("there is no status “%(value)s” — use one of: %(known)s"),
    "bad_municipality": _("“%(value)s” is no municipality — write its INEGI key of five digits"),
    "bad_website": _("“%(value)s” is no address of a page — begin with https://"),
    "bad_votes": _("“%(value)s” is no number of votes — write a whole number from 1 to %(most)s, or nothing"),
    "votes_without_seat": _("“%(organization)s” (%(kind)s) has voice and no vote — leave its votes empty"),
    "unknown_parent": _(
        "“%(parent)s”, to which “%(organization)s” belongs, is not in the file — add it, or remove it here"
    ),
    "federation_cycle": _(
        "these belong to each other in a circle: %(organizations)s — remove one membership"
    ),
    "organization_taken": _(
        "“%(organization)s” is another organization here (%(other)s) — give this one a key of its own"
    ),
    # a table for the directory
    "table_too_large": _(
        "the table has %(megabytes)s MB, and %(maximum)s MB at most are read — divide it into two"
    ),
    "too_many_rows": _("the table has %(found)s rows, and %(maximum)s at most are read — divide it"),
    "no_rows": _("there is no organization in the table — add a row for each below the columns"),
    "is_windows_1252": _(
        "the accents are saved in an old way (Windows-1252) — save as “CSV UTF-8”, so that none is lost"
    ),
    "is_utf16": _("the table is saved as “Unicode text” — save it as “CSV UTF-8” instead"),
    "is_workbook": _("this is the workbook itself — save the sheet as “CSV UTF-8”, and send that"),
    "organization_repeated": _(
        "“%(organization)s” stands in line %(first_line)s already — remove one, or give it a key of its own"
    ),
    "unknown_legal_form": _("there is no legal form “%(value)s” — use one of: %(known)s"),
    "unknown_source": _("“%(value)s” is no source for this table — use one of: %(known)s"),
    "unknown_municipality": _(
        "no municipality has the key “%(value)s” — look it up on the form for an organization"
    ),
    "unknown_language": _(
        "no language we know has the code “%(value)s” — write codes such as spa, mix or zap"
    ),
    "unknown_us_state": _("“%(value)s” is no state of the United States — write two letters, such as OR"),
    "state_without_city": _("“%(state)s” and “%(city)s” go together — fill in both, or leave both empty"),
    "votes_before_answer": _(
        "“%(organization)s” has not answered yet — leave its votes empty; a seat is given afterwards"
    ),
    "parent_no_federation": _(
        "“%(parent)s”, to which “%(organization)s” would belong, is no federation — correct its kind, or "
        "remove it here"
    ),
    "organization_kept": _("“%(organization)s” was here already — its own entry was kept"),
    # program.toml
    "sitting_not_plenary": _('votes are taken in a plenary only — write kind = "plenary", or remove sitting'),
    "outside_days": _("there is no day %(day)s: the conference has %(days)s — correct the day"),
    "bad_clock": _('“%(value)s” is no time of day — write it as "09:30"'),
    "unknown_room": _("there is no room “%(value)s” — use one of: %(known)s"),
    "unknown_track": _("there is no track “%(value)s” — use one of: %(known)s"),
    "unknown_text_format": _("there is no text format “%(value)s” — use one of: %(known)s"),
    "unknown_co_chair": _(
        "“%(organization)s” is not in organizations.csv — add it there, or correct the key"
    ),
    "co_chairs_elsewhere": _('only a roundtable has co-chairs — remove them, or write kind = "roundtable"'),
    "co_chairs_one_a_side": _("a roundtable has two co-chairs — name one organization of each side"),
    "room_overlap": _("“%(second)s” begins in “%(room)s” before “%(first)s” has ended — was that meant?"),
    # registration.toml
    "unknown_category": _("there is no category “%(value)s” — use one of: %(known)s"),
    "too_few_choices": _("a question needs %(least)s choices at least — add one, or remove the question"),
    "language_of_interpretation": _(
        'interpretation, and nothing else, has a language — write one such as "mix", or remove it'
    ),
    # agreement/<language>.md
    "text_missing_agreement_heading": _("the agreement has no title — begin with: # Title {#agreement}"),
    "text_repeated_agreement_heading": _(
        "the title stands in line %(first_line)s already — write this heading with more #"
    ),
    "text_text_outside_provisions": _("this text is in no provision: “%(text)s” — put a heading above it"),
    "text_malformed_heading": _("the heading “%(heading)s” has no key — end it with {#key .kind}"),
    "text_bad_key": _("“%(key)s” is no key — use a–z, 0–9 and single hyphens"),
    "text_duplicate_key": _("the key “%(key)s” stands in line %(first_line)s already — give each its own"),
    "text_unknown_kind": _(
        "“%(key)s” has the kind “%(kind)s” — use preamble, title, article, clause or annex"
    ),
    "text_skipped_level": _("“%(key)s” has %(level)s # below a heading — write %(deepest)s at most"),
    "text_too_deep": _("“%(key)s” is nested %(depth)s deep — %(maximum)s at most"),
    "text_lacks_language": _(
        "“%(key)s” is not in “%(language)s” — it cannot be put to the vote until it is translated"
    ),
    "text_lacks_heading": _(
        "“%(key)s” has no heading in “%(language)s” — it cannot be put to the vote until it has one"
    ),
    "text_lacks_body": _(
        "“%(key)s” has no words in “%(language)s” — it cannot be put to the vote until it has them"
    ),
    "text_other_items": _(
        "“%(key)s” has %(found)s lettered items in “%(language)s” and %(expected)s before — compare the texts"
    ),
    "text_other_kind": _("“%(key)s” is .%(found)s in “%(language)s” and .%(expected)s before — use one kind"),
    "text_other_nesting": _("“%(key)s” is elsewhere in “%(language)s” — put it under the same heading"),
    "text_other_order": _("“%(key)s” is in another order in “%(language)s” — put it in the same place"),
}

TYPES: dict[str, str] = {
    "str": _("a text in quotation marks"),
    "int": _("a whole number"),
    "float": _("a decimal number"),
    "bool": _("true or false"),
    "date": _("a date such as 2026-07-11"),
    "datetime": _("a date with a time"),
    "time": _("a time without quotation marks"),
    "list": _("a list in square brackets"),
    "dict": _('a table such as { es = "…", en = "…" }'),
}


def problem_text(problem: PackProblem) -> str:
    """Return what is wrong and what to do, in one line."""
    data = {name: _said(name, value) for name, value in problem.data.items()}
    return gettext(PROBLEMS[problem.code], **data)


def problem_line(problem: PackProblem) -> str:
    """Return a problem as compilers write it: file, line if there is one, what is wrong."""
    place = f"{problem.file}:{problem.line}" if problem.line else problem.file
    return f"{place}: {problem_text(problem)}"


def _said(name: str, value: object) -> str:
    if name in {"wanted", "found"} and value in TYPES:
        return gettext(TYPES[str(value)])
    if isinstance(value, Sequence) and not isinstance(value, str):
        listed = ", ".join(_printable(str(one)) for one in value[:MOST_LISTED])
        return f"{listed}, …" if len(value) > MOST_LISTED else listed
    return _printable(str(value))


def _printable(text: str) -> str:
    """What comes from a file neither breaks the line nor commands the terminal."""
    visible = "".join(letter if letter.isprintable() else "�" for letter in text)
    return visible if len(visible) <= LONGEST else f"{visible[:LONGEST]}…"
