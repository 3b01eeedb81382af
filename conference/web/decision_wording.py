"""What the rules of decision say, in one plain sentence each: before a vote, and of its result."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_babel import gettext as _
from flask_babel import lazy_gettext, ngettext

from agreements import Base, Outcome, Rule
from conference.domain.voting import BindingStatus

if TYPE_CHECKING:
    from flask import Flask
    from flask_babel.speaklater import LazyString

    from agreements import Arithmetic, ChamberDecision, Tally
    from conference.domain.voting import ChamberRecord

RULES: dict[Rule, LazyString] = {
    Rule.SIMPLE: lazy_gettext(
        "It passes if each chamber has more votes in favor than against; abstentions do not count."
    ),
    Rule.TWO_THIRDS: lazy_gettext(
        "It passes if in each chamber at least two of every three votes cast are in favor; "
        "abstentions do not count."
    ),
    Rule.THREE_QUARTERS: lazy_gettext(
        "It passes if in each chamber at least three of every four votes cast are in favor; "
        "abstentions do not count."
    ),
    Rule.PRESENT: lazy_gettext(
        "It passes if in each chamber more than half of the votes present are in favor; "
        "abstaining works like voting no."
    ),
    Rule.ABSOLUTE: lazy_gettext(
        "It passes if in each chamber more than half of all its votes are in favor, "
        "those of absent organizations included."
    ),
    Rule.CONSENSUS: lazy_gettext("It passes if in each chamber somebody is in favor and nobody is against."),
}
OUTCOMES: dict[Outcome, LazyString] = {
    Outcome.ADOPTED: lazy_gettext("Both chambers passed it, so it is adopted."),
    Outcome.REJECTED: lazy_gettext("Neither chamber passed it, so it is rejected."),
    Outcome.CHAMBERS_DISAGREE: lazy_gettext(
        "One chamber passed it and the other did not. It is not adopted: the text goes to conciliation "
        "and to a second reading."
    ),
    Outcome.INQUORATE: lazy_gettext(
        "A chamber lacked its quorum, so nothing was decided: it is neither adopted nor rejected."
    ),
    Outcome.TIED: lazy_gettext(
        "In a chamber neither side had more votes than the other, and only that prevented it. It is not "
        "adopted; it may be put to the vote once more. The chair has no casting vote."
    ),
}
TONES = {
    Outcome.ADOPTED: "good",
    Outcome.REJECTED: "bad",
    Outcome.CHAMBERS_DISAGREE: "warn",
    Outcome.INQUORATE: "warn",
    Outcome.TIED: "neutral",
}


BINDING: dict[BindingStatus, LazyString] = {
    BindingStatus.INFORMATIVE: lazy_gettext("It informs, and asks nothing of anybody."),
    BindingStatus.RECOMMENDATION: lazy_gettext(
        "It is a recommendation: it binds the parties once the whole agreement is adopted and signed."
    ),
    BindingStatus.BINDING: lazy_gettext("It binds the parties who adopted it."),
}


def binding_text(status: BindingStatus) -> str:
    """Return what a binding status means for the parties."""
    return str(BINDING[status])


def rule_text(rule: Rule) -> str:
    """Return when a question passes under the rule."""
    return str(RULES[rule])


def outcome_text(outcome: Outcome) -> str:
    """Return what an outcome means."""
    return str(OUTCOMES[outcome])


def outcome_tone(outcome: Outcome) -> str:
    """Return the tone in which an outcome is shown."""
    return TONES[outcome]


def arithmetic_text(arithmetic: Arithmetic) -> str:
    """Return the sum that decided in a chamber: «27 de 41 votos emitidos; dos tercios pide 28»."""
    if arithmetic.rule is Rule.CONSENSUS:
        return _(
            "%(votes)s in favor and %(against)s against; consensus needs one in favor and none against.",
            votes=arithmetic.votes_for,
            against=arithmetic.votes_against,
        )
    if arithmetic.measured_by is Base.CAST and not arithmetic.base:
        return _("Nobody voted in favor or against.")
    if arithmetic.rule is Rule.SIMPLE:
        return _(
            "%(votes)s in favor and %(against)s against; a simple majority needs %(needed)s.",
            votes=arithmetic.votes_for,
            against=arithmetic.votes_against,
            needed=arithmetic.needed,
        )
    return _share(arithmetic)


def _share(arithmetic: Arithmetic) -> str:
    numbers = {"num": arithmetic.base, "votes": arithmetic.votes_for, "needed": arithmetic.needed}
    if arithmetic.rule is Rule.TWO_THIRDS:
        return ngettext(
            "%(votes)s of %(num)s vote cast; two-thirds needs %(needed)s.",
            "%(votes)s of %(num)s votes cast; two-thirds needs %(needed)s.",
            **numbers,
        )
    if arithmetic.rule is Rule.THREE_QUARTERS:
        return ngettext(
            "%(votes)s of %(num)s vote cast; three-quarters needs %(needed)s.",
            "%(votes)s of %(num)s votes cast; three-quarters needs %(needed)s.",
            **numbers,
        )
    if arithmetic.rule is Rule.PRESENT:
        return ngettext(
            "%(votes)s of %(num)s vote present; more than half is %(needed)s.",
            "%(votes)s of %(num)s votes present; more than half is %(needed)s.",
            **numbers,
        )
    return ngettext(
        "%(votes)s of the chamber’s only vote; more than half is %(needed)s.",
        "%(votes)s of the chamber’s %(num)s votes; more than half is %(needed)s.",
        **numbers,
    )


def verdict(decision: ChamberDecision) -> tuple[str, str]:
    """Return whether a chamber passed the question, and the tone to say it in."""
    if not decision.quorate:
        return _("No quorum"), "warn"
    if decision.passed:
        return _("Passes"), "good"
    return (_("Tied"), "neutral") if decision.tied else (_("Does not pass"), "bad")


def quorum_text(record: ChamberRecord) -> str:
    """Return how many seats were in the sitting, at opening and at closing, and how many had to be."""
    count = record.count
    return _(
        "%(opening)s of %(seats)s seats at opening, %(closing)s at closing; quorum is %(needed)s.",
        opening=count.present_seats_at_opening,
        closing=count.present_seats_at_closing,
        seats=count.entitled_seats,
        needed=record.quorum,
    )


def choices_text(tally: Tally) -> str:
    """Return a seat's ballots in words: «Sí», or «2 sí, 1 no» where it split them."""
    words = (
        (tally.yes, _("Yes"), _("%(count)s yes", count=tally.yes)),
        (tally.no, _("No"), _("%(count)s no", count=tally.no)),
        (tally.abstain, _("Abstain"), _("%(count)s abstaining", count=tally.abstain)),
    )
    cast = [(plain, counted) for count, plain, counted in words if count]
    if tally.yes + tally.no + tally.abstain == 1:
        return cast[0][0]
    return ", ".join(counted for _plain, counted in cast) or _("Did not vote")


def init_app(app: Flask) -> None:
    """Offer these to templates, as filters."""
    functions = (
        binding_text,
        rule_text,
        outcome_text,
        outcome_tone,
        arithmetic_text,
        verdict,
        quorum_text,
        choices_text,
    )
    for function in functions:
        app.jinja_env.filters[function.__name__] = function
