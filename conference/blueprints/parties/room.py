"""What the pages of groups have in common: they are for whoever leads the organization, and stay nowhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response

from conference.extensions import db
from conference.queries.parties import group as find_group
from conference.web.access import current_identity
from conference.web.keys import keys_for
from conference.web.locale import required_conference
from conference.web.wording import error_text

if TYPE_CHECKING:
    from conference.domain.errors import DomainError
    from conference.forms.parties import GroupForm, NamedByLeadForm, ShrinkForm
    from conference.queries.parties import GroupView

blueprint = Blueprint("parties", __name__)

# The field at which an error of the service is shown.
FIELDS = {
    "badge_name_needed": "badge_name",
    "badge_name_too_long": "badge_name",
    "category_closed": "category",
    "conference_over": "category",
    "consent_needed": "attend",
    "delegate_of_voice_only": "category",
    "group_larger_than_places": "size",
    "group_size_wrong": "size",
    "guests_are_named": "size",
    "organization_not_taking_part": "organization",
    "registration_closed": "category",
    "too_many_unnamed": "size",
}


@blueprint.after_request
def keep_nothing(response: Response) -> Response:
    """Names and links of tickets stay in no browser's cache."""
    response.headers["Cache-Control"] = "no-store"
    return response


def own_group(party_id: int) -> GroupView:
    """Return the group, if whoever asks answers for its organization's people; else there is none."""
    return find_group(
        db.session(),
        conference_id=required_conference().id,
        party_id=party_id,
        organization_ids=current_identity().people_of,
        keys=keys_for("tickets"),
    )


def show_at_field(form: GroupForm | ShrinkForm | NamedByLeadForm, error: DomainError) -> None:
    """Put an error of the service at its field; one that is about no field of the form is raised again."""
    db.session.rollback()
    name = FIELDS.get(error.code)
    if name is None or name not in form:
        raise error
    form[name].errors = [error_text(error.code, **error.data)]
