"""An entry's form: what it offers, how a place is found by its name, and what it says when it is sent."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from flask_babel import gettext as _

from agreements import Chamber
from conference.domain.directory import (
    DEFAULT_VISIBILITY,
    EntryField,
    LegalForm,
    OrganizationKind,
    Visibility,
)
from conference.domain.entries import Entry
from conference.domain.errors import Conflict
from conference.domain.places_of_origin import (
    MOST_FOUND,
    find_municipalities,
    known_municipality,
    languages,
    meant,
    same_place,
    states,
    us_states,
)
from conference.forms.base import SelectChoice
from conference.forms.entries import MORE_LANGUAGES, EntryForm, NameForm, PlaceForm
from conference.web.languages import language_name
from conference.web.places_of_origin import origin_name, us_state_name
from conference.web.wording import error_text, word

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from flask_babel.speaklater import LazyString

    from conference.domain.errors import Invalid

# Offered as boxes; all others are in the lists below them.
USUAL_LANGUAGES = ("spa", "eng", "mix", "mxv", "vmc", "zai", "zab", "zpu", "trc", "mxp", "mau", "ctp")
_SUFFIX_BYTES = 3
# Which field an error of the domain is about.
_FIELDS = {
    "organization_name_needed": "name",
    "organization_name_unchanged": "name",
    "organization_name_taken": "name",
    "government_by_invitation": "kind",
    "municipality_unknown": "origin",
    "us_state_unknown": "us_state",
    "us_state_and_city": "us_city",
    "entry_language_unknown": "languages",
    "website_unsafe": "website",
}


# -- choices -----------------------------------------------------------------------------------------


def with_choices(
    form: EntryForm,
    *,
    kinds: Iterable[OrganizationKind],
    sides: Mapping[Chamber, LazyString],
    before: Entry | None = None,
) -> EntryForm:
    """Give the form its choices; those of an entry that is changed hold what it said `before`."""
    form.kind.choices = [
        SelectChoice("", _("Choose…")),
        *(SelectChoice(kind.value, word(kind)) for kind in kinds),
    ]
    form.side.choices = [SelectChoice(side.value, str(words)) for side, words in sides.items()]
    form.origin_state.choices = origin_states(_("All states"))
    form.us_state.choices = us_state_choices(_("None"))
    form.legal_form.choices = [SelectChoice(one.value, word(one)) for one in LegalForm]
    _offer_languages(form, () if before is None else before.languages)
    for field in EntryField:
        readers = form.readers_of(field)
        readers.choices = [SelectChoice(one.value, word(one)) for one in Visibility]
        # Each says of what: by ear, eight lists of one name could not be told apart.
        readers.label.text = _("Who may read: %(field)s", field=word(field))
        # Read when the form was made, which knew no choices yet.
        if readers.data is None:
            readers.data = DEFAULT_VISIBILITY[field].value
    return form


def origin_states(none: str) -> list[SelectChoice]:
    """Return Mexico's states by name, after the choice of none of them."""
    named = sorted(states().items(), key=lambda state: state[1])
    return [SelectChoice("", none), *(SelectChoice(key, name) for key, name in named)]


def us_state_choices(none: str) -> list[SelectChoice]:
    """Return the states of the United States by name, after the choice of none of them."""
    named = sorted((us_state_name(code), code) for code in us_states())
    return [SelectChoice("", none), *(SelectChoice(code, name) for name, code in named)]


def language_choices(none: str, codes: Iterable[str] | None = None) -> list[SelectChoice]:
    """Return languages by name (all that are known, or those given), after the choice of none of them."""
    named = sorted((language_name(code), code) for code in codes or languages())
    return [SelectChoice("", none), *(SelectChoice(code, name) for name, code in named)]


def _offer_languages(form: EntryForm, spoken: Iterable[str]) -> None:
    boxes = dict.fromkeys((*USUAL_LANGUAGES, *spoken))
    form.languages.choices = [SelectChoice(code, _with_own_name(code)) for code in boxes]
    others = language_choices(_("None"), [code for code in languages() if code not in boxes])
    for name in MORE_LANGUAGES:
        form[name].choices = others


def _with_own_name(code: str) -> str:
    found, name = languages().get(code), language_name(code)
    if found is None or not found.own_name or found.own_name.casefold() in name.casefold():
        return name
    return f"{name} · {found.own_name}"


# -- finding a place ---------------------------------------------------------------------------------


def offer_places(form: EntryForm | PlaceForm) -> int:
    """Offer the municipalities that the typed name may mean, and the chosen one; return how many fit."""
    found = find_municipalities(form.origin.data or "", state=form.origin_state.data or None)
    chosen = known_municipality(form.municipality.data or None)
    keys = dict.fromkeys([*([chosen.key] if chosen else []), *(one.key for one in found[:MOST_FOUND])])
    offered = [SelectChoice(key, origin_name(key)) for key in keys]
    if offered:
        offered.append(SelectChoice("", _("None of these")))
    form.municipality.choices = offered
    return len(found)


def settle_place(form: EntryForm) -> bool:
    """Take the municipality that is meant; where that is not certain, say so and offer those that may be."""
    typed, chosen = form.origin.data or "", form.municipality.data or ""
    if not typed or (chosen and same_place(typed, chosen)):
        offer_places(form)
        return True
    one = meant(typed, state=form.origin_state.data or None)
    if one is not None:
        form.municipality.data = one.key
        offer_places(form)
        return True
    form.municipality.data = None
    count = offer_places(form)
    if count == 0:
        form.origin.errors = [
            _("We found no municipality of this name there. Look at the spelling, or choose another state.")
        ]
    elif count > MOST_FOUND:
        form.origin.errors = [
            _("%(count)s municipalities fit. Choose the state, or write more of the name.", count=count)
        ]
    else:
        form.municipality.errors = [_("Several places are called so. Choose yours.")]
    return False


# -- reading and filling -----------------------------------------------------------------------------


def entry_of(form: EntryForm, *, before: Entry | None = None) -> Entry:
    """Return what a form that was checked says; kind and side of an entry `before` stay.

    So does its name where the form does not ask for one.
    """
    more = (form[name].data for name in MORE_LANGUAGES)
    return Entry(
        name=before.name if before is not None and "name" not in form else form.name.data or "",
        kind=OrganizationKind(form.kind.data) if before is None else before.kind,
        side=Chamber(form.side.data) if before is None else before.side,
        municipality=form.municipality.data or None,
        us_state=form.us_state.data or None,
        us_city=form.us_city.data or "",
        languages=tuple(dict.fromkeys(code for code in (*(form.languages.data or ()), *more) if code)),
        description={
            **({} if before is None else before.description),
            "es": form.description_es.data or "",
            "en": form.description_en.data or "",
        },
        website=form.website.data or "",
        legal_form=LegalForm(form.legal_form.data),
        funders=form.funders.data or "",
        affiliations=form.affiliations.data or "",
        visibility={field: Visibility(form.readers_of(field).data) for field in EntryField},
    )


def key_suffix() -> str:
    """Return what ends the key of a new entry: drawn, so that it tells of no other entry."""
    return secrets.token_hex(_SUFFIX_BYTES)


def said_by(entry: Entry) -> dict[str, object]:
    """Return what the form of an entry that is changed holds at first."""
    readers = {f"{field.value}_readers": readers.value for field, readers in entry.visibility.items()}
    return {
        "name": entry.name,
        "kind": entry.kind.value,
        "side": entry.side.value,
        "municipality": entry.municipality or "",
        "us_state": entry.us_state or "",
        "us_city": entry.us_city,
        "languages": list(entry.languages),
        "description_es": entry.description.get("es", ""),
        "description_en": entry.description.get("en", ""),
        "website": entry.website,
        "legal_form": entry.legal_form.value,
        "funders": entry.funders,
        "affiliations": entry.affiliations,
        **readers,
    }


def show_refusal(form: NameForm, refusal: Conflict | Invalid) -> int:
    """Say what was refused, beside the field that it is about; return the status to answer with."""
    said = error_text(refusal.code, **refusal.data)
    field = _FIELDS.get(refusal.code, "")
    if field in form:
        form[field].errors = [said]
    else:
        form.form_errors.append(said)
    return 409 if isinstance(refusal, Conflict) else 422
