"""The first page on a phone: from the address on the console to a conference with an organizer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from conference.web.set_up import set_up_token
from tests.browsers import accessibility_faults, sideways_scroll

if TYPE_CHECKING:
    from flask import Flask

    from tests.browsers import Pages


@pytest.mark.parametrize("language", ["es", "en"])
@pytest.mark.parametrize("javascript", [True, False])
def test_a_house_is_set_up_on_a_phone(
    app: Flask, open_page: Pages, language: str, *, javascript: bool
) -> None:
    with app.app_context():
        address = f"/{language}/set-up/{set_up_token()}"
    page = open_page(javascript=javascript, width=375)
    page.goto(address)
    page.locator("#name_es").fill("Encuentro de Pueblos")
    page.locator("#city").fill("Oaxaca")
    page.locator("#email").fill("ana@example.org")
    page.locator("#set-up button[type=submit]").click()
    # The day is missing: everything else is still there.
    expect(page.locator("#first_day-error")).to_be_visible()
    expect(page.locator("#name_es")).to_have_value("Encuentro de Pueblos")
    assert sideways_scroll(page) == 0
    assert not javascript or accessibility_faults(page) == []
    page.locator("#first_day").fill("2097-03-06")
    page.locator("#time_zone").select_option("America/Mexico_City")
    page.locator("#set-up button[type=submit]").click()
    expect(page).to_have_url(f"/{language}/account/second-factor?next=/{language}/encuentro-de-pueblos/now")
    page.goto(f"/{language}/encuentro-de-pueblos/roles")
    expect(page.locator("h1")).to_be_visible()
    page.goto(address)
    expect(page.locator("main")).to_contain_text("404")


def test_it_fits_the_narrowest_phone(app: Flask, open_page: Pages) -> None:
    with app.app_context():
        address = f"/es/set-up/{set_up_token()}"
    page = open_page(width=320)
    page.goto("/es/")
    assert sideways_scroll(page) == 0
    page.goto(address)
    assert (sideways_scroll(page), accessibility_faults(page)) == (0, [])
