"""Acts of several people at the same moment."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from conference.domain.errors import DomainError
from tests.timing import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.databases import Prepared


def at_once(prepared: Prepared, *acts: Callable[[Session], object]) -> list[object]:
    """Return what came of acts done at the same moment, each in its own transaction."""
    ready = threading.Barrier(len(acts), timeout=PATIENCE)
    came: list[object] = []

    def run(act: Callable[[Session], object]) -> None:
        ready.wait()
        with Session(prepared.engine) as own:
            try:
                result = act(own)
                own.commit()
            except DomainError as error:
                own.rollback()
                result = error.code
        came.append(result)

    people = [threading.Thread(target=run, args=(act,)) for act in acts]
    for person in people:
        person.start()
    for person in people:
        person.join(PATIENCE)
    return came
