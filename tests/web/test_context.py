"""What stands on every page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from bs4 import BeautifulSoup

from config import Embedded, Production, Testing

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask

    from config import Configuration
    from tests.clients import CheckedClient

SOURCE = "https://forge.example/asamblea?branch=ours&x=1"


def footer_links(client: CheckedClient, address: str) -> list[str]:
    page = BeautifulSoup(client.get(address).text, "html5lib")
    return [str(link["href"]) for link in page.select("footer a")]


@pytest.mark.parametrize("address", ["/es/", "/en/sign-in", "/es/nowhere/program"])
def test_every_page_offers_the_source_of_what_runs_here_where_the_operator_names_it(
    new_client: Callable[..., CheckedClient], build_app: Callable[..., Flask], address: str
) -> None:
    licence = "https://www.gnu.org/licenses/agpl-3.0.html"
    language = address.split("/")[1]

    rights = f"/{language}/rights"
    assert footer_links(new_client(), address) == [licence, rights]
    assert footer_links(new_client(build_app(SOURCE_URL=SOURCE)), address) == [licence, SOURCE, rights]


@pytest.mark.parametrize("situation", [Embedded, Production])
def test_the_address_of_the_source_comes_from_the_environment(
    monkeypatch: pytest.MonkeyPatch, situation: type[Configuration]
) -> None:
    for name in ("DATABASE", "MAIL", "MAIL_SENDER", "URL"):
        monkeypatch.setenv(f"ASAMBLEA_{name}", "https://asamblea.example.org")
    monkeypatch.setenv("ASAMBLEA_SECRET_KEY", Testing.SECRET_KEY * 2)
    monkeypatch.delenv("ASAMBLEA_SOURCE_URL", raising=False)
    assert situation().SOURCE_URL == ""
    monkeypatch.setenv("ASAMBLEA_SOURCE_URL", SOURCE)
    assert situation().SOURCE_URL == SOURCE
