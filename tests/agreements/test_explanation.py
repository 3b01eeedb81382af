from __future__ import annotations

from fractions import Fraction

import pytest

from agreements import (
    Arithmetic,
    Base,
    Chamber,
    ChamberDecision,
    CountProblem,
    Decision,
    InvalidCount,
    Outcome,
    Rule,
)
from agreements.decision import WeightedArithmetic
from agreements.explanation import (
    Language,
    arithmetic_sentence,
    chamber_sentence,
    outcome_sentence,
    quorum_sentence,
)

ES, EN = Language.ES, Language.EN


def made(*, passed: bool = False, quorate: bool = True, tied: bool = False, yes: int = 5) -> ChamberDecision:
    sums = Arithmetic(Rule.SIMPLE, yes, 5 if yes else 0, yes + 5 if yes else 0, Base.CAST, 6 if yes else 1)
    return ChamberDecision(passed=passed, quorate=quorate, tied=tied, arithmetic=sums)


SUMS = [
    # rule, for, against, base, measured by, needed, Spanish, English
    (
        Arithmetic(Rule.SIMPLE, 27, 14, 41, Base.CAST, 15),
        "27 a favor y 14 en contra; la mayoría simple pide 15.",
        "27 in favor and 14 against; a simple majority needs 15.",
    ),
    (
        Arithmetic(Rule.TWO_THIRDS, 27, 14, 41, Base.CAST, 28),
        "27 de 41 votos emitidos; dos tercios pide 28.",
        "27 of 41 votes cast; two-thirds needs 28.",
    ),
    (
        Arithmetic(Rule.TWO_THIRDS, 0, 1, 1, Base.CAST, 1),
        "0 de 1 voto emitido; dos tercios pide 1.",
        "0 of 1 vote cast; two-thirds needs 1.",
    ),
    (
        Arithmetic(Rule.THREE_QUARTERS, 1, 1, 2, Base.CAST, 2),
        "1 de 2 votos emitidos; tres cuartas partes pide 2.",
        "1 of 2 votes cast; three-quarters needs 2.",
    ),
    (
        Arithmetic(Rule.THREE_QUARTERS, 1, 0, 1, Base.CAST, 1),
        "1 de 1 voto emitido; tres cuartas partes pide 1.",
        "1 of 1 vote cast; three-quarters needs 1.",
    ),
    (
        Arithmetic(Rule.PRESENT, 1, 0, 12, Base.PRESENT, 7),
        "1 de 12 votos presentes; más de la mitad son 7.",
        "1 of 12 votes present; more than half is 7.",
    ),
    (
        Arithmetic(Rule.PRESENT, 1, 0, 1, Base.PRESENT, 1),
        "1 de 1 voto presente; más de la mitad es 1.",
        "1 of 1 vote present; more than half is 1.",
    ),
    (
        Arithmetic(Rule.PRESENT, 0, 0, 0, Base.PRESENT, 1),
        "0 de 0 votos presentes; más de la mitad es 1.",
        "0 of 0 votes present; more than half is 1.",
    ),
    (
        Arithmetic(Rule.ABSOLUTE, 7, 5, 12, Base.ENTITLED, 7),
        "7 de los 12 votos de la cámara; más de la mitad son 7.",
        "7 of the chamber’s 12 votes; more than half is 7.",
    ),
    (
        Arithmetic(Rule.ABSOLUTE, 0, 0, 1, Base.ENTITLED, 1),
        "0 del único voto de la cámara; más de la mitad es 1.",
        "0 of the chamber’s only vote; more than half is 1.",
    ),
    (
        Arithmetic(Rule.CONSENSUS, 11, 1, 12, Base.CAST, 12),
        "11 a favor y 1 en contra; el consenso pide uno a favor y ninguno en contra.",
        "11 in favor and 1 against; consensus needs one in favor and none against.",
    ),
    *(
        (
            Arithmetic(rule, 0, 0, 0, Base.CAST, 1),
            "Nadie votó a favor ni en contra.",
            "Nobody voted in favor or against.",
        )
        for rule in (Rule.SIMPLE, Rule.TWO_THIRDS, Rule.THREE_QUARTERS, Rule.CONSENSUS)
    ),
    (
        WeightedArithmetic(Rule.SIMPLE, 20, 40, 60, Base.CAST, 41),
        "20 votos ponderados a favor y 40 en contra; la mayoría simple pide 41.",
        "20 weighted votes in favor and 40 against; a simple majority needs 41.",
    ),
    (
        WeightedArithmetic(Rule.SIMPLE, 1, 0, 1, Base.CAST, 1),
        "1 voto ponderado a favor y 0 en contra; la mayoría simple pide 1.",
        "1 weighted vote in favor and 0 against; a simple majority needs 1.",
    ),
    (
        WeightedArithmetic(Rule.TWO_THIRDS, 20, 40, 60, Base.CAST, 40),
        "20 de 60 votos ponderados emitidos; dos tercios pide 40.",
        "20 of 60 weighted votes cast; two-thirds needs 40.",
    ),
    (
        WeightedArithmetic(Rule.THREE_QUARTERS, 1, 0, 1, Base.CAST, 1),
        "1 de 1 voto ponderado emitido; tres cuartas partes pide 1.",
        "1 of 1 weighted vote cast; three-quarters needs 1.",
    ),
    (
        WeightedArithmetic(Rule.ABSOLUTE, 420, 630, 2520, Base.ENTITLED, 1261),
        "420 de los 2520 votos ponderados de la cámara; más de la mitad son 1261.",
        "420 of the chamber’s 2520 weighted votes; more than half is 1261.",
    ),
    (
        WeightedArithmetic(Rule.ABSOLUTE, 0, 1, 1, Base.ENTITLED, 1),
        "0 del único voto ponderado de la cámara; más de la mitad es 1.",
        "0 of the chamber’s only weighted vote; more than half is 1.",
    ),
    (
        WeightedArithmetic(Rule.SIMPLE, 0, 0, 0, Base.CAST, 1),
        "Nadie votó a favor ni en contra.",
        "Nobody voted in favor or against.",
    ),
]


@pytest.mark.parametrize(("arithmetic", "spanish", "english"), SUMS)
def test_a_sum_is_said_in_both_languages(arithmetic: Arithmetic, spanish: str, english: str) -> None:
    assert arithmetic_sentence(arithmetic, ES) == spanish
    assert arithmetic_sentence(arithmetic, EN) == english


@pytest.mark.parametrize(
    ("present", "entitled", "quorum", "spanish", "english"),
    [
        (
            12,
            20,
            Fraction(1, 2),
            "12 de 20 escaños presentes; el quórum pide 11.",
            "12 of 20 seats present; quorum needs 11.",
        ),
        (
            1,
            1,
            Fraction(1, 2),
            "1 de 1 escaño presente; el quórum pide 1.",
            "1 of 1 seat present; quorum needs 1.",
        ),
        (
            0,
            0,
            Fraction(1, 2),
            "0 de 0 escaños presentes; el quórum pide 1.",
            "0 of 0 seats present; quorum needs 1.",
        ),
        (
            1,
            12,
            Fraction(2, 3),
            "1 de 12 escaños presentes; el quórum pide 9.",
            "1 of 12 seats present; quorum needs 9.",
        ),
    ],
)
def test_a_quorum_is_said_in_both_languages(
    present: int, entitled: int, quorum: Fraction, spanish: str, english: str
) -> None:
    assert quorum_sentence(present, entitled, ES, quorum=quorum) == spanish
    assert quorum_sentence(present, entitled, EN, quorum=quorum) == english


def test_a_quorum_is_more_than_half_unless_told() -> None:
    assert quorum_sentence(12, 20, EN) == "12 of 20 seats present; quorum needs 11."
    with pytest.raises(InvalidCount) as refusal:
        quorum_sentence(1, 1, ES, quorum=Fraction(1))
    assert refusal.value.code is CountProblem.IMPOSSIBLE_QUORUM


@pytest.mark.parametrize(
    ("chamber", "decision", "spanish", "english"),
    [
        (
            Chamber.US,
            made(passed=True, yes=6),
            "Cámara de Estados Unidos: aprueba (6 a favor y 5 en contra; la mayoría simple pide 6).",
            "United States chamber: passes (6 in favor and 5 against; a simple majority needs 6).",
        ),
        (
            Chamber.MX,
            made(tied=True),
            "Cámara de México: empate (5 a favor y 5 en contra; la mayoría simple pide 6).",
            "Mexico chamber: tied (5 in favor and 5 against; a simple majority needs 6).",
        ),
        (
            Chamber.MX,
            made(yes=4),
            "Cámara de México: no aprueba (4 a favor y 5 en contra; la mayoría simple pide 6).",
            "Mexico chamber: does not pass (4 in favor and 5 against; a simple majority needs 6).",
        ),
        (
            Chamber.US,
            made(quorate=False, passed=True, yes=6),
            "Cámara de Estados Unidos: sin quórum (6 a favor y 5 en contra; la mayoría simple pide 6).",
            "United States chamber: no quorum (6 in favor and 5 against; a simple majority needs 6).",
        ),
        (
            Chamber.US,
            made(tied=True, yes=0),
            "Cámara de Estados Unidos: empate (nadie votó a favor ni en contra).",
            "United States chamber: tied (nobody voted in favor or against).",
        ),
    ],
)
def test_a_chamber_is_told_with_its_sum(
    chamber: Chamber, decision: ChamberDecision, spanish: str, english: str
) -> None:
    assert chamber_sentence(chamber, decision, ES) == spanish
    assert chamber_sentence(chamber, decision, EN) == english


@pytest.mark.parametrize(
    ("outcome", "spanish", "english"),
    [
        (
            Outcome.ADOPTED,
            "Las dos cámaras votaron a favor: queda aprobada.",
            "Both chambers passed it, so it is adopted.",
        ),
        (
            Outcome.REJECTED,
            "Ninguna de las dos cámaras la aprobó: queda rechazada.",
            "Neither chamber passed it, so it is rejected.",
        ),
        (
            Outcome.CHAMBERS_DISAGREE,
            (
                "Una cámara la aprobó y la otra no. No queda aprobada: el texto pasa a conciliación y a una "
                "segunda lectura."
            ),
            (
                "One chamber passed it and the other did not. It is not adopted: the text goes to "
                "conciliation and to a second reading."
            ),
        ),
        (
            Outcome.INQUORATE,
            "A una cámara le faltó quórum y no se decidió nada: no queda ni aprobada ni rechazada.",
            "A chamber lacked its quorum, so nothing was decided: it is neither adopted nor rejected.",
        ),
    ],
)
def test_an_outcome_is_told_in_both_languages(outcome: Outcome, spanish: str, english: str) -> None:
    decision = Decision(Rule.SIMPLE, outcome, {Chamber.US: made(), Chamber.MX: made()})
    assert outcome_sentence(decision, ES) == spanish
    assert outcome_sentence(decision, EN) == english
    assert outcome_sentence(decision, EN, revote=True) == english


PASSES, TIES, SILENT = made(passed=True, yes=6), made(tied=True), made(tied=True, yes=0)
TIE_WORDS = [
    (
        TIES,
        TIES,
        "Hubo tantos votos a favor como en contra, y solo eso lo impidió.",
        "As many were in favor as against, and only that prevented it.",
    ),
    (
        SILENT,
        SILENT,
        "Nadie votó a favor ni en contra, y solo eso lo impidió.",
        "Nobody voted in favor or against, and only that prevented it.",
    ),
    (
        PASSES,
        TIES,
        "En la Cámara de México hubo tantos votos a favor como en contra, y solo eso lo impidió.",
        "In the Mexico chamber as many were in favor as against, and only that prevented it.",
    ),
    (
        SILENT,
        PASSES,
        "En la Cámara de Estados Unidos nadie votó a favor ni en contra, y solo eso lo impidió.",
        "In the United States chamber nobody voted in favor or against, and only that prevented it.",
    ),
    (
        TIES,
        SILENT,
        (
            "En la Cámara de Estados Unidos hubo tantos votos a favor como en contra y en la Cámara "
            "de México nadie votó a favor ni en contra, y solo eso lo impidió."
        ),
        (
            "In the United States chamber as many were in favor as against and in the Mexico chamber nobody "
            "voted in favor or against, and only that prevented it."
        ),
    ),
]


@pytest.mark.parametrize(("us", "mx", "spanish", "english"), TIE_WORDS)
def test_a_tie_says_of_what_and_whether_it_may_be_put_once_more(
    us: ChamberDecision, mx: ChamberDecision, spanish: str, english: str
) -> None:
    decision = Decision(Rule.SIMPLE, Outcome.TIED, {Chamber.US: us, Chamber.MX: mx})
    assert outcome_sentence(decision, ES) == (
        f"{spanish} No queda aprobada; se puede votar una vez más. La presidencia no tiene voto de calidad."
    )
    assert outcome_sentence(decision, EN) == (
        f"{english} It is not adopted; it may be put to the vote once more. The chair has no casting vote."
    )
    assert outcome_sentence(decision, ES, revote=True) == (
        f"{spanish} No queda aprobada, y ya no se vuelve a votar. La presidencia no tiene voto de calidad."
    )
    assert outcome_sentence(decision, EN, revote=True) == (
        f"{english} It is not adopted, and it is not put to the vote again. The chair has no casting vote."
    )


def test_a_language_goes_by_its_code() -> None:
    assert [Language("es"), Language("en")] == [ES, EN]
    with pytest.raises(ValueError, match="fr"):
        Language("fr")
