"""Which proof counts for what: a truth table."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from conference.policies import Permission, last_proof

PROVED = datetime(2026, 10, 12, 10, tzinfo=UTC)
ASSURED = PROVED - timedelta(hours=1)
OTHERS = [permission for permission in Permission if permission is not Permission.MANAGE_KEYS]


def counting(
    permission: Permission, *, staff: bool, second_factor: bool, assured_at: datetime | None
) -> datetime | None:
    return last_proof(
        permission, staff=staff, second_factor=second_factor, proved_at=PROVED, assured_at=assured_at
    )


@pytest.mark.parametrize("assured_at", [None, ASSURED])
@pytest.mark.parametrize(
    ("staff", "second_factor", "shown"),
    [(True, True, True), (True, False, False), (False, True, False), (False, False, False)],
)
def test_keys_are_managed_with_the_second_factor_by_staff_who_have_one(
    staff: bool, second_factor: bool, shown: bool, assured_at: datetime | None
) -> None:
    proof = counting(Permission.MANAGE_KEYS, staff=staff, second_factor=second_factor, assured_at=assured_at)
    assert proof == (assured_at if shown else PROVED)


@pytest.mark.parametrize("permission", OTHERS)
@pytest.mark.parametrize("assured_at", [None, ASSURED])
@pytest.mark.parametrize(
    ("staff", "second_factor", "shown"),
    [(True, True, True), (True, False, True), (False, True, False), (False, False, False)],
)
def test_everything_else_is_done_by_staff_with_a_second_factor(
    permission: Permission, staff: bool, second_factor: bool, shown: bool, assured_at: datetime | None
) -> None:
    proof = counting(permission, staff=staff, second_factor=second_factor, assured_at=assured_at)
    assert proof == (assured_at if shown else PROVED)


def test_who_was_never_asked_has_proved_nothing() -> None:
    for staff in (True, False):
        assert (
            last_proof(
                Permission.MANAGE_KEYS, staff=staff, second_factor=False, proved_at=None, assured_at=None
            )
            is None
        )
