"""Drawing an access card's secrets, and the sheet that shows them, once."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import current_app, url_for
from flask_babel import force_locale
from flask_babel import gettext as _
from markupsafe import Markup

from conference.domain.cards import CODE_ALPHABET, CODE_LENGTH, shown_card_code
from conference.exports.qr import link_qr_svg
from conference.services.cards import CardSecrets
from conference.web.letters import absolute
from conference.web.pages import page

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flask import Response

    from conference.forms.base import Form


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a card and the steps beside it say in one language."""

    language: str
    number: str
    title: str
    steps: Sequence[str]
    by_hand: str
    address: str
    once: str


@dataclass(frozen=True, slots=True)
class PrintedCard:
    """A card to print, and the steps beside it in every language of the house, the holder's first."""

    number: int
    code: str
    qr: Markup
    sheets: Sequence[Sheet]


def draw_card() -> CardSecrets:
    """Draw what stands on a new card: 256 random bits for its QR code, ten letters to type."""
    return CardSecrets(
        token=secrets.token_urlsafe(32),
        code="".join(secrets.choice(CODE_ALPHABET) for _letter in range(CODE_LENGTH)),
    )


def card_sheet(
    drawn: CardSecrets, *, number: int, language: str, of_role: bool = False, form: Form | None = None
) -> Response:
    """Answer with the sheet to print: the card, and what to do with it in every language of the house.

    `language` is the holder's. The secrets are nowhere else: whoever loses the sheet gets another card, at
    the desk or, `of_role`, from an organizer. `form` asks for the next person's ticket, where people queue.
    """
    printed = printed_card(drawn, number=number, language=language, of_role=of_role)
    return page(
        "cards/print.html",
        form=form,
        number=number,
        code=printed.code,
        qr=printed.qr,
        sheets=printed.sheets,
    )


def printed_card(drawn: CardSecrets, *, number: int, language: str, of_role: bool = False) -> PrintedCard:
    """Return a card as it is printed; see `card_sheet`."""
    address = absolute(url_for("cards.card", lang=language, token=drawn.token))
    return PrintedCard(
        number=number,
        code=shown_card_code(drawn.code),
        qr=Markup(link_qr_svg(address, label=_("QR code of the card"))),  # noqa: S704 - our own drawing
        sheets=tuple(_sheet(code, number, of_role=of_role) for code in _languages(language)),
    )


def _languages(first: str) -> list[str]:
    languages: tuple[str, ...] = current_app.config["LANGUAGES"]
    return sorted(languages, key=lambda code: code != first)


def _sheet(language: str, number: int, *, of_role: bool) -> Sheet:
    typed = absolute(url_for("cards.scan", lang=language)).split("://", 1)[-1]
    with force_locale(language):
        return Sheet(
            language=language,
            number=_("Card %(number)s", number=number),
            title=_("How to get in with this card"),
            steps=(
                _("Open the camera of your phone and point it at the square."),
                _("Tap the link that appears."),
                _("Tap “Get in on this phone”. That is all."),
            ),
            by_hand=_("The camera does not read it? Open this address and type the code of the card:"),
            address=typed,
            once=_of_role() if of_role else _of_the_desk(),
        )


def _of_the_desk() -> str:
    return _("The card works once. You lost the card or the phone? Come to the desk.")


def _of_role() -> str:
    # The desk turns them away: it prints no card that opens what others may not do.
    return _(
        "The card works once. You lost the card or the phone? Tell an organizer, who prints you another."
    )
