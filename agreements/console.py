"""`python -m agreements COMMAND …`: the package alone, for a secretary or for another coalition's program.

A command is a function of values: it answers with lines, an exit status, and the texts to write. Files are
read before it and written after it, under "Files"; what is asked for is taken apart under "Asking".
"""

from __future__ import annotations

import argparse
import io
import os
import re
import sys
from collections import Counter
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agreements import console_words as words
from agreements import redline, verify_audit
from agreements.alignment import Combination, Misalignment, MisalignmentCode, alignment, combine
from agreements.amendment_file import read_amendment, write_amendment
from agreements.amendments import (
    Amendment,
    AmendmentProblem,
    InvalidAmendment,
    Operation,
    words_of,
)
from agreements.collision import Colliding, Collision, apply, collisions, identical
from agreements.comparison import Change, Comparison, ProvisionComparison, compare
from agreements.console_words import Misuse, Refused, Unusable, Voice, capitalised
from agreements.contact import Contact, Touch
from agreements.decision import HALF, Chamber, ChamberCount, InvalidCount, Outcome, Rule, decide
from agreements.difference import difference
from agreements.division import Piece, divide, pieces
from agreements.explanation import Language, chamber_sentence, outcome_sentence, quorum_sentence
from agreements.fates import Status, fates
from agreements.markdown import parse_markdown, render_markdown
from agreements.rebase import Standing, rebase
from agreements.tabled import Tabled
from agreements.text import Draft, InvalidText, Kind
from agreements.voting_order import Vote, VoteOn, voting_order
from agreements.words import Mark, Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from typing import TextIO, TypeAlias

    Amendments: TypeAlias = Sequence[Amendment]
    Parts: TypeAlias = Sequence[Sequence[int]]

PROGRAM = "python -m agreements"
DONE, FOUND, REFUSED = 0, 1, 2
"""Exit statuses: done; done, and found something to look at; could not be done."""

INDENT = "    "


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command says; `notes` go beside it, and `files`, by name, into the folder of --into."""

    lines: tuple[str, ...] = ()
    status: int = DONE
    notes: tuple[str, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)


# == Drafts ============================================================================================


def check_draft(voice: Voice, *, folder: Combination) -> Answer:
    """What is in a draft, and every difference between its languages."""
    draft, found = folder.draft, folder.misalignments
    titles = draft.titles.items()
    lines = [
        *(voice.say(words.TITLE_IN, title=title, language=voice.tongue(one)) for one, title in titles),
        voice.say(words.LANGUAGES_LISTED, languages=", ".join(map(voice.tongue, draft.languages))),
        _provisions_counted(voice, draft),
        voice.say(words.HASH, hash=draft.content_hash),
        "",
    ]
    if not found:
        return Answer((*lines, voice.say(words.ALIGNED)))
    lines += [
        voice.say(words.MISALIGNED, count=len(found)),
        *(f"- {capitalised(_misalignment(voice, draft, one))}." for one in found),
        voice.say(words.GATE),
    ]
    return Answer(tuple(lines), FOUND)


def _provisions_counted(voice: Voice, draft: Draft) -> str:
    kinds = Counter(place.provision.kind for place in draft.walk())
    total = voice.say(words.PROVISIONS_COUNTED, count=kinds.total())
    counted = (voice.say(words.KINDS_COUNTED[kind], count=kinds[kind]) for kind in Kind if kinds[kind])
    return " · ".join([total, *counted])


def _misalignment(voice: Voice, draft: Draft, one: Misalignment) -> str:
    expected, found = (_side(voice, draft, one.code, value) for value in (one.expected, one.found))
    return voice.say(
        words.MISALIGNMENTS[one.code],
        provision=voice.provision(one.key, draft),
        language=voice.tongue(one.language),
        found=found,
        other=voice.tongue(_decisive(draft, one)),
        expected=expected,
    )


def _decisive(draft: Draft, one: Misalignment) -> str:
    """The language that others are compared with: the first that has the provision, for items its body."""
    written = {language: words_of(draft, one.key, language) for language in draft.languages}
    counted = one.code is MisalignmentCode.ITEMS
    return next(language for language, text in written.items() if text and (text.body or not counted))


def _side(voice: Voice, draft: Draft, code: MisalignmentCode, value: str | int | None) -> str:
    """What was expected of a language, or found in it."""
    text = str(value)
    if code in words.WHERE:
        behind, at_first = words.WHERE[code]
        return voice.say(behind if value else at_first, provision=voice.provision(text, draft))
    if code is MisalignmentCode.KIND:
        return voice.say(words.KINDS[Kind(text)])
    if code is MisalignmentCode.STALE:
        return voice.tongue(text)
    return voice.say(words.PARTS_OF_TEXT[text]) if text in words.PARTS_OF_TEXT else text


def compare_drafts(voice: Voice, *, before: Combination, after: Combination, html: bool) -> Answer:
    """What was added, deleted, changed and moved, with the words marked."""
    comparison = compare(before.draft, after.draft)
    languages = tuple(dict.fromkeys([*after.draft.languages, *before.draft.languages]))
    changes = list(_changes(voice, comparison, languages))
    ending = [*_renumbered(voice, comparison), _changes_counted(voice, comparison)]
    if html:
        titles = after.draft.titles
        title = voice.say(words.PAGE_TITLE, title=titles.get(voice.language) or titles[languages[0]])
        return Answer(tuple(_page(voice, title, changes, ending)))
    if not changes:
        return Answer((voice.say(words.SAME_DRAFTS),))
    return Answer((*(line for change in changes for line in change.lines(voice)), *ending))


@dataclass(frozen=True, slots=True)
class _Passage:
    """A heading (or else a body, or the title) in one language, marked."""

    language: str
    spans: tuple[Span, ...]
    heading: bool = False

    @property
    def changed(self) -> bool:
        return any(span.mark is not Mark.KEPT for span in self.spans)

    def label(self, voice: Voice) -> str:
        name = voice.tongue(self.language)
        return capitalised(voice.say(words.HEADING_IN, language=name) if self.heading else name)


@dataclass(frozen=True, slots=True)
class _Change:
    """What became of one provision, or of the title, in a sentence; and all its passages."""

    sentence: str
    passages: tuple[_Passage, ...]

    def lines(self, voice: Voice) -> Iterator[str]:
        changed = [one for one in self.passages if one.changed]
        yield self.sentence + (":" if changed else ".")
        for one in changed:
            text = redline.plain(one.spans).replace("\n", f"\n{INDENT * 2}")
            yield f"{INDENT}{one.label(voice)}: {text}"
        yield ""


def _changes(voice: Voice, comparison: Comparison, languages: Sequence[str]) -> Iterator[_Change]:
    titles = tuple(_Passage(language, comparison.titles[language]) for language in languages)
    if any(one.changed for one in titles):
        sentence = voice.say(words.CHANGES[Change.CHANGED], provision=words.AGREEMENT_TITLE)
        yield _Change(capitalised(sentence), titles)
    for one in comparison.changes:
        found = [(language, one.words[language]) for language in languages if language in one.words]
        headings = [_Passage(language, marked.heading, heading=True) for language, marked in found]
        bodies = [_Passage(language, marked.body) for language, marked in found]
        yield _Change(_sentence(voice, one), (*headings, *bodies))


def _sentence(voice: Voice, one: ProvisionComparison) -> str:
    provision = voice.placed(one.before, one.after)
    kinds = list(dict.fromkeys(place.provision.kind for place in (one.before, one.after) if place))
    if len(kinds) > 1:
        before, after = (words.KINDS[kind] for kind in kinds)
        provision = voice.say(words.KIND_CHANGED, provision=provision, before=before, after=after)
    return capitalised(voice.say(words.CHANGES[one.change], provision=provision))


def _renumbered(voice: Voice, comparison: Comparison) -> Iterator[str]:
    """Provisions that only got another number: whoever refers to them has to know."""
    kept = [(one.before, one.after) for one in comparison.provisions if one.change is Change.UNCHANGED]
    found = [(before, after) for before, after in kept if before and after and before.number != after.number]
    if found:
        told = (voice.placed(before, after) for before, after in found)
        yield voice.say(words.RENUMBERED, provisions=", ".join(told))


def _changes_counted(voice: Voice, comparison: Comparison) -> str:
    counted = Counter(one.change for one in comparison.provisions)
    told = (
        voice.say(phrase, count=counted[one]) for one, phrase in words.CHANGES_COUNTED.items() if counted[one]
    )
    return voice.say(words.COUNTED, changes=" · ".join(told))


def _page(voice: Voice, title: str, changes: Iterable[_Change], ending: Iterable[str]) -> Iterator[str]:
    """A whole page: the languages side by side where there is room, no script, nothing from elsewhere."""
    yield f'<!doctype html>\n<html lang="{voice.language}">\n<head>\n<meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>"
    yield f"<h1>{escape(title)}</h1>"
    yield f"<p>{voice.say(words.LEGEND)} <del>{voice.say(words.LEGEND_DELETED)}</del>"
    yield f"<ins>{voice.say(words.LEGEND_INSERTED)}</ins></p>"
    for change in changes:
        yield f"<section>\n<h2>{escape(change.sentence)}</h2>"
        for heading in (True, False):
            passages = [one for one in change.passages if one.heading is heading]
            if any(one.changed for one in passages):
                yield from _side_by_side(voice, passages)
        yield "</section>"
    yield "".join(f"<p>{escape(line)}</p>\n" for line in ending) + "</main>\n</body>\n</html>"


def _side_by_side(voice: Voice, passages: Iterable[_Passage]) -> Iterator[str]:
    """What changed in one language, beside the others: there it may be missing still."""
    yield '<div class="languages">'
    for one in passages:
        spoken = Voice(Language(one.language)) if one.language in set(Language) else voice
        names = {
            mark: (spoken.say(opening), spoken.say(closing))
            for mark, (opening, closing) in words.READ_ALOUD.items()
        }
        yield f"<div>\n<h3>{escape(one.label(voice))}</h3>"
        yield f'<p lang="{escape(one.language)}" dir="auto">{redline.html(one.spans, names)}</p>\n</div>'
    yield "</div>"


_STYLE = """
:root { color-scheme: light dark; --paper: #fffdf8; --ink: #2b211c; --line: #dccdb4;
  --deleted: #8e1631; --deleted-tint: #fae2df; --inserted: #1f5936; --inserted-tint: #e2efdf; }
@media (prefers-color-scheme: dark) { :root { --paper: #1c1613; --ink: #f5ebdd; --line: #483b32;
  --deleted: #ffb5bd; --deleted-tint: #4a1a23; --inserted: #9fdcb1; --inserted-tint: #1c3526; } }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1.0625rem/1.6 system-ui, sans-serif; }
main { max-width: 68rem; margin: 0 auto; padding: 1.5rem; overflow-wrap: anywhere; }
section { border-top: 1px solid var(--line); }
h1, h2, h3 { line-height: 1.2; }
h1 { font-size: clamp(1.5rem, 1.2rem + 1.5vw, 2rem); }
h2 { font-size: 1.25rem; }
h3 { margin: 0; font-size: 1rem; }
.languages { display: grid; gap: 1.5rem;
  grid-template-columns: repeat(auto-fit, minmax(min(20rem, 100%), 1fr)); }
.languages p { margin-top: .25rem; white-space: pre-line; }
del { color: var(--deleted); background: var(--deleted-tint); }
ins { color: var(--inserted); background: var(--inserted-tint); }
.visually-hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%);
  white-space: nowrap; }
"""


# == Amendments ========================================================================================


def make_amendment(
    voice: Voice, *, base: Combination, edited: Combination, name: str, amends: Amendment | None
) -> Answer:
    """What an edited copy changes, as an amendment file."""
    text = _as_amended(base.draft, name, amends) if amends else base.draft
    amendment = difference(text, edited.draft, name=name, amends=amends.name if amends else None)
    if amendment is None:
        raise Refused(Misuse.SAME_TEXT)
    notes = _differing_languages(voice, edited.draft, set(edited.misalignments) - set(base.misalignments))
    return Answer((write_amendment(amendment).removesuffix("\n"),), notes=notes)


def _as_amended(draft: Draft, name: str, amended: Amendment) -> Draft:
    if amended.amends:
        raise InvalidAmendment(AmendmentProblem.THIRD_DEGREE, name)
    (family,) = Tabled(draft, [amended]).families
    return _settled(family.text)


def _differing_languages(voice: Voice, draft: Draft, found: Iterable[Misalignment]) -> tuple[str, ...]:
    return tuple(
        voice.say(words.LANGUAGES_DIFFER, misalignment=_misalignment(voice, draft, one))
        for one in sorted(found, key=lambda one: (one.key, one.language, one.code))
    )


def list_collisions(voice: Voice, *, base: Combination, files: Amendments) -> Answer:
    """Every pair of amendments that cannot be adopted together, and what both touch."""
    lines = [voice.say(words.IDENTICAL, names=voice.listed(names)) for names in identical(base.draft, files)]
    found = _colliding(base.draft, files)
    if not found:
        return Answer((*lines, voice.say(words.NO_COLLISIONS)))
    for one in found:
        lines.append(voice.say(words.COLLIDING, first=one.first, second=one.second))
        lines += _contacts(voice, base.draft, one.contacts, (one.first, one.second))
    return Answer(tuple(lines), FOUND)


def _colliding(draft: Draft, amendments: Amendments) -> tuple[Collision, ...]:
    """Every two that collide; where no two do, those of a ring that only shows when all are adopted."""
    if found := collisions(draft, amendments):
        return found
    try:
        apply(draft, amendments)
    except Colliding as ring:
        return ring.collisions
    return ()


def _contacts(
    voice: Voice, draft: Draft, contacts: Iterable[Contact], names: tuple[words.Fact, words.Fact]
) -> Iterator[str]:
    keys = {place.provision.key: rank for rank, place in enumerate(draft.walk())}
    tongues = {language: rank for rank, language in enumerate(draft.languages)}
    for one in sorted(contacts, key=lambda one: (keys.get(one.key, len(keys)), tongues.get(one.language, 0))):
        facts = {"provision": voice.provision(one.key, draft), "language": voice.tongue(one.language)}
        yield INDENT + capitalised(voice.say(words.TOUCHES[one.touch], **facts))
        if one.touch is Touch.WORDS:
            versions = zip((words.NOW, *names), (one.words, one.first, one.second), strict=True)
            for who, text in versions:
                yield INDENT * 2 + voice.say(words.ATTRIBUTED, who=who, words=voice.quoted(text))


def list_order(
    voice: Voice, *, base: Combination, files: Amendments, ranking: Sequence[str] | None
) -> Answer:
    """In what order amendments are voted on, and which of them then lapse."""
    by_name = {amendment.name: amendment for amendment in files}
    for name in ranking or ():
        if name not in by_name:
            raise Refused(Misuse.NOT_RANKED, name=name, known=voice.listed(by_name))
    lines = [voice.say(words.VOTING_ORDER)]
    pending = set(by_name)
    for number, vote in enumerate(voting_order(base.draft, files, ranking=ranking or ()), start=1):
        lines.append(f"{number:>3}. {_vote(voice, base.draft, by_name, vote)}.")
        pending -= set(vote.names)
        if lapsing := [name for name in _lapsing(base.draft, files, vote) if name in pending]:
            lines.append(f"     {capitalised(voice.say(words.IF_ADOPTED, names=voice.listed(lapsing)))}.")
    return Answer(tuple(lines))


def _vote(voice: Voice, draft: Draft, by_name: Mapping[str, Amendment], vote: Vote) -> str:
    if vote.subject is VoteOn.WHOLE:
        return capitalised(voice.say(words.WHOLE_TEXT))
    amendment, who = by_name[vote.names[0]], voice.listed(vote.names)
    if len(vote.names) > 1:
        who = voice.say(words.LIKE, names=who)
    if amendment.amends:
        who = voice.say(words.AMENDS, name=who, amends=amendment.amends)
    return voice.say(words.VOTE, who=who, operations=_operations(voice, draft, amendment))


def _lapsing(draft: Draft, amendments: Amendments, vote: Vote) -> list[str]:
    """Those that lapse once this one is adopted, and those that fall with them."""
    found = fates(draft, amendments, dict.fromkeys(vote.names[:1], Outcome.ADOPTED))
    return [name for name, fate in found.items() if fate.status in {Status.LAPSED, Status.FALLEN}]


def _operations(voice: Voice, draft: Draft, amendment: Amendment) -> str:
    return "; ".join(_operation(voice, draft, one) for one in amendment.operations)


def _operation(voice: Voice, draft: Draft, operation: Operation) -> str:
    return voice.say(words.OPERATIONS[type(operation)], provision=voice.provision(operation.key, draft))


def apply_amendments(voice: Voice, *, base: Combination, files: Amendments, into: str) -> Answer:
    """The new draft, with everything that was adopted."""
    draft = _settled(apply(base.draft, files))
    lines = (
        voice.say(words.APPLIED, names=voice.listed(one.name for one in files)),
        voice.say(words.WRITTEN, folder=into),
        voice.say(words.HASH, hash=draft.content_hash),
    )
    notes = _differing_languages(voice, draft, set(alignment(draft)) - set(alignment(base.draft)))
    return Answer(lines, notes=notes, files=_documents(draft))


def rebase_amendments(
    voice: Voice, *, base: Combination, adopted: Amendments, others: Amendments, into: str
) -> Answer:
    """The other amendments on the new draft, or what stands in their way."""
    found = rebase(base.draft, adopted, others)
    rebased = [one.amendment for one in found if one.standing is Standing.REBASED]
    files = _amendment_files(rebased)
    paths = dict(zip((one.name for one in rebased), files, strict=True))
    lines: list[str] = []
    for one in found:
        name = one.amendment.name
        path = str(Path(into, paths.get(name, "")))
        lines.append(voice.say(words.STANDINGS[one.standing], name=name, path=path))
        lines += _contacts(voice, base.draft, one.contacts, (name, words.WHAT_WAS_ADOPTED))
    stuck = any(one.standing is Standing.NEEDS_REBASE for one in found)
    return Answer(tuple(lines), FOUND if stuck else DONE, files=files)


def divide_amendment(
    voice: Voice, *, base: Combination, file: Amendment, part: Parts | None, into: str | None
) -> Answer:
    """The pieces of an amendment by their numbers, or the parts that it was divided into."""
    if part and into:
        return _divided(voice, divide(base.draft, file, part), into)
    if part:
        raise Refused(Misuse.PARTS_WITHOUT_FOLDER)
    if into:
        raise Refused(Misuse.FOLDER_WITHOUT_PARTS)
    return Answer(tuple(_pieces_listed(voice, base.draft, file)))


def _divided(voice: Voice, parts: Amendments, into: str) -> Answer:
    files = _amendment_files(parts)
    named = zip(parts, files, strict=True)
    lines = [voice.say(words.PART, name=part.name, path=str(Path(into, file))) for part, file in named]
    return Answer((*lines, voice.say(words.SAME_IN_ALL)), files=files)


def _pieces_listed(voice: Voice, draft: Draft, amendment: Amendment) -> Iterator[str]:
    yield voice.say(words.PIECES, name=amendment.name)
    for number, piece in enumerate(pieces(draft, amendment), start=1):
        yield f"{number:>3}. {capitalised(_piece(voice, draft, piece))}"
    yield voice.say(words.HOW_TO_DIVIDE)


def _piece(voice: Voice, draft: Draft, piece: Piece) -> str:
    told = _operation(voice, draft, piece.operation)
    if piece.language:
        told = voice.say(words.PIECE_IN, operation=told, language=voice.tongue(piece.language))
    if piece.words or piece.instead:
        before, after = voice.quoted(piece.words), voice.quoted(piece.instead)
        told = voice.say(words.PIECE_WORDS, piece=told, words=before, instead=after)
    return told


# == Decisions and audits ==============================================================================

COUNTS = ("yes", "no", "abstain", "entitled", "seats", "present", "present_votes")


def decide_question(
    voice: Voice, *, rule: Rule, us: Mapping[str, int], mx: Mapping[str, int], quorum: Fraction | None
) -> Answer:
    """What both chambers decided, and the sums that decided it."""
    share = HALF if quorum is None else quorum
    counts = {
        Chamber.US: _chamber_count("--us", us, rule),
        Chamber.MX: _chamber_count("--mx", mx, rule),
    }
    decision = decide(rule, counts, quorum=share)
    lines = [voice.say(words.RULE_IS, rule=words.RULES[rule])]
    for chamber, count in counts.items():
        lines.append(chamber_sentence(chamber, decision.chambers[chamber], voice.language))
        lines += (INDENT + line for line in _quorum(voice, count, share))
    return Answer((*lines, outcome_sentence(decision, voice.language)))


def _chamber_count(option: str, given: Mapping[str, int], rule: Rule) -> ChamberCount:
    """A seat has one vote and all are present, unless it is told otherwise."""
    entitled = given["entitled"]
    seats = given.get("seats", entitled)
    opening = given.get("present", seats)
    closing = given.get("closing", opening)
    absent = max(0, seats - closing)
    if rule is Rule.PRESENT and absent and entitled != seats and "present_votes" not in given:
        raise Unusable((option, Refused(Misuse.PRESENT_VOTES_NEEDED)))
    try:
        return ChamberCount(
            yes=given["yes"],
            no=given["no"],
            abstain=given.get("abstain", 0),
            present_votes=given.get("present_votes", max(0, entitled - absent)),
            entitled_votes=entitled,
            entitled_seats=seats,
            present_seats_at_opening=opening,
            present_seats_at_closing=closing,
        )
    except InvalidCount as fault:
        raise Unusable((option, fault)) from fault


def _quorum(voice: Voice, count: ChamberCount, share: Fraction) -> Iterator[str]:
    moments = (count.present_seats_at_opening, count.present_seats_at_closing)
    told = [quorum_sentence(one, count.entitled_seats, voice.language, quorum=share) for one in moments]
    if moments[0] == moments[1]:
        yield told[0]
        return
    for moment, sentence in zip((words.AT_OPENING, words.AT_CLOSING), told, strict=True):
        yield voice.say(moment, quorum=sentence)


def verify_bundle(voice: Voice, *, bundle: str, key: str | None, checkpoint: str | None) -> Answer:
    """Hands over to verify_audit, which speaks for itself: nothing of this package shall stand between."""
    given = {"key": key, "checkpoint": checkpoint, "language": voice.language}
    options = (f"--{name}={value}" for name, value in given.items() if value is not None)
    return Answer(status=verify_audit.main([*options, "--", bundle]))


# == Files =============================================================================================

_LANGUAGE_CODE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{1,8})*")


def read_draft(folder: str, languages: Sequence[str] | None = None) -> Combination:
    """The draft in a folder, and the differences between its languages.

    Read as it will be read once it was written: a heading without words stands where only what is in it has a
    language. Raises Unusable with everything that is wrong, Refused where a file is named after no language.
    """
    documents: dict[str, Draft] = {}
    faults: list[tuple[str, Exception]] = []
    for language, path in _language_files(Path(folder), languages).items():
        try:
            documents[language] = parse_markdown(_read(path), language)
        except (OSError, UnicodeDecodeError, InvalidText) as fault:
            faults.append((str(path), fault))
    if faults:
        raise Unusable(*faults)
    combined = combine(documents)
    return Combination(_settled(combined.draft), combined.misalignments)


def _language_files(folder: Path, languages: Sequence[str] | None) -> dict[str, Path]:
    if languages:
        return {language: folder / f"{language}.md" for language in languages}
    try:
        paths = [path for path in folder.iterdir() if re.fullmatch(r"[^.].*\.md", path.name, re.IGNORECASE)]
    except OSError as fault:
        raise Unusable((str(folder), fault)) from fault
    for path in sorted(paths):
        if not _LANGUAGE_CODE.fullmatch(path.stem):
            raise Refused(Misuse.NOT_A_LANGUAGE_FILE, path=str(path))
    if not paths:
        raise Refused(Misuse.NO_LANGUAGE_FILES, folder=str(folder))
    return {path.stem: path for path in sorted(paths, key=lambda path: (path.stem != "es", path.stem))}


def _settled(draft: Draft) -> Draft:
    """The draft that its own files are read as."""
    documents = {name: render_markdown(draft, name) for name in draft.languages}
    return combine({name: parse_markdown(text, name) for name, text in documents.items()}).draft


def _documents(draft: Draft) -> dict[str, str]:
    return {f"{language}.md": render_markdown(draft, language) for language in draft.languages}


def read_amendment_file(path: str) -> Amendment:
    """The amendment in a file. Raises Unusable."""
    try:
        return read_amendment(_read(Path(path)))
    except (OSError, ValueError, RecursionError) as fault:
        raise Unusable((path, fault)) from fault


def _amendment_files(amendments: Iterable[Amendment]) -> dict[str, str]:
    """The texts by file name: A7.json, and A7-1.json for A7/1."""
    files: dict[str, str] = {}
    for one in amendments:
        stem = re.sub(r"[^\w.-]+", "-", one.name).strip("-.") or "amendment"
        while f"{stem}.json" in files:
            stem += "-2"
        files[f"{stem}.json"] = write_amendment(one)
    return files


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8-sig")


def write_files(folder: str, files: Mapping[str, str]) -> None:
    """Write texts into a folder that is new or empty: nothing is overwritten. Raises Unusable, Refused."""
    path = Path(folder)
    try:
        path.mkdir(parents=True, exist_ok=True)
        if any(path.iterdir()):
            raise Refused(Misuse.FOLDER_NOT_EMPTY, folder=folder)
        for name, text in files.items():
            with (path / name).open("x", encoding="utf-8", newline="\n") as file:
                file.write(text)
    except OSError as fault:
        raise Unusable((folder, fault)) from fault


# == Asking ============================================================================================

_NUMBER = re.compile(r"(\w+)=([0-9]{1,9})(?:/([0-9]{1,9}))?")


def read_counts(text: str) -> dict[str, int]:
    """«yes=27,no=14,entitled=50,present=45/40» as numbers by name; closing is the second of present."""
    counts: dict[str, int] = {}
    for part in text.split(","):
        found = _NUMBER.fullmatch(part.strip())
        if not found or found[1] not in COUNTS or (found[3] and found[1] != "present"):
            raise Refused(Misuse.BAD_COUNT, count=part, known=", ".join(COUNTS))
        if found[1] in counts:
            raise Refused(Misuse.REPEATED_COUNT, name=found[1])
        counts[found[1]] = int(found[2])
        if found[3]:
            counts["closing"] = int(found[3])
    for name in ("yes", "no", "entitled"):
        if name not in counts:
            raise Refused(Misuse.MISSING_COUNT, name=name)
    return counts


def read_rule(text: str) -> Rule:
    """A rule by its name."""
    if text not in set(Rule):
        raise Refused(Misuse.UNKNOWN_RULE, rule=text, known=", ".join(Rule))
    return Rule(text)


def read_quorum(text: str) -> Fraction:
    """«1/2» as a fraction."""
    found = re.fullmatch(r"([0-9]{1,9})/([1-9][0-9]{0,8})", text)
    if not found:
        raise Refused(Misuse.BAD_QUORUM, quorum=text)
    return Fraction(int(found[1]), int(found[2]))


def read_part(text: str) -> list[int]:
    """«1,3» as the numbers of pieces, from 0."""
    if not re.fullmatch(r"[0-9]{1,9}(,[0-9]{1,9})*", text):
        raise Refused(Misuse.BAD_PART, part=text)
    return [int(number) - 1 for number in text.split(",")]


def read_names(text: str) -> list[str]:
    """«B,A» as names."""
    return [name.strip() for name in text.split(",")]


def read_languages(text: str) -> list[str]:
    """«es,en» as the codes of languages, each once."""
    names = list(dict.fromkeys(read_names(text)))
    for name in names:
        if not _LANGUAGE_CODE.fullmatch(name):
            raise Refused(Misuse.BAD_LANGUAGE_CODE, language=name)
    return names


@dataclass(frozen=True, slots=True)
class Argument:
    """What a command takes: its name, how its value is read, and whether it takes several or may lack.

    Names and meanings in words are in METAVARS and MEANINGS of console_words.
    """

    name: str
    read: Callable[[str], object] = str
    many: bool = False
    required: bool = True

    @property
    def option(self) -> bool:
        return self.name.startswith("--")

    @property
    def attribute(self) -> str:
        return self.name.removeprefix("--")

    def usage(self, voice: Voice) -> str:
        named = [self.name] if self.option else []
        if self.name in words.METAVARS:
            named.append(voice.say(words.METAVARS[self.name]) + ("…" if self.many else ""))
        written = " ".join(named)
        return written if self.required else f"[{written}]"

    def settings(self, voice: Voice) -> dict[str, Any]:
        """For argparse, which shall miss nothing by itself: it would say so in English."""
        meaning = voice.say(words.MEANINGS[self.name], rules=", ".join(Rule), counts=words.COUNT_EXPLAINED)
        if self.name not in words.METAVARS:
            return {"help": meaning, "action": "store_true"}
        settings = {"help": meaning, "metavar": voice.say(words.METAVARS[self.name])}
        if self.many:
            return settings | ({"action": "extend", "nargs": "+"} if self.option else {"nargs": "*"})
        return settings if self.option else settings | {"nargs": "?"}

    def value(self, given: Any, read: Callable[[str], object]) -> Any:
        """What was given, read; an option that is at fault is named."""
        if given is None or isinstance(given, bool):
            return given
        try:
            return [read(one) for one in given] if self.many else read(given)
        except Refused as fault:
            if not self.option:
                raise
            raise Unusable((self.name, fault)) from fault


@dataclass(frozen=True, slots=True)
class Command:
    """A function of values, and the arguments that they come from."""

    run: Callable[..., Answer]
    arguments: tuple[Argument, ...]

    def usage(self, voice: Voice, name: str) -> str:
        """How the command is written."""
        return " ".join([PROGRAM, name, *(one.usage(voice) for one in (*self.arguments, LANGUAGE))])

    def parser(self, voice: Voice) -> argparse.ArgumentParser:
        parser = argparse.ArgumentParser(
            usage=argparse.SUPPRESS, add_help=False, allow_abbrev=False, exit_on_error=False
        )
        given = parser.add_argument_group(voice.say(words.WHAT_IS_GIVEN))
        options = parser.add_argument_group(voice.say(words.OPTIONS))
        for argument in (*self.arguments, LANGUAGE, HELP):
            group = options if argument.option else given
            names = ["-h", argument.name] if argument is HELP else [argument.name]
            group.add_argument(*names, **argument.settings(voice))
        return parser

    def values(self, asked: argparse.Namespace) -> dict[str, object]:
        """What its function takes, by name; a draft is read in the languages that were asked for."""
        languages = LANGUAGES.value(getattr(asked, LANGUAGES.attribute, None), LANGUAGES.read)
        readings: dict[Callable[[str], object], Callable[[str], object]]
        readings = {read_draft: partial(read_draft, languages=languages)}
        return {
            one.attribute: one.value(getattr(asked, one.attribute), readings.get(one.read, one.read))
            for one in self.arguments
            if one is not LANGUAGES
        }


HELP = Argument("--help", required=False)
LANGUAGE = Argument("--language", required=False)
LANGUAGES = Argument("--languages", read_languages, required=False)
BASE = Argument("base", read_draft)
FILES = Argument("files", read_amendment_file, many=True)
INTO = Argument("--into")

COMMANDS: Mapping[str, Command] = {
    "check": Command(check_draft, (Argument("folder", read_draft), LANGUAGES)),
    "compare": Command(
        compare_drafts,
        (
            Argument("before", read_draft),
            Argument("after", read_draft),
            Argument("--html", required=False),
            LANGUAGES,
        ),
    ),
    "amendment": Command(
        make_amendment,
        (
            BASE,
            Argument("edited", read_draft),
            Argument("--name"),
            Argument("--amends", read_amendment_file, required=False),
            LANGUAGES,
        ),
    ),
    "collisions": Command(list_collisions, (BASE, FILES, LANGUAGES)),
    "order": Command(list_order, (BASE, FILES, Argument("--ranking", read_names, required=False), LANGUAGES)),
    "apply": Command(apply_amendments, (BASE, FILES, INTO, LANGUAGES)),
    "rebase": Command(
        rebase_amendments,
        (
            BASE,
            Argument("--adopted", read_amendment_file, many=True),
            Argument("--others", read_amendment_file, many=True),
            INTO,
            LANGUAGES,
        ),
    ),
    "divide": Command(
        divide_amendment,
        (
            BASE,
            Argument("file", read_amendment_file),
            Argument("--part", read_part, many=True, required=False),
            Argument("--into", required=False),
            LANGUAGES,
        ),
    ),
    "decide": Command(
        decide_question,
        (
            Argument("rule", read_rule),
            Argument("--us", read_counts),
            Argument("--mx", read_counts),
            Argument("--quorum", read_quorum, required=False),
        ),
    ),
    "verify": Command(
        verify_bundle,
        (Argument("bundle"), Argument("--key", required=False), Argument("--checkpoint", required=False)),
    ),
}


def _asked(voice: Voice, name: str, command: Command, written: Sequence[str]) -> argparse.Namespace:
    """What was written, by attribute; whatever is missing, too much or unknown is refused."""
    usage = command.usage(voice, name)
    try:
        asked, surplus = command.parser(voice).parse_known_intermixed_args(written)
    except argparse.ArgumentError as fault:
        raise Refused(Misuse.INCOMPLETE, argument=fault.argument_name or "", usage=usage) from fault
    if asked.help:
        return asked
    for argument in surplus:
        code = Misuse.UNKNOWN_OPTION if argument.startswith("-") else Misuse.SURPLUS
        raise Refused(code, argument=argument, usage=usage)
    for one in command.arguments:
        if one.required and not getattr(asked, one.attribute):
            missing = one.name if one.option else words.METAVARS[one.name]
            raise Refused(Misuse.MISSING, argument=missing, usage=usage)
    return asked


# == Answering =========================================================================================

SETTINGS = ("LC_ALL", "LC_MESSAGES", "LANG")


def main(written: Sequence[str] | None = None) -> int:
    """Carry out one command in the reader's language; the exit status is DONE, FOUND or REFUSED."""
    written = sys.argv[1:] if written is None else written
    voice = Voice(language_of(os.environ))
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        voice, written = _choose_voice(voice, written)
        answer = _answer(voice, written)
    except (Refused, Unusable, InvalidAmendment, InvalidCount, InvalidText) as problem:
        _say(sys.stderr, voice.sentences(problem))
        return REFUSED
    _say(sys.stderr, answer.notes)
    _say(sys.stdout, answer.lines)
    return answer.status


def language_of(environment: Mapping[str, str]) -> Language:
    """The first of the reader's settings that names a language we speak; else Spanish."""
    codes = (environment.get(name, "")[:2].lower() for name in SETTINGS)
    return next((Language(code) for code in codes if code in set(Language)), Language.ES)


def _choose_voice(voice: Voice, written: Sequence[str]) -> tuple[Voice, Sequence[str]]:
    """The voice that --language asks for, wherever it stands, and what else was written."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
    parser.add_argument(LANGUAGE.name)
    try:
        asked, others = parser.parse_known_args(written)
    except argparse.ArgumentError as fault:
        usage = " ".join([PROGRAM, voice.say(words.COMMAND), LANGUAGE.usage(voice)])
        raise Refused(Misuse.INCOMPLETE, argument=LANGUAGE.name, usage=usage) from fault
    if asked.language is None:
        return voice, others
    if asked.language not in set(Language):
        raise Refused(Misuse.NOT_SPOKEN, language=asked.language)
    return Voice(Language(asked.language)), others


def _answer(voice: Voice, written: Sequence[str]) -> Answer:
    if not written or written[0] in {"-h", "--help"}:
        return Answer(tuple(_general_help(voice)), DONE if written else REFUSED)
    name, *others = written
    if name not in COMMANDS:
        raise Refused(Misuse.UNKNOWN_COMMAND, command=name, known=", ".join(COMMANDS))
    command = COMMANDS[name]
    asked = _asked(voice, name, command, others)
    if asked.help:
        return Answer(tuple(_help(voice, name, command)))
    answer = command.run(voice, **command.values(asked))
    if answer.files:
        write_files(asked.into, answer.files)
    return answer


def _general_help(voice: Voice) -> Iterator[str]:
    usage = " ".join([PROGRAM, voice.say(words.COMMAND), LANGUAGE.usage(voice)])
    yield voice.say(words.USAGE, usage=usage)
    yield f"\n{voice.say(words.WHAT_THIS_IS)}\n"
    for name in COMMANDS:
        yield f"  {name:<12}{voice.say(words.SUMMARIES[name])}"
    yield f"\n{voice.say(words.FILES_EXPLAINED)}"
    yield voice.say(words.MORE_HELP)
    yield voice.say(words.STATUS_EXPLAINED)


def _help(voice: Voice, name: str, command: Command) -> Iterator[str]:
    yield voice.say(words.USAGE, usage=command.usage(voice, name))
    yield f"\n{voice.say(words.SUMMARIES[name])}\n"
    yield command.parser(voice).format_help().rstrip()


def _say(stream: TextIO, lines: Iterable[str]) -> None:
    """Write lines; whoever reads them, `head` or `less`, may stop before the end."""
    try:
        stream.write("".join(f"{line}\n" for line in lines))
        stream.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
