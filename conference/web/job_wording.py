"""What a job is called, what it counted, and why it failed: in words, for the page of whoever asked."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from flask_babel import gettext, lazy_gettext, ngettext

from conference.domain.jobs import JobKind
from conference.domain.organization_file import OrganizationFileErrors
from conference.web.content import people_count
from conference.web.wording import error_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conference.queries.jobs import JobView
    from conference.services.purge import PurgeReport

_ = lazy_gettext

# What a report counts, in the order in which it is read; what is not here is no count.
COUNTS: dict[JobKind, dict[str, str]] = {
    JobKind.PURGE: {
        "registrations": _("Registrations emptied"),
        "accounts": _("Addresses of accounts emptied"),
        "scans": _("Scans at doors deleted"),
        "needs": _("Access needs deleted"),
        "answers": _("Answers to the organizers’ questions deleted"),
        "bookings": _("Bookings of services deleted"),
        "parties": _("Groups and turns in line deleted"),
        "presences": _("Presences in sittings deleted"),
        "electors": _("Votes that no longer lead to a delegate"),
        "attestations": _("Credentials and proxies that no longer say who gave them"),
        "sign_in_codes": _("Sign-in codes deleted"),
        "sign_ins": _("Sign-ins that were over, deleted"),
        "kept_forms": _("Half-filled forms deleted"),
        "challenges": _("Unanswered passkey questions deleted"),
        "approvals": _("Requests for exports deleted"),
        "letters": _("Mails that were given up, emptied"),
        "messages": _("Entries of the outbox deleted"),
        "job_files": _("Files of long tasks deleted"),
        "jobs": _("Long tasks of long ago deleted"),
        "held": _("Conferences that a legal hold keeps as they are"),
    },
    JobKind.IMPORT_ORGANIZATIONS: {
        "added": _("New organizations"),
        "changed": _("Changed entries"),
        "kept": _("Left as their organizations wrote them"),
        "same": _("Without any change"),
        "problems": _("Things that need correcting"),
    },
    JobKind.IMPORT_PROGRAM: {
        "sessions": _("Sessions"),
        "rooms": _("Rooms"),
        "tracks": _("Tracks"),
        "speakers": _("Speakers"),
    },
    JobKind.EXPORT_PEOPLE: {"people": _("People in the file")},
    JobKind.PRINT_BADGES: {"badges": _("Badges in the file")},
    JobKind.WRITE_TO_PEOPLE: {"letters": _("Letters written")},
}
# The same for a purge that only counts: nothing of it has happened.
WOULD_BE_COUNTED: dict[str, str] = {
    "registrations": _("Registrations that would be emptied"),
    "accounts": _("Addresses of accounts that would be emptied"),
    "scans": _("Scans at doors that would be deleted"),
    "needs": _("Access needs that would be deleted"),
    "answers": _("Answers to the organizers’ questions that would be deleted"),
    "bookings": _("Bookings of services that would be deleted"),
    "parties": _("Groups and turns in line that would be deleted"),
    "presences": _("Presences in sittings that would be deleted"),
    "electors": _("Votes that would no longer lead to a delegate"),
    "attestations": _("Credentials and proxies that would no longer say who gave them"),
    "sign_in_codes": _("Sign-in codes that would be deleted"),
    "sign_ins": _("Sign-ins that are over and would be deleted"),
    "kept_forms": _("Half-filled forms that would be deleted"),
    "challenges": _("Unanswered passkey questions that would be deleted"),
    "approvals": _("Requests for exports that would be deleted"),
    "letters": _("Mails that were given up and would be emptied"),
    "messages": _("Entries of the outbox that would be deleted"),
    "job_files": _("Files of long tasks that would be deleted"),
    "jobs": _("Long tasks of long ago that would be deleted"),
}
# Where the words of a fault name an option of a command, these name the field of the page.
CODES_OF_PAGES = {
    # The parser gives its reasons in English only; the line says enough.
    "schedule_malformed": "import_malformed",
    "slug_invalid": "import_slug_invalid",
    "slug_taken": "import_slug_taken",
    "schedule_zone_needed": "import_zone_needed",
    "schedule_unknown_zone": "import_zone_unknown",
    "schedule_not_kept": "job_broken",
}
CODES_OF_WHOLE_FILES = {"schedule_not_xml"}


# Letters leave as they are written: whoever stops the work calls none of them back.
WHAT_IS_KEPT: dict[JobKind, str] = {
    JobKind.WRITE_TO_PEOPLE: _(
        "The letters that were written by then are sent all the same, and nobody else is written to."
    ),
}
WHAT_A_TRY_LEFT: dict[JobKind, str] = {
    JobKind.WRITE_TO_PEOPLE: _(
        "This is try %(number)s: the one before was interrupted. Nobody is written to twice."
    ),
}


def kept_of(job: JobView) -> str:
    """Return what is left of a job that failed or was stopped."""
    return str(WHAT_IS_KEPT.get(job.kind, _("Nothing of it was kept.")))


def try_text(job: JobView) -> str:
    """Return what a job says of a try after the first."""
    nothing_left = _("This is try %(number)s: the one before was interrupted, and left nothing behind.")
    return str(WHAT_A_TRY_LEFT.get(job.kind, nothing_left)) % {"number": job.attempts}


def counts_of(job: JobView) -> tuple[tuple[str, int | str], ...]:
    """Return what a job counted, with the words for it; empty until it is done.

    Of what is forgotten only what there is; of what only would be, in words that say so. What a legal hold
    keeps is none of it: see `held_text`.
    """
    if job.kind is JobKind.PURGE and job.dry_run:
        return tuple((label, count) for label, count in _counted(WOULD_BE_COUNTED, job.report) if count)
    if job.kind is JobKind.PURGE:
        return purge_report({name: count for name, count in job.report.items() if name != "held"})
    shown = {name: people_count(None) if count is None else count for name, count in job.report.items()}
    return tuple((str(label), shown[name]) for name, label in COUNTS[job.kind].items() if name in shown)


def held_text(job: JobView) -> str:
    """Return what a purge left as it is because of legal holds; empty where there was none."""
    held = job.report.get("held") if job.kind is JobKind.PURGE else None
    if not held:
        return ""
    return ngettext(
        "A legal hold keeps %(num)s conference as it is: nothing of it is erased.",
        "Legal holds keep %(num)s conferences as they are: nothing of them is erased.",
        held,
    )


def counted(kind: JobKind, report: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
    """Return what work of a kind counted, with the words for it."""
    return _counted(COUNTS[kind], report)


def purge_report(report: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
    """Return what a purge of before counted, but for what was nothing."""
    return tuple((label, count) for label, count in _counted(COUNTS[JobKind.PURGE], report) if count)


def purge_counts(report: PurgeReport) -> tuple[tuple[str, int], ...]:
    """Return what a purge counted, in the words of its job; it is the same that a command did."""
    return _counted(COUNTS[JobKind.PURGE], asdict(report))


def _counted(words: Mapping[str, str], report: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
    return tuple((str(label), report[name]) for name, label in words.items() if name in report)


def failure_of(job: JobView) -> str | None:
    """Return why a job failed and what to do, with the line at fault; None for one that did not fail."""
    if job.failure is None:
        return None
    return failure_text(job.failure, job.report)


def failure_text(code: str, data: Mapping[str, object]) -> str:
    """Return the words of a fault for a page."""
    count = data.get("count")
    if code == OrganizationFileErrors.code and isinstance(count, int):
        return ngettext(
            "Nothing was brought in: %(num)s thing in the table needs correcting. Send it again to see it.",
            "Nothing was brought in: %(num)s things in the table need correcting. Send it again to see them.",
            count,
        )
    words = error_text(CODES_OF_PAGES.get(code, code), **data)
    if data.get("line") and code not in CODES_OF_WHOLE_FILES:
        return gettext("Line %(line)s of the file: %(words)s", line=data["line"], words=words)
    return words


def progress_text(job: JobView) -> str:
    """Return how far a job has come: “120 of 943”, or what is known where that is not."""
    if not job.total:
        return gettext("Working…") if job.state == "running" else gettext("Waiting its turn…")
    if job.kind is JobKind.WRITE_TO_PEOPLE:
        return gettext("%(percent)s %%", percent=job.done)
    if job.done == job.total and job.unfinished:
        return gettext("%(done)s of %(total)s read; storing them…", done=job.done, total=job.total)
    return gettext("%(done)s of %(total)s", done=job.done, total=job.total)
