"""What was decided, and why, in plain Spanish and English, for programs that have no words of their own."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

from agreements.decision import HALF, Base, Chamber, Outcome, Rule, seats_for_quorum

if TYPE_CHECKING:
    from collections.abc import Mapping
    from fractions import Fraction

    from agreements.decision import Arithmetic, ChamberDecision, Decision

Forms: TypeAlias = tuple[str, str]
"""What is said of one, and of any other number."""


class Language(StrEnum):
    """The languages that these sentences are written in."""

    ES = "es"
    EN = "en"


def arithmetic_sentence(arithmetic: Arithmetic, language: Language) -> str:
    """The sum that decided in a chamber: «27 de 41 votos emitidos; dos tercios pide 28.»."""
    return _capitalised(_sum(arithmetic, _WORDS[language])) + "."


def quorum_sentence(present: int, entitled: int, language: Language, *, quorum: Fraction = HALF) -> str:
    """Seats present against those needed: «12 de 20 escaños presentes; el quórum pide 11.».

    Raises InvalidCount as `seats_for_quorum` does.
    """
    needed = seats_for_quorum(entitled, quorum=quorum)
    template = _form(_WORDS[language].quorum, entitled)
    return template.format(present=present, entitled=entitled, needed=needed)


def chamber_sentence(chamber: Chamber, made: ChamberDecision, language: Language) -> str:
    """What a chamber said, and its sum: «Cámara de México: no aprueba (27 de 41 votos emitidos; …).»."""
    words = _WORDS[language]
    return f"{words.chambers[chamber]}: {_verdict(made, words)} ({_sum(made.arithmetic, words)})."


def outcome_sentence(decision: Decision, language: Language, *, revote: bool = False) -> str:
    """What the outcome means; of a tie, whether nobody voted or as many in favor as against.

    `revote` says that the question was the one re-vote of a tie, after which there is no other.
    """
    words = _WORDS[language]
    if decision.outcome is not Outcome.TIED:
        return words.outcomes[decision.outcome]
    return (words.tied_again if revote else words.tied).format(tie=_capitalised(_tie(decision, words)))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Words:
    """The words of one language; pages say the same in conference/web/decision_wording.py."""

    balance: str
    weighted_balance: Forms
    shares: Mapping[Base, Forms]
    weighted_shares: Mapping[Base, Forms]
    thresholds: Mapping[Rule, Forms]
    quorum: Forms
    chambers: Mapping[Chamber, str]
    in_chambers: Mapping[Chamber, str]
    and_: str
    no_quorum: str
    passes: str
    ties: str
    fails: str
    nobody: str
    as_many: str
    outcomes: Mapping[Outcome, str]
    tied: str
    tied_again: str


def _sum(arithmetic: Arithmetic, words: _Words) -> str:
    if arithmetic.measured_by is Base.CAST and not arithmetic.base:
        return words.nobody
    threshold = _form(words.thresholds[arithmetic.rule], arithmetic.needed)
    return f"{_share(arithmetic, words)}; {threshold}".format(
        votes=arithmetic.votes_for,
        against=arithmetic.votes_against,
        base=arithmetic.base,
        needed=arithmetic.needed,
    )


def _share(arithmetic: Arithmetic, words: _Words) -> str:
    """Yes against no, where the rule compares these, or else yes among all that it is measured against."""
    if arithmetic.rule in {Rule.SIMPLE, Rule.CONSENSUS}:
        if arithmetic.weighted:
            return _form(words.weighted_balance, arithmetic.votes_for)
        return words.balance
    shares = words.weighted_shares if arithmetic.weighted else words.shares
    return _form(shares[arithmetic.measured_by], arithmetic.base)


def _verdict(made: ChamberDecision, words: _Words) -> str:
    if not made.quorate:
        return words.no_quorum
    if made.passed:
        return words.passes
    return words.ties if made.tied else words.fails


def _tie(decision: Decision, words: _Words) -> str:
    """What stood in the way; where the chambers differ in it, each by its name."""
    ties = {
        chamber: words.as_many if made.arithmetic.votes_for else words.nobody
        for chamber, made in decision.chambers.items()
        if made.tied
    }
    if len(ties) == len(Chamber) and len(set(ties.values())) == 1:
        return ties[Chamber.US]
    return words.and_.join(f"{words.in_chambers[chamber]} {tie}" for chamber, tie in ties.items())


def _form(forms: Forms, number: int) -> str:
    return forms[number != 1]


def _capitalised(words: str) -> str:
    return words[:1].upper() + words[1:]


_WORDS: Mapping[Language, _Words] = {
    Language.ES: _Words(
        balance="{votes} a favor y {against} en contra",
        weighted_balance=(
            "{votes} voto ponderado a favor y {against} en contra",
            "{votes} votos ponderados a favor y {against} en contra",
        ),
        shares={
            Base.CAST: ("{votes} de {base} voto emitido", "{votes} de {base} votos emitidos"),
            Base.PRESENT: ("{votes} de {base} voto presente", "{votes} de {base} votos presentes"),
            Base.ENTITLED: (
                "{votes} del único voto de la cámara",
                "{votes} de los {base} votos de la cámara",
            ),
        },
        weighted_shares={
            Base.CAST: (
                "{votes} de {base} voto ponderado emitido",
                "{votes} de {base} votos ponderados emitidos",
            ),
            Base.ENTITLED: (
                "{votes} del único voto ponderado de la cámara",
                "{votes} de los {base} votos ponderados de la cámara",
            ),
        },
        thresholds={
            Rule.SIMPLE: ("la mayoría simple pide {needed}",) * 2,
            Rule.TWO_THIRDS: ("dos tercios pide {needed}",) * 2,
            Rule.THREE_QUARTERS: ("tres cuartas partes pide {needed}",) * 2,
            Rule.PRESENT: ("más de la mitad es {needed}", "más de la mitad son {needed}"),
            Rule.ABSOLUTE: ("más de la mitad es {needed}", "más de la mitad son {needed}"),
            Rule.CONSENSUS: ("el consenso pide uno a favor y ninguno en contra",) * 2,
        },
        quorum=(
            "{present} de {entitled} escaño presente; el quórum pide {needed}.",
            "{present} de {entitled} escaños presentes; el quórum pide {needed}.",
        ),
        chambers={Chamber.US: "Cámara de Estados Unidos", Chamber.MX: "Cámara de México"},
        in_chambers={Chamber.US: "en la Cámara de Estados Unidos", Chamber.MX: "en la Cámara de México"},
        and_=" y ",
        no_quorum="sin quórum",
        passes="aprueba",
        ties="empate",
        fails="no aprueba",
        nobody="nadie votó a favor ni en contra",
        as_many="hubo tantos votos a favor como en contra",
        outcomes={
            Outcome.ADOPTED: "Las dos cámaras votaron a favor: queda aprobada.",
            Outcome.REJECTED: "Ninguna de las dos cámaras la aprobó: queda rechazada.",
            Outcome.CHAMBERS_DISAGREE: (
                "Una cámara la aprobó y la otra no. No queda aprobada: el texto pasa a conciliación y a una "
                "segunda lectura."
            ),
            Outcome.INQUORATE: (
                "A una cámara le faltó quórum y no se decidió nada: no queda ni aprobada ni rechazada."
            ),
        },
        tied=(
            "{tie}, y solo eso lo impidió. No queda aprobada; se puede votar una vez más. La presidencia no "
            "tiene voto de calidad."
        ),
        tied_again=(
            "{tie}, y solo eso lo impidió. No queda aprobada, y ya no se vuelve a votar. La presidencia no "
            "tiene voto de calidad."
        ),
    ),
    Language.EN: _Words(
        balance="{votes} in favor and {against} against",
        weighted_balance=(
            "{votes} weighted vote in favor and {against} against",
            "{votes} weighted votes in favor and {against} against",
        ),
        shares={
            Base.CAST: ("{votes} of {base} vote cast", "{votes} of {base} votes cast"),
            Base.PRESENT: ("{votes} of {base} vote present", "{votes} of {base} votes present"),
            Base.ENTITLED: (
                "{votes} of the chamber’s only vote",
                "{votes} of the chamber’s {base} votes",
            ),
        },
        weighted_shares={
            Base.CAST: ("{votes} of {base} weighted vote cast", "{votes} of {base} weighted votes cast"),
            Base.ENTITLED: (
                "{votes} of the chamber’s only weighted vote",
                "{votes} of the chamber’s {base} weighted votes",
            ),
        },
        thresholds={
            Rule.SIMPLE: ("a simple majority needs {needed}",) * 2,
            Rule.TWO_THIRDS: ("two-thirds needs {needed}",) * 2,
            Rule.THREE_QUARTERS: ("three-quarters needs {needed}",) * 2,
            Rule.PRESENT: ("more than half is {needed}",) * 2,
            Rule.ABSOLUTE: ("more than half is {needed}",) * 2,
            Rule.CONSENSUS: ("consensus needs one in favor and none against",) * 2,
        },
        quorum=(
            "{present} of {entitled} seat present; quorum needs {needed}.",
            "{present} of {entitled} seats present; quorum needs {needed}.",
        ),
        chambers={Chamber.US: "United States chamber", Chamber.MX: "Mexico chamber"},
        in_chambers={Chamber.US: "in the United States chamber", Chamber.MX: "in the Mexico chamber"},
        and_=" and ",
        no_quorum="no quorum",
        passes="passes",
        ties="tied",
        fails="does not pass",
        nobody="nobody voted in favor or against",
        as_many="as many were in favor as against",
        outcomes={
            Outcome.ADOPTED: "Both chambers passed it, so it is adopted.",
            Outcome.REJECTED: "Neither chamber passed it, so it is rejected.",
            Outcome.CHAMBERS_DISAGREE: (
                "One chamber passed it and the other did not. It is not adopted: the text goes to "
                "conciliation and to a second reading."
            ),
            Outcome.INQUORATE: (
                "A chamber lacked its quorum, so nothing was decided: it is neither adopted nor rejected."
            ),
        },
        tied=(
            "{tie}, and only that prevented it. It is not adopted; it may be put to the vote once more. The "
            "chair has no casting vote."
        ),
        tied_again=(
            "{tie}, and only that prevented it. It is not adopted, and it is not put to the vote again. The "
            "chair has no casting vote."
        ),
    ),
}
