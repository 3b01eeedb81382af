"""Filling in the forms of our pages and sending them, as a person with a browser does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bs4 import BeautifulSoup

if TYPE_CHECKING:
    from bs4 import Tag
    from werkzeug.test import TestResponse

    from tests.clients import CheckedClient

HTMX = {"HX-Request": "true"}


def submit(
    client: CheckedClient,
    address: str,
    /,
    *,
    to: str = "",
    headers: dict[str, str] | None = None,
    **values: Any,
) -> TestResponse:
    """Open a page, fill in its form and send it; `to` is a part of its action where a page has several.

    What a page does not ask for cannot be filled in, but `values` may name a button of the form.
    """
    opened = client.get(address)
    assert opened.status_code == 200, f"{address} → {opened.status_code}"
    return send(client, form_of(opened, to), headers=headers, **values)


def form_of(response: TestResponse, to: str = "") -> Tag:
    """Return the only form of a page's content, or a fragment, whose action is `to`, or else contains it."""
    soup = BeautifulSoup(response.text, "html5lib")
    # The button of a passkey stands beside the form of a page, and is asked for by name.
    beside = "form" if "passkey" in to else 'form:not([action$="/passkey"])'
    found = soup.select(f"main {beside}") or soup.select(beside)
    fitting = [form for form in found if form["action"] == to] or [f for f in found if to in f["action"]]
    assert len(fitting) == 1, f"{len(fitting)} forms to {to!r}: {[form['action'] for form in found]}"
    return fitting[0]


def send(
    client: CheckedClient, form: Tag, *, headers: dict[str, str] | None = None, **values: Any
) -> TestResponse:
    """Send a form with what it holds already and these values."""
    unknown = values.keys() - {field.get("name") for field in form.select("[name]")}
    assert not unknown, f"the form does not ask for {sorted(unknown)}"
    return client.post(form["action"], data=filled_in(form) | values, headers=headers)


def filled_in(form: Tag) -> dict[str, str]:
    """Return what a browser would send of a form as it stands; of its buttons none."""
    held = {
        field["name"]: field.get("value", "")
        for field in form.select("input[name]:not([type=submit])")
        # A choice that nobody ticked is not sent.
        if field.get("type") not in {"radio", "checkbox"} or field.has_attr("checked")
    }
    held |= {area["name"]: area.text for area in form.select("textarea[name]")}
    for choice in form.select("select[name]"):
        chosen = choice.select_one("option[selected]") or choice.select_one("option")
        held[choice["name"]] = chosen["value"] if chosen else ""
    return held
