"""Open data: what organizations made public, for everybody's own programs."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from flask import Blueprint, Response, current_app, make_response, url_for
from flask_babel import force_locale

from conference.exports.open_data import organizations_csv, organizations_json, table_columns
from conference.extensions import db
from conference.policies import Permission
from conference.queries.open_data import open_organizations
from conference.web.access import requires
from conference.web.etag import not_modified
from conference.web.letters import absolute
from conference.web.locale import required_conference
from conference.web.open_data_wording import columns_explained, coverage
from conference.web.pages import page

if TYPE_CHECKING:
    from conference.queries.open_data import OpenOrganization

blueprint = Blueprint("open_data", __name__)

# Facts that organizations published about themselves: to be used by whoever names where they are from.
LICENCE = {"name": "CC BY 4.0", "url": "https://creativecommons.org/licenses/by/4.0/"}


@blueprint.get("/<lang>/<slug>/open-data")
@requires(Permission.READ_PUBLIC)
def about() -> Response:
    """Say what the data cover and what not, what each column means, and how they may be used."""
    columns = table_columns(required_conference().languages)
    return page(
        "open_data/about.html", columns=columns_explained(columns), coverage=coverage(), licence=LICENCE
    )


@blueprint.get("/<lang>/<slug>/organizations.csv")
@requires(Permission.READ_PUBLIC)
def table() -> Response:
    """Give the organizations as a table; what they cover is said on the page that the answer links to."""
    content = organizations_csv(_organizations(), required_conference().languages)
    return _file(content, "text/csv; charset=utf-8", "organizations.csv")


@blueprint.get("/<lang>/<slug>/organizations.json")
@requires(Permission.READ_PUBLIC)
def document() -> Response:
    """Give the organizations as JSON, with the note on what they cover in each language."""
    return _file(
        organizations_json(_organizations(), _about()),
        "application/json; charset=utf-8",
        "organizations.json",
    )


def _organizations() -> tuple[OpenOrganization, ...]:
    return open_organizations(db.session(), conference_id=required_conference().id)


def _about() -> dict[str, object]:
    conference = required_conference()
    notes = {}
    for language in current_app.config["LANGUAGES"]:
        with force_locale(language):
            notes[language] = coverage()
    return {
        "conference": {"key": conference.slug, "name": dict(conference.name), "url": _page_of("front")},
        "coverage": notes,
        "license": LICENCE,
        "documentation": absolute(url_for("open_data.about")),
    }


def _page_of(page_name: str) -> str:
    return absolute(url_for(f"conference.{page_name}"))


def _file(content: bytes, content_type: str, name: str) -> Response:
    """Answer with the file, or with 304 where the reader has just that already."""
    etag = sha256(content).hexdigest()[:24]
    response = not_modified(etag) or make_response(content)
    response.set_etag(etag, weak=True)
    response.headers["Content-Type"] = content_type
    response.headers["Content-Disposition"] = f'inline; filename="{name}"'
    response.headers["Link"] = (
        f'<{url_for("open_data.about")}>; rel="describedby", <{LICENCE["url"]}>; rel="license"'
    )
    return response
