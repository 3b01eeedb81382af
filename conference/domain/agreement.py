"""A draft as it is kept: its tree, and which texts are older than those beside them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from agreements import Draft, Kind, Provision
from conference.domain.errors import Conflict, Invalid

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


@dataclass(frozen=True, slots=True)
class StoredText:
    """One provision in one language, as a row; without a language it has no words in any."""

    key: str
    parent_key: str | None
    kind: Kind
    position: int
    language: str | None
    heading: str | None
    body: str | None
    stale: bool | None


class GapKind(StrEnum):
    """What a language lacks before its text can be put to the vote."""

    MISSING = "translation_missing"
    STALE = "translation_stale"


@dataclass(frozen=True, slots=True)
class Gap:
    """A language in which a provision is not ready."""

    kind: GapKind
    language: str


@dataclass(frozen=True, slots=True)
class TabledDraft:
    """A draft, and for each provision the languages whose text is older than another's."""

    draft: Draft
    stale: Mapping[str, tuple[str, ...]]

    def gaps(self, provision: Provision) -> tuple[Gap, ...]:
        """Return the languages that hold the provision back, in the draft's order."""
        missing = self.draft.missing_languages(provision)
        stale = self.stale.get(provision.key, ())
        return tuple(
            Gap(GapKind.MISSING if language in missing else GapKind.STALE, language)
            for language in self.draft.languages
            if language in missing or language in stale
        )

    def votable(self, key: str) -> Provision:
        """Return the provision of that key if it may be put to the vote as it stands.

        It has words of its own, whatever its kind: a title or an article that only gathers others is decided
        with them. Every language has them, and none is older than another (the bilingual gate). Raises
        Invalid("provision_unknown") and Invalid("provision_without_words"), and Conflict with the code of the
        first gap and its `language`.
        """
        provision = self.draft.find(key)
        if provision is None:
            raise Invalid("provision_unknown", key=key)
        if not has_words(provision):
            raise Invalid("provision_without_words", key=key)
        for gap in self.gaps(provision):
            raise Conflict(gap.kind.value, language=gap.language)
        return provision


def has_words(provision: Provision) -> bool:
    """Tell whether a provision says something by itself, in any language."""
    return any(provision.bodies.values())


def restore(
    *, titles: Mapping[str, str], languages: Sequence[str], texts: Iterable[StoredText]
) -> TabledDraft:
    """Build the draft again from its rows, in whatever order they come."""
    rows: dict[str, list[StoredText]] = defaultdict(list)
    for text in texts:
        rows[text.key].append(text)
    children: dict[str | None, list[str]] = defaultdict(list)
    for first, *_ in sorted(rows.values(), key=lambda of_one: of_one[0].position):
        children[first.parent_key].append(first.key)
    stale = {
        key: tuple(row.language for row in of_one if row.language and row.stale)
        for key, of_one in rows.items()
    }
    return TabledDraft(Draft(titles, _below(None, children, rows), tuple(languages)), stale)


def _below(
    parent: str | None, children: Mapping[str | None, list[str]], rows: Mapping[str, list[StoredText]]
) -> tuple[Provision, ...]:
    return tuple(
        Provision(
            key,
            rows[key][0].kind,
            {row.language: row.heading or "" for row in rows[key] if row.language},
            {row.language: row.body or "" for row in rows[key] if row.language},
            _below(key, children, rows),
        )
        for key in children.get(parent, ())
    )
