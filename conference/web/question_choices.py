"""What the chair chooses from to open a question: today's sitting first, texts that are ready, the rules."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from flask_babel import gettext as _

from agreements import Rule
from conference.forms.base import SelectChoice
from conference.web.agreement_wording import gap_text, provision_name, shortened
from conference.web.content import clock_time, short_date, shown
from conference.web.wording import word

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

    from conference.queries.agreement import AgreementView, ProvisionView
    from conference.queries.conference import ConferenceView
    from conference.queries.voting import Sitting


def today(conference: ConferenceView, moment: datetime) -> date:
    """Return which day it is at the venue."""
    return moment.astimezone(ZoneInfo(conference.time_zone)).date()


def sitting_choices(sittings: Iterable[Sitting]) -> list[SelectChoice]:
    """Offer each sitting by title, day and hour."""
    return [
        SelectChoice(
            str(one.id),
            _(
                "%(title)s (%(day)s, %(time)s)",
                title=shown(one.title),
                day=short_date(one.starts_local.date()),
                time=clock_time(one.starts_local),
            ),
        )
        for one in sittings
    ]


def rule_choices() -> list[SelectChoice]:
    """Offer every rule of decision."""
    return [SelectChoice(rule.value, word(rule)) for rule in Rule]


def provision_choices(agreement: AgreementView) -> list[SelectChoice]:
    """Offer what has words of its own, in its article; what cannot be opened now says why."""
    headings = {one.key: _group(one) for one in agreement.provisions if not one.votable}
    votable = (one for one in agreement.provisions if one.votable)
    return [
        SelectChoice("", _("Choose…")),
        *(_choice(one, headings.get(one.parent_key or "")) for one in votable),
    ]


def _group(provision: ProvisionView) -> str:
    name = provision_name(provision.kind, provision.number)
    heading = shown(provision.headings).text
    return _("%(name)s: %(words)s", name=name, words=heading) if heading else name


def _choice(provision: ProvisionView, group: str | None) -> SelectChoice:
    words = shown(provision.headings).text or shortened(shown(provision.bodies).text)
    name = _(
        "%(name)s: %(words)s", name=provision_name(provision.kind, provision.number), words=shortened(words)
    )
    reason = _reason(provision)
    if reason is None:
        return SelectChoice(provision.key, name, optgroup=group)
    label = _("%(name)s – %(reason)s", name=name, reason=reason)
    return SelectChoice(provision.key, label, render_kw={"disabled": True}, optgroup=group)


def _reason(provision: ProvisionView) -> str | None:
    if provision.gaps:
        return gap_text(provision.gaps[0])
    if provision.open_question:
        return _("being voted on")
    return _("adopted") if provision.adopted else None
