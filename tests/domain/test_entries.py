"""Who may read which field of an entry, and what an entry cannot say."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from agreements import Chamber
from conference.domain.directory import (
    DEFAULT_VISIBILITY,
    EntryField,
    OrganizationKind,
    Reader,
    Visibility,
    decided,
    shown_destination,
    shown_fields,
    visible_to,
)
from conference.domain.entries import ENTERED_BY_THEMSELVES, GOVERNMENTS, Entry, check_asked_anew, check_entry
from conference.domain.errors import Conflict, Invalid

ENTRY = Entry(name="Club Yalálag", kind=OrganizationKind.HTA, side=Chamber.US)


@pytest.mark.parametrize("field", EntryField)
@pytest.mark.parametrize(
    ("readers", "seen"),
    [
        (Visibility.PUBLIC, {Reader.ANYBODY, Reader.MEMBER, Reader.OWN}),
        (Visibility.MEMBERS, {Reader.MEMBER, Reader.OWN}),
        (Visibility.PRIVATE, {Reader.OWN}),
    ],
)
def test_a_field_is_seen_by_whom_the_organization_chose(field, readers, seen):
    visibility = {field.value: readers.value}

    assert {reader for reader in Reader if visible_to(field, visibility, reader)} == seen


def test_every_field_has_a_default_and_only_where_people_live_and_the_legal_form_are_kept():
    assert set(DEFAULT_VISIBILITY) == set(EntryField)
    assert set(EntryField) - shown_fields({}, Reader.ANYBODY) == {
        EntryField.DESTINATION,
        EntryField.LEGAL_FORM,
    }
    assert shown_fields({}, Reader.MEMBER) == set(EntryField)


def test_what_nobody_understands_is_private():
    assert decided({"website": "evrybody"})[EntryField.WEBSITE] is Visibility.PRIVATE
    assert not visible_to(EntryField.WEBSITE, {"website": "evrybody"}, Reader.MEMBER)


@pytest.mark.parametrize(
    ("visibility", "reader", "seen"),
    [
        ({}, Reader.ANYBODY, ("OR", "")),
        ({}, Reader.MEMBER, ("OR", "Salem")),
        ({"destination": "public"}, Reader.ANYBODY, ("OR", "Salem")),
        ({"destination": "private"}, Reader.MEMBER, (None, "")),
        ({"destination": "private"}, Reader.OWN, ("OR", "Salem")),
    ],
)
def test_the_city_is_kept_and_the_state_is_known(visibility, reader, seen):
    assert shown_destination("OR", "Salem", visibility, reader) == seen


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"name": ""}, "organization_name_needed"),
        ({"municipality": "99999"}, "municipality_unknown"),
        ({"us_state": "ZZ", "us_city": "Salem"}, "us_state_unknown"),
        ({"us_state": "OR"}, "us_state_and_city"),
        ({"us_city": "Salem"}, "us_state_and_city"),
        ({"languages": ("spa", "qqq")}, "entry_language_unknown"),
        ({"website": "javascript:alert(1)"}, "website_unsafe"),
    ],
)
def test_an_entry_cannot_say_what_is_not_so(change, code):
    with pytest.raises(Invalid) as refusal:
        check_entry(replace(ENTRY, **change))

    assert refusal.value.code == code


def test_an_entry_may_keep_a_language_that_it_named_before():
    check_entry(replace(ENTRY, languages=("qqq",)), said_before=["qqq"])


def test_governments_are_invited_and_everybody_else_enters():
    assert set(ENTERED_BY_THEMSELVES) | GOVERNMENTS == set(OrganizationKind)
    assert not set(ENTERED_BY_THEMSELVES) & GOVERNMENTS


def test_who_was_refused_asks_again_a_day_later_and_not_a_moment_sooner():
    refused_at = datetime(2027, 3, 1, 12, tzinfo=UTC)
    opens_at = refused_at + timedelta(days=1)
    check_asked_anew(None, now=refused_at)
    check_asked_anew(refused_at, now=opens_at)
    with pytest.raises(Conflict) as refusal:
        check_asked_anew(refused_at, now=opens_at - timedelta(microseconds=1))
    assert (refusal.value.code, refusal.value.data) == ("asked_anew_too_soon", {"moment": opens_at})
