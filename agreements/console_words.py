"""What the command line says, in Spanish and in English.

Longer than a module should be: it is one table, and whoever mends a sentence or adds a language reads it from
top to bottom. The Spanish comes first, and speaks to ustedes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from agreements.alignment import MisalignmentCode
from agreements.amendment_file import InvalidAmendmentFile
from agreements.amendments import Add, AmendmentProblem, Delete, InvalidAmendment, Move, Replace
from agreements.collision import Colliding
from agreements.comparison import Change
from agreements.contact import Touch
from agreements.decision import CountProblem, InvalidCount, Rule
from agreements.rebase import Standing
from agreements.text import AGREEMENT_KEY, InvalidText, Kind, ProblemCode
from agreements.words import Mark

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from agreements.amendments import Operation
    from agreements.explanation import Language
    from agreements.text import Draft, Place

LONGEST = 60
"""Letters of somebody's text that a sentence about it quotes."""

_NOT_SHOWN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


class Phrase(NamedTuple):
    """The same said in each language."""

    es: str
    en: str


Fact: TypeAlias = "Phrase | str | int"


class Misuse(StrEnum):
    """Why a command cannot be carried out as it was written. The keys of `Refused.facts` stand behind."""

    UNKNOWN_COMMAND = "unknown_command"  # command, known
    NOT_SPOKEN = "not_spoken"  # language
    MISSING = "missing"  # argument, usage
    INCOMPLETE = "incomplete"  # argument, usage
    SURPLUS = "surplus"  # argument, usage
    UNKNOWN_OPTION = "unknown_option"  # argument, usage
    BAD_LANGUAGE_CODE = "bad_language_code"  # language
    NO_LANGUAGE_FILES = "no_language_files"  # folder
    NOT_A_LANGUAGE_FILE = "not_a_language_file"  # path
    FOLDER_NOT_EMPTY = "folder_not_empty"  # folder
    SAME_TEXT = "same_text"
    NOT_RANKED = "not_ranked"  # name, known
    BAD_PART = "bad_part"  # part
    PARTS_WITHOUT_FOLDER = "parts_without_folder"
    FOLDER_WITHOUT_PARTS = "folder_without_parts"
    UNKNOWN_RULE = "unknown_rule"  # rule, known
    BAD_QUORUM = "bad_quorum"  # quorum
    BAD_COUNT = "bad_count"  # count, known
    REPEATED_COUNT = "repeated_count"  # name
    MISSING_COUNT = "missing_count"  # name
    PRESENT_VOTES_NEEDED = "present_votes_needed"


class Refused(Exception):
    """A command that cannot be carried out as it was written: `code`, and `facts` to explain it."""

    def __init__(self, code: Misuse, **facts: Fact) -> None:
        self.code, self.facts = code, facts
        super().__init__(code, facts)


class Unusable(Exception):
    """What was given cannot be used: `faults` has the file's or option's name and what is wrong with it."""

    def __init__(self, *faults: tuple[str, Exception]) -> None:
        self.faults = faults
        super().__init__(faults)


@dataclass(frozen=True, slots=True)
class Voice:
    """Says things in one language."""

    language: Language

    def say(self, phrase: Phrase, **facts: Fact) -> str:
        """The phrase with its facts. Whatever files hold, nothing of it commands the terminal."""
        template: str = getattr(phrase, self.language)
        return template.format(**{name: self._told(fact) for name, fact in facts.items()})

    def tongue(self, code: str) -> str:
        """What a language is called; a code that has no name here stays a code."""
        return self.say(TONGUES[code]) if code in TONGUES else printable(code)

    def provision(self, key: str, *drafts: Draft) -> str:
        """«la cláusula 3.3 (bodies-term)»: its number in the first draft that has it."""
        if key == AGREEMENT_KEY:
            return self.say(AGREEMENT_TITLE)
        places = (draft.place(key) for draft in drafts)
        place = next((place for place in places if place), None)
        return self.placed(place) if place else self.say(NEW_PROVISION, key=key)

    def placed(self, *places: Place | None) -> str:
        """The same of a provision known by its places, earliest first: «la cláusula 3.3 → 3.4 (…)»."""
        found = [place for place in places if place]
        kind, key = found[-1].provision.kind, found[-1].provision.key
        numbers = dict.fromkeys(place.number for place in found)
        if not any(numbers):
            return self.say(IN_PREAMBLE, key=key)
        return self.say(NUMBERED[kind], number=" → ".join(one or "–" for one in numbers), key=key)

    def listed(self, names: Iterable[str]) -> str:
        """«A1, A2 y A3»."""
        *others, last = (printable(name) for name in names)
        return self.say(AND, first=", ".join(others), last=last) if others else last

    def quoted(self, text: str) -> str:
        """Somebody's words in quotation marks; it is told where there are none."""
        return self.say(QUOTED, text=text.replace("\n", "⏎")) if text else self.say(NOTHING)

    def sentences(self, problem: Exception) -> list[str]:
        """What is wrong and what to do, one line each; before it the file at fault, and its line."""
        if isinstance(problem, Unusable):
            return [
                f"{printable(name)}{place}: {sentence}"
                for name, cause in problem.faults
                for place, sentence in self._faults(cause)
            ]
        return [capitalised(sentence) for _place, sentence in self._faults(problem)]

    def _faults(self, problem: Exception) -> Iterator[tuple[str, str]]:
        if not isinstance(problem, InvalidText):
            yield "", self._fault(problem)
            return
        for one in problem.problems:
            facts = {name: shortened(fact) for name, fact in one.data.items()}
            yield f":{one.line}" if one.line else "", self.say(TEXT_PROBLEMS[one.code], **facts)

    def _fault(self, problem: Exception) -> str:
        if isinstance(problem, Refused):
            return self.say(MISUSES[problem.code], **problem.facts)
        if isinstance(problem, InvalidAmendment):
            return self._amendment_fault(problem)
        if isinstance(problem, InvalidCount):
            limit = "" if problem.limit is None else problem.limit
            facts = {"value": shortened(str(problem.value)), "limit": limit}
            return self.say(COUNT_PROBLEMS[problem.code], subject=SUBJECTS[problem.subject], **facts)
        if isinstance(problem, InvalidAmendmentFile) and problem.path:
            way = " › ".join(shortened(str(step)) for step in problem.path)
            return self.say(BAD_MEMBER, way=way)
        return self.say(next(phrase for sort, phrase in FILE_PROBLEMS.items() if isinstance(problem, sort)))

    def _amendment_fault(self, problem: InvalidAmendment) -> str:
        pairs = problem.collisions if isinstance(problem, Colliding) else ()
        told = (f"{shortened(pair.first)} – {shortened(pair.second)}" for pair in pairs)
        facts = {"key": shortened(problem.key), "language": self.tongue(problem.language)}
        sentence = self.say(AMENDMENT_PROBLEMS[problem.code], pairs=", ".join(told), **facts)
        return f"{shortened(problem.name)}: {sentence}" if problem.name and not pairs else sentence

    def _told(self, fact: Fact) -> str:
        return self.say(fact) if isinstance(fact, Phrase) else printable(str(fact))


def printable(text: str) -> str:
    """The text without what would break the line or command the terminal."""
    return _NOT_SHOWN.sub("\ufffd", text)


def shortened(text: str | int) -> str:
    """As much of somebody's text as a sentence has room for."""
    whole = printable(str(text))
    return whole if len(whole) <= LONGEST else f"{whole[:LONGEST]}…"


def capitalised(sentence: str) -> str:
    """With a capital, as sentences begin."""
    return sentence[:1].upper() + sentence[1:]


# == What things are called ============================================================================

TONGUES: Mapping[str, Phrase] = {"es": Phrase("español", "Spanish"), "en": Phrase("inglés", "English")}
AND = Phrase("{first} y {last}", "{first} and {last}")
QUOTED = Phrase("«{text}»", "“{text}”")
NOTHING = Phrase("(nada)", "(nothing)")
AGREEMENT_TITLE = Phrase("el título del acuerdo", "the agreement’s title")
NEW_PROVISION = Phrase("la disposición nueva ({key})", "the new provision ({key})")
IN_PREAMBLE = Phrase("el preámbulo ({key})", "the preamble ({key})")
NUMBERED: Mapping[Kind, Phrase] = {
    Kind.PREAMBLE: Phrase("el preámbulo {number} ({key})", "preamble {number} ({key})"),
    Kind.TITLE: Phrase("el título {number} ({key})", "title {number} ({key})"),
    Kind.ARTICLE: Phrase("el artículo {number} ({key})", "article {number} ({key})"),
    Kind.CLAUSE: Phrase("la cláusula {number} ({key})", "clause {number} ({key})"),
    Kind.ANNEX: Phrase("el anexo {number} ({key})", "annex {number} ({key})"),
}
KINDS: Mapping[Kind, Phrase] = {
    Kind.PREAMBLE: Phrase("preámbulo", "preamble"),
    Kind.TITLE: Phrase("título", "title"),
    Kind.ARTICLE: Phrase("artículo", "article"),
    Kind.CLAUSE: Phrase("cláusula", "clause"),
    Kind.ANNEX: Phrase("anexo", "annex"),
}
KINDS_COUNTED: Mapping[Kind, Phrase] = {
    Kind.PREAMBLE: Phrase("párrafos del preámbulo: {count}", "preamble paragraphs: {count}"),
    Kind.TITLE: Phrase("títulos: {count}", "titles: {count}"),
    Kind.ARTICLE: Phrase("artículos: {count}", "articles: {count}"),
    Kind.CLAUSE: Phrase("cláusulas: {count}", "clauses: {count}"),
    Kind.ANNEX: Phrase("anexos: {count}", "annexes: {count}"),
}
RULES: Mapping[Rule, Phrase] = {
    Rule.SIMPLE: Phrase("mayoría simple", "simple majority"),
    Rule.TWO_THIRDS: Phrase("dos tercios de los votos emitidos", "two-thirds of the votes cast"),
    Rule.THREE_QUARTERS: Phrase(
        "tres cuartas partes de los votos emitidos", "three-quarters of the votes cast"
    ),
    Rule.PRESENT: Phrase("mayoría de los presentes", "majority of those present"),
    Rule.ABSOLUTE: Phrase("mayoría absoluta", "absolute majority"),
    Rule.CONSENSUS: Phrase("consenso", "consensus"),
}
SUBJECTS: Mapping[str, Phrase] = {
    "yes": Phrase("los votos a favor", "the votes in favor"),
    "no": Phrase("los votos en contra", "the votes against"),
    "abstain": Phrase("las abstenciones", "the abstentions"),
    "votes": Phrase("los votos de un escaño", "a seat’s votes"),
    "ballots": Phrase("las papeletas", "the ballots"),
    "present_votes": Phrase("los votos presentes", "the votes present"),
    "entitled_votes": Phrase("los votos de la cámara", "the chamber’s votes"),
    "entitled_seats": Phrase("los escaños de la cámara", "the chamber’s seats"),
    "present_seats_at_opening": Phrase("los escaños presentes al abrir", "the seats present at opening"),
    "present_seats_at_closing": Phrase("los escaños presentes al cerrar", "the seats present at closing"),
    "quorum": Phrase("el quórum", "the quorum"),
    "counts": Phrase("las cámaras", "the chambers"),
    "rule": Phrase("la regla", "the rule"),
    "pillars": Phrase("los pilares", "the pillars"),
}

# == check =============================================================================================

TITLE_IN = Phrase("{title} ({language})", "{title} ({language})")
LANGUAGES_LISTED = Phrase("Lenguas: {languages}", "Languages: {languages}")
PROVISIONS_COUNTED = Phrase("Disposiciones: {count}", "Provisions: {count}")
HASH = Phrase("Huella del texto: {hash}", "Hash of the text: {hash}")
ALIGNED = Phrase(
    "Las lenguas dicen lo mismo en los mismos lugares.", "The languages have the same in the same places."
)
MISALIGNED = Phrase("Diferencias entre las lenguas: {count}", "Differences between the languages: {count}")
GATE = Phrase(
    "Lo que falta en una lengua no se puede votar hasta que esté en todas.",
    "What one language lacks cannot be put to the vote until all have it.",
)
MISALIGNMENTS: Mapping[MisalignmentCode, Phrase] = {
    MisalignmentCode.MISSING: Phrase(
        "{provision} falta en {language} — escriban la traducción",
        "{provision} is missing in {language} — write the translation",
    ),
    MisalignmentCode.INCOMPLETE: Phrase(
        "{provision} no tiene {expected} en {language} — agréguenlo",
        "{provision} has no {expected} in {language} — add it",
    ),
    MisalignmentCode.ITEMS: Phrase(
        "{provision} tiene otro número de incisos en {language} ({found}) que en {other} ({expected}) — "
        "comparen los textos",
        "{provision} has another number of lettered items in {language} ({found}) than in {other} "
        "({expected}) — compare the texts",
    ),
    MisalignmentCode.KIND: Phrase(
        "{provision} es {found} en {language} y {expected} en {other} — usen el mismo tipo en las dos",
        "{provision} is “{found}” in {language} and “{expected}” in {other} — use the same kind in both",
    ),
    MisalignmentCode.NESTING: Phrase(
        "{provision} está {found} en {language} y {expected} en {other} — usen el mismo lugar en las dos",
        "{provision} stands {found} in {language} and {expected} in {other} — use the same place in both",
    ),
    MisalignmentCode.ORDER: Phrase(
        "{provision} va {found} en {language} y {expected} en {other} — usen el mismo orden en las dos",
        "{provision} comes {found} in {language} and {expected} in {other} — use the same order in both",
    ),
    MisalignmentCode.STALE: Phrase(
        "{provision} cambió en {expected} y no en {language} — revisen la traducción",
        "{provision} changed in {expected} and not in {language} — look at the translation",
    ),
}
PARTS_OF_TEXT: Mapping[str, Phrase] = {
    "heading": Phrase("encabezado", "heading"),
    "body": Phrase("texto", "text"),
}
WHERE: Mapping[MisalignmentCode, tuple[Phrase, Phrase]] = {
    MisalignmentCode.NESTING: (
        Phrase("bajo {provision}", "under {provision}"),
        Phrase("en el primer nivel", "at the top"),
    ),
    MisalignmentCode.ORDER: (
        Phrase("tras {provision}", "behind {provision}"),
        Phrase("al principio", "first"),
    ),
}
LANGUAGES_DIFFER = Phrase("Aviso: {misalignment}.", "Note: {misalignment}.")

# == compare ===========================================================================================

SAME_DRAFTS = Phrase("Los dos borradores dicen lo mismo.", "The two drafts are the same.")
CHANGES: Mapping[Change, Phrase] = {
    Change.ADDED: Phrase("se agrega {provision}", "{provision} is added"),
    Change.DELETED: Phrase("se quita {provision}", "{provision} is deleted"),
    Change.CHANGED: Phrase("cambia {provision}", "{provision} is changed"),
    Change.MOVED: Phrase("se mueve {provision}", "{provision} is moved"),
    Change.MOVED_AND_CHANGED: Phrase("se mueve y cambia {provision}", "{provision} is moved and changed"),
}
CHANGES_COUNTED: Mapping[Change, Phrase] = {
    Change.ADDED: Phrase("agregadas: {count}", "added: {count}"),
    Change.DELETED: Phrase("quitadas: {count}", "deleted: {count}"),
    Change.CHANGED: Phrase("cambiadas: {count}", "changed: {count}"),
    Change.MOVED: Phrase("movidas: {count}", "moved: {count}"),
    Change.MOVED_AND_CHANGED: Phrase("movidas y cambiadas: {count}", "moved and changed: {count}"),
    Change.UNCHANGED: Phrase("sin cambio: {count}", "unchanged: {count}"),
}
COUNTED = Phrase("Disposiciones {changes}", "Provisions {changes}")
KIND_CHANGED = Phrase("{provision}, que de {before} pasa a {after}", "{provision}, from {before} to {after},")
HEADING_IN = Phrase("{language}, encabezado", "{language}, heading")
RENUMBERED = Phrase("Sólo cambia el número de: {provisions}.", "Only the number changes of: {provisions}.")
PAGE_TITLE = Phrase("Qué cambió: {title}", "What changed: {title}")
LEGEND = Phrase("Cómo se lee:", "How to read it:")
LEGEND_DELETED = Phrase("esto se quitó", "this was taken out")
LEGEND_INSERTED = Phrase("esto se agregó", "this was put in")
READ_ALOUD: Mapping[Mark, tuple[Phrase, Phrase]] = {
    Mark.DELETED: (Phrase("[quitado:", "[deleted:"), Phrase("fin de lo quitado]", "end of deletion]")),
    Mark.INSERTED: (Phrase("[agregado:", "[inserted:"), Phrase("fin de lo agregado]", "end of insertion]")),
}

# == amendments ========================================================================================

COLLIDING = Phrase("{first} y {second} chocan:", "{first} and {second} collide:")
NO_COLLISIONS = Phrase(
    "Ninguna choca con otra: se pueden aprobar todas.", "None collides with another: all can be adopted."
)
IDENTICAL = Phrase(
    "{names} son idénticas: se votan como una.", "{names} are identical: they are voted on as one."
)
TOUCHES: Mapping[Touch, Phrase] = {
    Touch.WORDS: Phrase("{provision}, {language}:", "{provision}, {language}:"),
    Touch.PLACE: Phrase(
        "{provision}: su lugar no puede ser el que piden las dos.",
        "{provision}: its place cannot be what both ask for.",
    ),
    Touch.STRUCTURE: Phrase(
        "{provision}: una quita o rehace lo que la otra necesita.",
        "{provision}: one takes away or reshapes what the other needs.",
    ),
}
NOW = Phrase("ahora", "now")
WHAT_WAS_ADOPTED = Phrase("lo aprobado", "what was adopted")
ATTRIBUTED = Phrase("{who}: {words}", "{who}: {words}")
AMENDS = Phrase("{name}, que enmienda a {amends}", "{name}, which amends {amends}")
LIKE = Phrase("{names} (idénticas, se votan como una)", "{names} (identical, voted on as one)")
VOTING_ORDER = Phrase("Orden de votación:", "Order of voting:")
VOTE = Phrase("{who}: {operations}", "{who}: {operations}")
IF_ADOPTED = Phrase("si se aprueba, ya no se votan: {names}", "if adopted, no longer voted on: {names}")
WHOLE_TEXT = Phrase("el texto completo, como haya quedado", "the whole text, as it then stands")
OPERATIONS: Mapping[type[Operation], Phrase] = {
    Add: Phrase("agrega {provision}", "adds {provision}"),
    Delete: Phrase("quita {provision}", "deletes {provision}"),
    Move: Phrase("mueve {provision}", "moves {provision}"),
    Replace: Phrase("cambia {provision}", "changes {provision}"),
}
APPLIED = Phrase("Aprobadas: {names}", "Adopted: {names}")
WRITTEN = Phrase("El borrador nuevo está en {folder}", "The new draft is in {folder}")
STANDINGS: Mapping[Standing, Phrase] = {
    Standing.REBASED: Phrase(
        "{name}: se puede votar sobre el borrador nuevo, está en {path}",
        "{name}: can be put to the vote on the new draft, it is in {path}",
    ),
    Standing.SATISFIED: Phrase(
        "{name}: el borrador nuevo ya dice lo que pedía, no hace falta votarla",
        "{name}: the new draft already says what it asked for, no vote is needed",
    ),
    Standing.NEEDS_REBASE: Phrase(
        "{name}: quienes la propusieron tienen que escribirla de nuevo, porque choca con lo aprobado:",
        "{name}: those who proposed it have to write it anew, as it collides with what was adopted:",
    ),
}
PIECES = Phrase("{name} se puede dividir en:", "{name} can be divided into:")
PIECE_IN = Phrase("{operation}, {language}", "{operation}, {language}")
PIECE_WORDS = Phrase("{piece}: {words} → {instead}", "{piece}: {words} → {instead}")
HOW_TO_DIVIDE = Phrase(
    "Para dividirla, por ejemplo: --part 1,3 --part 2 --into CARPETA",
    "To divide it, for example: --part 1,3 --part 2 --into FOLDER",
)
PART = Phrase("{name} está en {path}", "{name} is in {path}")
SAME_IN_ALL = Phrase(
    "Revisen que cada parte diga lo mismo en todas las lenguas.",
    "See to it that each part says the same in all languages.",
)

# == decide ============================================================================================

RULE_IS = Phrase("Regla: {rule}", "Rule: {rule}")
AT_OPENING = Phrase("Al abrir: {quorum}", "At opening: {quorum}")
AT_CLOSING = Phrase("Al cerrar: {quorum}", "At closing: {quorum}")

# == Help ==============================================================================================

USAGE = Phrase("Uso: {usage}", "Usage: {usage}")
COMMAND = Phrase("ORDEN …", "COMMAND …")
WHAT_THIS_IS = Phrase(
    "Un acuerdo en varias lenguas, sus enmiendas y sus votaciones, en esta computadora y sin red.",
    "An agreement in several languages, its amendments and its votes, on this computer and without network.",
)
WHAT_IS_GIVEN = Phrase("lo que se da", "what is given")
OPTIONS = Phrase("opciones", "options")
SUMMARIES: Mapping[str, Phrase] = {
    "check": Phrase(
        "Dice qué hay en un borrador y en qué no coinciden sus lenguas.",
        "Tells what is in a draft, and in what its languages differ.",
    ),
    "compare": Phrase(
        "Muestra qué se agregó, quitó, cambió y movió entre dos borradores: [-quitado-]{{+agregado+}}.",
        "Shows what was added, deleted, changed and moved between two drafts: [-deleted-]{{+inserted+}}.",
    ),
    "amendment": Phrase(
        "Hace una enmienda: lo que cambia de un borrador a una copia suya que ustedes editaron.",
        "Makes an amendment: what changes from a draft to a copy of it that you edited.",
    ),
    "collisions": Phrase(
        "Dice qué enmiendas chocan, y en qué palabras, lugares o estructura.",
        "Tells which amendments collide, and in which words, places or structure.",
    ),
    "order": Phrase(
        "Dice en qué orden se votan las enmiendas, primero la que más se aleja del texto.",
        "Tells in which order amendments are voted on, the furthest removed from the text first.",
    ),
    "apply": Phrase(
        "Hace el borrador nuevo con las enmiendas aprobadas.", "Makes the new draft with what was adopted."
    ),
    "rebase": Phrase(
        "Lleva las demás enmiendas al borrador nuevo, o dice cuáles hay que escribir de nuevo.",
        "Carries the other amendments over to the new draft, or tells which have to be written anew.",
    ),
    "divide": Phrase(
        "Divide una enmienda en partes que se votan por separado.",
        "Divides an amendment into parts that are voted on apart.",
    ),
    "decide": Phrase(
        "Dice qué decidieron las dos cámaras, y con qué cuentas.",
        "Tells what the two chambers decided, and by which sums.",
    ),
    "verify": Phrase(
        "Comprueba el archivo de auditoría de una conferencia.", "Checks the audit file of a conference."
    ),
}
FILES_EXPLAINED = Phrase(
    "Un borrador es una carpeta con un archivo por lengua: es.md, en.md. Una enmienda es un archivo JSON.",
    "A draft is a folder with one file a language: es.md, en.md. An amendment is a JSON file.",
)
MORE_HELP = Phrase(
    "Más de cada una: python -m agreements ORDEN --help", "More on each: python -m agreements COMMAND --help"
)
STATUS_EXPLAINED = Phrase(
    "Al terminar da 0 si todo está bien, 1 si encontró algo que ustedes deben ver, 2 si no se pudo hacer.",
    "It ends with 0 if all is well, with 1 if it found something to look at, with 2 if it could not be done.",
)
METAVARS: Mapping[str, Phrase] = {
    "folder": Phrase("CARPETA", "FOLDER"),
    "base": Phrase("BASE", "BASE"),
    "before": Phrase("ANTES", "BEFORE"),
    "after": Phrase("DESPUÉS", "AFTER"),
    "edited": Phrase("EDITADA", "EDITED"),
    "file": Phrase("ARCHIVO", "FILE"),
    "files": Phrase("ARCHIVO", "FILE"),
    "rule": Phrase("REGLA", "RULE"),
    "bundle": Phrase("AUDITORÍA", "BUNDLE"),
    "--name": Phrase("NOMBRE", "NAME"),
    "--amends": Phrase("ARCHIVO", "FILE"),
    "--adopted": Phrase("ARCHIVO", "FILE"),
    "--others": Phrase("ARCHIVO", "FILE"),
    "--into": Phrase("CARPETA", "FOLDER"),
    "--ranking": Phrase("B,A", "B,A"),
    "--part": Phrase("1,3", "1,3"),
    "--us": Phrase("yes=27,no=14,…", "yes=27,no=14,…"),
    "--mx": Phrase("yes=27,no=14,…", "yes=27,no=14,…"),
    "--quorum": Phrase("1/2", "1/2"),
    "--key": Phrase("LLAVE", "KEY"),
    "--checkpoint": Phrase("ARCHIVO", "FILE"),
    "--languages": Phrase("es,en", "es,en"),
    "--language": Phrase("es|en", "es|en"),
}
COUNT_EXPLAINED = Phrase(
    "los números: yes, no, abstain, entitled (los votos de la cámara), seats (sus escaños, si no son tantos "
    "como sus votos), present (los escaños presentes, si no fueron todos; 45/40 al abrir y al cerrar), "
    "present_votes (los votos presentes, con los poderes)",
    "the numbers: yes, no, abstain, entitled (the chamber’s votes), seats (its seats, if they are not as "
    "many as its votes), present (the seats present, if they were not all; 45/40 at opening and at closing), "
    "present_votes (the votes present, proxies with them)",
)
MEANINGS: Mapping[str, Phrase] = {
    "folder": Phrase("carpeta del borrador", "folder of the draft"),
    "base": Phrase(
        "carpeta del borrador sobre el que se escribió", "folder of the draft that it was written on"
    ),
    "before": Phrase("carpeta del borrador anterior", "folder of the earlier draft"),
    "after": Phrase("carpeta del borrador posterior", "folder of the later draft"),
    "edited": Phrase("carpeta de la copia editada", "folder of the edited copy"),
    "file": Phrase("archivo de la enmienda", "file of the amendment"),
    "files": Phrase("archivos de las enmiendas", "files of the amendments"),
    "rule": Phrase("regla con que se decide: {rules}", "rule of decision: {rules}"),
    "bundle": Phrase("archivo de auditoría", "audit file"),
    "--html": Phrase("escribir una página para el navegador", "write a page for the browser"),
    "--name": Phrase("cómo se llama la enmienda, por ejemplo A7", "what it is called, for example A7"),
    "--amends": Phrase(
        "la enmienda que esta enmienda; la copia se hizo del borrador como aquella lo deja",
        "the amendment that this one amends; the copy was made of the draft as that one leaves it",
    ),
    "--adopted": Phrase("las enmiendas aprobadas", "the amendments adopted"),
    "--others": Phrase("las demás, que siguen pendientes", "the others, which are still pending"),
    "--into": Phrase("carpeta nueva o vacía donde se guarda", "new or empty folder to write into"),
    "--ranking": Phrase(
        "nombres en el orden que da la presidencia, primero la que más se aleja del texto",
        "names as the chair ranks them, the furthest removed from the text first",
    ),
    "--part": Phrase(
        "números de las piezas de una parte; se repite para cada parte",
        "numbers of the pieces of one part; repeated for each part",
    ),
    "--us": Phrase("Cámara de Estados Unidos, {counts}", "United States chamber, {counts}"),
    "--mx": Phrase("Cámara de México, {counts}", "Mexico chamber, {counts}"),
    "--quorum": Phrase(
        "el quórum es más que esta parte de los escaños; si no se dice, la mitad",
        "quorum is more than this share of the seats; half, unless it is given",
    ),
    "--key": Phrase("la llave pública que publicó la conferencia", "the public key that was published"),
    "--checkpoint": Phrase("un punto de control que guardaron antes", "a checkpoint that you kept"),
    "--languages": Phrase(
        "las lenguas que se leen y su orden; si no se dice, todas, primero el español",
        "the languages to read and their order; all, Spanish first, unless it is given",
    ),
    "--language": Phrase("la lengua en que contesta", "the language of the answer"),
    "--help": Phrase("explicar esta orden", "explain this command"),
}

# == What is wrong =====================================================================================

MISUSES: Mapping[Misuse, Phrase] = {
    Misuse.UNKNOWN_COMMAND: Phrase(
        "no hay una orden «{command}» — usen una de estas: {known}",
        "there is no command “{command}” — use one of: {known}",
    ),
    Misuse.NOT_SPOKEN: Phrase(
        "estas órdenes no hablan «{language}» — usen --language es o --language en",
        "these commands do not speak “{language}” — use --language es or --language en",
    ),
    Misuse.MISSING: Phrase("falta {argument} — escriban: {usage}", "{argument} is missing — write: {usage}"),
    Misuse.INCOMPLETE: Phrase(
        "{argument} está incompleto o lleva algo de más — escriban: {usage}",
        "{argument} is incomplete or has something too much — write: {usage}",
    ),
    Misuse.SURPLUS: Phrase(
        "«{argument}» está de más — escriban: {usage}", "“{argument}” is too much — write: {usage}"
    ),
    Misuse.UNKNOWN_OPTION: Phrase(
        "no hay una opción «{argument}» — escriban: {usage}",
        "there is no option “{argument}” — write: {usage}",
    ),
    Misuse.BAD_LANGUAGE_CODE: Phrase(
        "«{language}» no es el código de una lengua — escriban por ejemplo --languages es,en",
        "“{language}” is no code of a language — write for example --languages es,en",
    ),
    Misuse.NO_LANGUAGE_FILES: Phrase(
        "en la carpeta {folder} no hay ningún texto — pongan un archivo por lengua: es.md, en.md",
        "there is no text in the folder {folder} — put in one file a language: es.md, en.md",
    ),
    Misuse.NOT_A_LANGUAGE_FILE: Phrase(
        "el archivo {path} no lleva por nombre el código de una lengua — llámenlo es.md o en.md, sáquenlo de "
        "la carpeta, o digan --languages es,en",
        "the file {path} is not named after a language — call it es.md or en.md, take it out of the folder, "
        "or say --languages es,en",
    ),
    Misuse.FOLDER_NOT_EMPTY: Phrase(
        "la carpeta {folder} no está vacía — den otra, que aquí nada se sobrescribe",
        "the folder {folder} is not empty — give another, as nothing is overwritten here",
    ),
    Misuse.SAME_TEXT: Phrase(
        "los dos textos dicen lo mismo, no hay nada que enmendar — cambien primero la copia",
        "the two texts are the same, there is nothing to amend — change the copy first",
    ),
    Misuse.NOT_RANKED: Phrase(
        "no hay una enmienda «{name}» entre las que dieron — en --ranking usen estos nombres: {known}",
        "there is no amendment “{name}” among those given — in --ranking use these names: {known}",
    ),
    Misuse.BAD_PART: Phrase(
        "«{part}» no es una lista de piezas — escriban sus números, por ejemplo --part 1,3",
        "“{part}” is no list of pieces — write their numbers, for example --part 1,3",
    ),
    Misuse.PARTS_WITHOUT_FOLDER: Phrase(
        "no se dijo dónde guardar las partes — agreguen --into CARPETA",
        "it was not said where the parts go — add --into FOLDER",
    ),
    Misuse.FOLDER_WITHOUT_PARTS: Phrase(
        "no se dijo en qué partes — agreguen por ejemplo --part 1,3 --part 2",
        "it was not said into which parts — add for example --part 1,3 --part 2",
    ),
    Misuse.UNKNOWN_RULE: Phrase(
        "no hay una regla «{rule}» — usen una de estas: {known}",
        "there is no rule “{rule}” — use one of: {known}",
    ),
    Misuse.BAD_QUORUM: Phrase(
        "«{quorum}» no es un quórum — escríbanlo como 1/2 o 2/3",
        "“{quorum}” is no quorum — write it as 1/2 or 2/3",
    ),
    Misuse.BAD_COUNT: Phrase(
        "«{count}» no se entiende — escriban números enteros, por ejemplo yes=27,no=14; se admiten: {known}",
        "“{count}” is not understood — write whole numbers, for example yes=27,no=14; taken are: {known}",
    ),
    Misuse.REPEATED_COUNT: Phrase(
        "«{name}» está dos veces — dejen una", "“{name}” is there twice — leave one"
    ),
    Misuse.MISSING_COUNT: Phrase(
        "falta «{name}» — agreguen {name}= y un número", "“{name}” is missing — add {name}= and a number"
    ),
    Misuse.PRESENT_VOTES_NEEDED: Phrase(
        "no se sabe cuántos votos tienen los escaños presentes — agreguen present_votes= y un número",
        "it is not known how many votes the seats present have — add present_votes= and a number",
    ),
}
BAD_MEMBER = Phrase(
    "no es una enmienda: falta «{way}» o no es lo que debe ser — háganla con: python -m agreements amendment",
    "this is no amendment: “{way}” is missing or not what it should be — make it with: python -m agreements "
    "amendment",
)
NOT_AN_AMENDMENT = Phrase(
    "no es una enmienda en JSON — háganla con: python -m agreements amendment",
    "this is no amendment in JSON — make it with: python -m agreements amendment",
)
FILE_PROBLEMS: Mapping[type[Exception], Phrase] = {  # the first that fits
    FileNotFoundError: Phrase(
        "no existe — revisen el nombre y la carpeta", "is not there — check its name and folder"
    ),
    FileExistsError: Phrase(
        "ya existe y no es una carpeta — den otro nombre",
        "is there already and no folder — give another name",
    ),
    IsADirectoryError: Phrase(
        "es una carpeta — den un archivo que esté en ella", "is a folder — give a file that is in it"
    ),
    NotADirectoryError: Phrase(
        "no es una carpeta — den la carpeta en la que está", "is not a folder — give the folder that it is in"
    ),
    PermissionError: Phrase(
        "no hay permiso para abrirlo — pídanlo a quien administra la computadora",
        "may not be opened — ask whoever runs the computer for permission",
    ),
    OSError: Phrase(
        "no se puede leer ni escribir — revisen el nombre y el disco",
        "cannot be read or written — check the name and the disk",
    ),
    UnicodeDecodeError: Phrase(
        "no está en UTF-8 — guárdenlo como UTF-8, no como Latin-1 ni Windows-1252",
        "is not UTF-8 — save it as UTF-8, not as Latin-1 or Windows-1252",
    ),
    ValueError: NOT_AN_AMENDMENT,
    RecursionError: NOT_AN_AMENDMENT,
}
TEXT_PROBLEMS: Mapping[ProblemCode, Phrase] = {
    ProblemCode.MISSING_AGREEMENT_HEADING: Phrase(
        "el acuerdo no tiene título — empiecen con: # Título {{#agreement}}",
        "the agreement has no title — begin with: # Title {{#agreement}}",
    ),
    ProblemCode.REPEATED_AGREEMENT_HEADING: Phrase(
        "el título ya está en la línea {first_line} — escriban este encabezado con más #",
        "the title stands in line {first_line} already — write this heading with more #",
    ),
    ProblemCode.TEXT_OUTSIDE_PROVISIONS: Phrase(
        "este texto no está en ninguna disposición: «{text}» — pónganle un encabezado arriba",
        "this text is in no provision: “{text}” — put a heading above it",
    ),
    ProblemCode.MALFORMED_HEADING: Phrase(
        "el encabezado «{heading}» no tiene clave — termínenlo con {{#clave .tipo}}",
        "the heading “{heading}” has no key — end it with {{#key .kind}}",
    ),
    ProblemCode.BAD_KEY: Phrase(
        "«{key}» no sirve de clave — usen a–z, 0–9 y guiones sueltos",
        "“{key}” is no key — use a–z, 0–9 and single hyphens",
    ),
    ProblemCode.DUPLICATE_KEY: Phrase(
        "la clave «{key}» ya está en la línea {first_line} — den a cada quien la suya",
        "the key “{key}” stands in line {first_line} already — give each its own",
    ),
    ProblemCode.UNKNOWN_KIND: Phrase(
        "«{key}» es del tipo «{kind}» — usen preamble, title, article, clause o annex",
        "“{key}” has the kind “{kind}” — use preamble, title, article, clause or annex",
    ),
    ProblemCode.SKIPPED_LEVEL: Phrase(
        "«{key}» lleva {level} # debajo de un encabezado — escriban a lo más {deepest}",
        "“{key}” has {level} # below a heading — write {deepest} at most",
    ),
    ProblemCode.TOO_DEEP: Phrase(
        "«{key}» está en el nivel {depth} — a lo más {maximum}",
        "“{key}” is nested {depth} deep — {maximum} at most",
    ),
    ProblemCode.UNKNOWN_LANGUAGE: Phrase(
        "«{key}» está en «{language}», que el borrador no tiene — agreguen esa lengua o quiten el texto",
        "“{key}” is in “{language}”, which the draft does not have — add the language, or remove the text",
    ),
    ProblemCode.NO_LANGUAGE: Phrase(
        "el borrador no está en ninguna lengua — agreguen es.md o en.md",
        "the draft is in no language — add es.md or en.md",
    ),
    ProblemCode.REPEATED_LANGUAGE: Phrase(
        "«{language}» está dos veces — dejen una", "“{language}” is there twice — leave one"
    ),
}
COUNT_PROBLEMS: Mapping[CountProblem, Phrase] = {
    CountProblem.NOT_A_WHOLE_NUMBER: Phrase(
        "{subject}: «{value}» no es un número entero — corríjanlo",
        "{subject}: “{value}” is no whole number — correct it",
    ),
    CountProblem.NEGATIVE: Phrase(
        "{subject} son {value} — escriban 0 o más", "{subject} are {value} — write 0 or more"
    ),
    CountProblem.MORE_THAN_ENTITLED: Phrase(
        "{subject} son {value}, y no puede haber más de {limit} — corrijan los números",
        "{subject} are {value}, and there cannot be more than {limit} — correct the numbers",
    ),
    CountProblem.FEWER_VOTES_THAN_SEATS: Phrase(
        "{subject} son {value} y sus escaños {limit} — cada escaño tiene por lo menos un voto",
        "{subject} are {value} and its seats {limit} — each seat has at least one vote",
    ),
    CountProblem.IMPOSSIBLE_QUORUM: Phrase(
        "{subject} no puede ser {value} — escriban una parte menor que el todo, como 1/2 o 2/3",
        "{subject} cannot be {value} — write a share of less than all, such as 1/2 or 2/3",
    ),
    CountProblem.NOT_BOTH_CHAMBERS: Phrase(
        "{subject} no son las dos — den los números de las dos cámaras",
        "{subject} are not both there — give the numbers of both",
    ),
    CountProblem.NO_VOTES: Phrase(
        "{subject} son {value} — den por lo menos {limit}", "{subject} are {value} — give at least {limit}"
    ),
    CountProblem.PILLARS_DO_NOT_ADD_UP: Phrase(
        "{subject}: los pilares suman {value} y la cámara tiene {limit} — corrijan los números",
        "{subject}: the pillars add up to {value} and the chamber has {limit} — correct the numbers",
    ),
    CountProblem.REPEATED_PILLAR: Phrase(
        "{subject}: «{value}» está dos veces — dejen uno", "{subject}: “{value}” is there twice — leave one"
    ),
    CountProblem.PRESENT_WITH_PILLARS: Phrase(
        "{subject} «{value}» no se puede medir por pilares — usen otra regla",
        "{subject} “{value}” cannot be measured by pillars — use another rule",
    ),
}
AMENDMENT_PROBLEMS: Mapping[AmendmentProblem, Phrase] = {
    AmendmentProblem.BAD_NAME: Phrase(
        "no tiene nombre — pónganle uno, por ejemplo A7", "has no name — give it one, A7 for example"
    ),
    AmendmentProblem.BAD_TEXT: Phrase(
        "tiene letras rotas en un nombre, una clave o una lengua — vuelvan a escribirlos",
        "has broken letters in a name, a key or a language — write them again",
    ),
    AmendmentProblem.CHANGES_NOTHING: Phrase(
        "deja el texto como está — escriban lo que debe cambiar",
        "leaves the text as it is — write what is to change",
    ),
    AmendmentProblem.NO_OPERATIONS: Phrase(
        "no propone ningún cambio — escriban por lo menos uno", "proposes no change — write at least one"
    ),
    AmendmentProblem.REPEATED_OPERATION: Phrase(
        "hace dos veces lo mismo con «{key}», o la quita y también la cambia — dejen una sola cosa",
        "does the same to “{key}” twice, or deletes it and changes it too — leave one",
    ),
    AmendmentProblem.NOTHING_REPLACED: Phrase(
        "no cambia nada en «{key}» — escriban el texto nuevo o quiten ese cambio",
        "changes nothing in “{key}” — write the new text, or remove that change",
    ),
    AmendmentProblem.AMENDS_ITSELF: Phrase(
        "dice que se enmienda a sí misma — denle otro nombre, o quiten «amends»",
        "says that it amends itself — give it another name, or remove “amends”",
    ),
    AmendmentProblem.REPEATED_NAME: Phrase(
        "dos enmiendas llevan este nombre — den a cada una el suyo",
        "two amendments have this name — give each its own",
    ),
    AmendmentProblem.UNKNOWN_AMENDMENT: Phrase(
        "enmienda a otra que no está entre las que dieron — den también esa",
        "amends one that is not among those given — give that one, too",
    ),
    AmendmentProblem.THIRD_DEGREE: Phrase(
        "enmienda a una que ya enmienda a otra, y no se puede ir más lejos — escríbanla sobre la primera",
        "amends one that amends another already, and it goes no further — write it on the first",
    ),
    AmendmentProblem.DIFFERENT_LANGUAGES: Phrase(
        "los dos borradores no están en las mismas lenguas — pongan los mismos archivos en las dos carpetas, "
        "o digan --languages es,en",
        "the two drafts are not in the same languages — put the same files into both folders, or say "
        "--languages es,en",
    ),
    AmendmentProblem.UNKNOWN_LANGUAGE: Phrase(
        "escribe «{key}» en {language}, y el borrador no está en esa lengua — agréguenla al borrador o "
        "quítenla de la enmienda",
        "writes “{key}” in {language}, and the draft is not in that language — add it to the draft, or "
        "remove it from the amendment",
    ),
    AmendmentProblem.UNKNOWN_PROVISION: Phrase(
        "el borrador no tiene una disposición «{key}» — revisen si es el borrador que corresponde",
        "the draft has no provision “{key}” — see whether it is the right draft",
    ),
    AmendmentProblem.MORE_THAN_A_TITLE: Phrase(
        "«{key}» es el acuerdo mismo y sólo tiene título — pongan el texto en una disposición",
        "“{key}” is the agreement itself and has a title only — put the text into a provision",
    ),
    AmendmentProblem.PLACE_TAKEN: Phrase(
        "pone «{key}» donde ya pone otra disposición — pongan una detrás de la otra",
        "puts “{key}” where it puts another provision — put one behind the other",
    ),
    AmendmentProblem.UNKNOWN_PLACE: Phrase(
        "pone «{key}» en un lugar que el borrador no tiene — revisen dónde va y detrás de cuál",
        "puts “{key}” into a place that the draft does not have — check in what and behind what it goes",
    ),
    AmendmentProblem.BAD_KEY: Phrase(
        "«{key}» no sirve de clave — usen a–z, 0–9 y guiones sueltos",
        "“{key}” is no key — use a–z, 0–9 and single hyphens",
    ),
    AmendmentProblem.KEY_TAKEN: Phrase(
        "agrega «{key}», y esa clave ya la tiene otra disposición — denle una clave nueva",
        "adds “{key}”, and another provision has that key — give it a new key",
    ),
    AmendmentProblem.WORDS_CHANGED: Phrase(
        "se escribió sobre un texto de «{key}» ({language}) que no es el de este borrador — den el borrador "
        "sobre el que se escribió, o llévenla a este con: python -m agreements rebase",
        "was written on a text of “{key}” ({language}) that is not the one of this draft — give the draft "
        "that it was written on, or carry it over with: python -m agreements rebase",
    ),
    AmendmentProblem.INSIDE_ITSELF: Phrase(
        "pone «{key}» dentro de sí misma — pónganla en otro lugar",
        "puts “{key}” inside itself — put it elsewhere",
    ),
    AmendmentProblem.TOO_DEEP: Phrase(
        "deja «{key}» demasiado adentro — a lo más cinco niveles, uno dentro de otro",
        "leaves “{key}” too deep — five levels at most, one inside the other",
    ),
    AmendmentProblem.IN_DELETED_PROVISION: Phrase(
        "pone o escribe «{key}» dentro de lo que ella misma quita — no quiten una cosa u otra",
        "puts or writes “{key}” inside of what it deletes itself — give up one or the other",
    ),
    AmendmentProblem.COLLISION: Phrase(
        "hay enmiendas que chocan y no se pueden aprobar juntas ({pairs}) — vean en qué con: python -m "
        "agreements collisions",
        "some amendments collide and cannot be adopted together ({pairs}) — see in what with: python -m "
        "agreements collisions",
    ),
    AmendmentProblem.CONTRADICTORY_RESULTS: Phrase(
        "es idéntica a otra y no tuvo el mismo resultado — den a las dos el mismo",
        "is identical to another and had a different result — give both the same",
    ),
    AmendmentProblem.BAD_DIVISION: Phrase(
        "no se puede dividir así: cada pieza va en una sola parte, y cada parte tiene que valer por sí sola "
        "— repártanla de otro modo",
        "cannot be divided like this: each piece goes into one part, and each part must stand by itself — "
        "divide it another way",
    ),
}
