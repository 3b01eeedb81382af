"""A table of organizations, from a page or from a command: looked through first, then brought in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conference.domain.errors import NotFound
from conference.domain.organization_file import (
    OrganizationFileErrors,
    Plan,
    read_organization_file,
    with_all_problems,
)
from conference.domain.pack_values import ORGANIZATIONS
from conference.extensions import db
from conference.services.jobs import Outcome
from conference.services.organization_import import import_organizations, planned
from conference.web.clock import now
from conference.web.organization_columns import in_readers_words, words_for_codes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conference.domain.organization_file import FileOrganization
    from conference.domain.pack_values import PackProblem
    from conference.services.jobs import Work
    from conference.web.jobs import Progress


def look_through(content: bytes, languages: Sequence[str], *, name: str = ORGANIZATIONS) -> Plan:
    """Return what would come of a table, with everything that is wrong with it; nothing is written."""
    rows, problems = _read(content, languages, name)
    found = planned(db.session(), rows=rows, name=name)
    return with_all_problems(problems, found) if problems else found


def _read(
    content: bytes, languages: Sequence[str], name: str
) -> tuple[tuple[FileOrganization, ...], tuple[PackProblem, ...]]:
    """Read a table in which words of our pages may stand for codes; what is wrong names them so, too."""
    rows, problems = read_organization_file(content, languages, name=name, words=words_for_codes())
    return rows, tuple(map(in_readers_words, problems))


def bring_in_organizations(work: Work, progress: Progress) -> Outcome:
    """Look a table through, or bring it in: the same steps, of which a preview does the first only.

    A preview keeps the table for whoever sent it, who is shown what would come of it and may then say yes.
    """
    if work.conference_id is None:
        raise NotFound("conference_not_found")
    content, languages = work.upload or b"", tuple(work.parameters["languages"])
    progress(0)
    if work.parameters.get("preview"):
        return Outcome(look_through(content, languages).counts, content, ORGANIZATIONS)
    made = store_table(
        content, languages, conference_id=work.conference_id, by=work.asked_by_id, progress=progress
    )
    return Outcome(made.counts)


def store_table(
    content: bytes,
    languages: Sequence[str],
    *,
    conference_id: int,
    by: int | None,
    name: str = ORGANIZATIONS,
    progress: Progress | None = None,
) -> Plan:
    """Bring a table in, whole or not at all; the caller commits. Raises OrganizationFileErrors."""
    rows, problems = _read(content, languages, name)
    if problems:
        raise OrganizationFileErrors(problems)
    if progress is not None:
        progress(len(rows), len(rows))
    return import_organizations(
        db.session(), conference_id=conference_id, rows=rows, name=name, by=by, now=now()
    )
