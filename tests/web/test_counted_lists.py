"""Every list takes as many statements for 300 rows as for three and for one.

Counted on SQLite alone: the statements of both databases are the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from sqlalchemy.orm import Session

from conference.web.keys import key_for
from tests.clients import CheckedClient
from tests.crowds import GROUP, make_crowd
from tests.factories import sign_in
from tests.observation import counted

if TYPE_CHECKING:
    from flask import Flask

    from tests.databases import Databases

SIZES = (1, 3, 300)
HERE = "/es/muestra"


@dataclass(frozen=True, slots=True)
class Listing:
    """A page, who sees it, and what is sent to it; `grows`: with more rows it says more."""

    who: str
    place: str
    sent: tuple[tuple[str, str], ...] | None = None
    grows: bool = True


LISTINGS = (
    Listing("stranger", "organizations"),
    Listing("stranger", "organizations/federacion"),
    Listing("stranger", "federations"),
    Listing("stranger", "open-data", grows=False),
    Listing("stranger", "organizations.csv"),
    Listing("stranger", "organizations.json"),
    Listing("stranger", "accreditations"),
    Listing("stranger", "audit"),
    Listing("stranger", "audit.jsonl"),
    Listing("stranger", "register"),
    Listing("stranger", "forgetting", grows=False),
    Listing("person", "my-tickets"),
    Listing("lead", "directory/mine"),
    Listing("lead", "organizations/federacion/federations"),
    Listing("lead", "organizations/federacion/federations/ask"),
    Listing("lead", "groups"),
    Listing("lead", f"groups/{GROUP}"),
    Listing("lead", f"groups/{GROUP}/print"),
    Listing("lead", "credentials"),
    Listing("lead", "proxies"),
    Listing("staff", "directory/waiting"),
    Listing("staff", "directory/earlier"),
    Listing("staff", "mandates"),
    Listing("staff", "mandates?q=club"),
    Listing("staff", "places"),
    Listing("staff", "exports"),
    Listing("staff", "desk/find", (("text", "Nombre"),)),
    Listing("staff", "desk/pending"),
    Listing("staff", "attendance"),
    Listing("staff", "attendance/line"),
    Listing("staff", "needs"),
    Listing("staff", "badges"),
    Listing("staff", "notices", grows=False),
    Listing("staff", "forgetting", grows=False),
    Listing("staff", "credentials"),
    Listing("staff", "seats"),
    Listing("staff", "credentials/cards"),
    Listing("staff", "proxies"),
    Listing("staff", "substitutions"),
    Listing("staff", "quorum"),
    Listing("staff", "roles"),
    Listing("staff", "jobs"),
    Listing("staff", "mail", grows=False),
)
Counted = dict[Listing, dict[int, tuple[int, int]]]


@pytest.fixture(scope="module")
def seen(databases: Databases) -> Counted:
    """Of each page, by how many rows there are: how many statements it took, and how long it was."""
    prepared = databases.get("sqlite")
    found: Counted = {listing: {} for listing in LISTINGS}
    with pytest.MonkeyPatch.context() as patched:
        # The token is a guard of its own; a search is sent here without its form.
        patched.setitem(prepared.app.config, "WTF_CSRF_ENABLED", False)
        for size in SIZES:
            prepared.empty()
            with Session(prepared.engine.execution_options(reads_only=True)) as session:
                clients = _clients(prepared.app, session, size)
                # What is asked once a process, and noted once a sign-in, belongs to no page.
                for client in clients.values():
                    client.get(f"{HERE}/organizations")
                for listing in LISTINGS:
                    found[listing][size] = _visit(clients[listing.who], listing)
    prepared.empty()
    return found


def _clients(app: Flask, session: Session, size: int) -> dict[str, CheckedClient]:
    with app.app_context():
        crowd = make_crowd(session, size, key=key_for("tickets"))
    clients = {}
    for who in ("stranger", "staff", "lead", "person"):
        clients[who] = CheckedClient(app, app.response_class, use_cookies=True)
        clients[who].prepared, clients[who].reads_markup = session, False
        if who != "stranger":
            sign_in(clients[who], getattr(crowd, who))
    return clients


def _visit(client: CheckedClient, listing: Listing) -> tuple[int, int]:
    address = f"{HERE}/{listing.place}"
    with counted() as statements:
        sent = listing.sent
        answer = client.get(address) if sent is None else client.post(address, data=dict(sent))
    assert answer.status_code == 200, f"{address} → {answer.status_code}"
    return len(statements), len(answer.get_data(as_text=True))


@pytest.mark.parametrize("listing", LISTINGS, ids=lambda listing: f"{listing.who}-{listing.place}")
def test_a_list_takes_the_same_statements_whatever_its_length(seen: Counted, listing: Listing) -> None:
    statements = {size: taken for size, (taken, _length) in seen[listing].items()}
    lengths = [length for _taken, length in seen[listing].values()]

    assert statements == dict.fromkeys(SIZES, statements[1])
    assert not listing.grows or lengths[0] < lengths[1] < lengths[2]
