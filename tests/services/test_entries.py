"""Organizations enter, are answered, claimed, changed, withdraw and return; who sees them meanwhile."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from secrets import token_hex

import pytest
from sqlalchemy import select

from agreements import Chamber
from conference import models
from conference.domain.accounts import Role
from conference.domain.directory import (
    EntryField,
    LegalForm,
    OrganizationKind,
    OrganizationSource,
    OrganizationStatus,
    Visibility,
)
from conference.domain.entries import Entry, EntryRefusal
from conference.domain.errors import Conflict, Forbidden, Invalid, NotFound
from conference.queries.audit import log_page
from conference.queries.directory import (
    STRANGERS,
    Audience,
    Looked,
    audience_of,
    organization,
    organization_choices,
    organizations,
)
from conference.queries.entries import own_entries, own_entry, unclaimed_entries, waiting_entries
from conference.services import admissions, directory
from conference.services.accounts import Words
from conference.services.roles import grant_role
from tests.factories import (
    NOW,
    grant,
    identity_of,
    make_account,
    make_conference,
    make_delegate,
    make_organization,
    make_seat,
)

ENTRY = Entry(
    name="Club Yalálag",
    kind=OrganizationKind.HTA,
    side=Chamber.US,
    municipality="20038",
    us_state="OR",
    us_city="Salem",
    languages=("spa", "zpu"),
    description={"es": "Bailamos.", "en": ""},
    website="https://example.org",
    legal_form=LegalForm.US_NONPROFIT,
    funders="Fondo Inventado",
    affiliations="Red Inventada",
    visibility={EntryField.FUNDERS: Visibility.PRIVATE},
)


def letter(language, words="Hello"):
    return Words(language, "Your entry", words)


def enter(session, conference, account, entry=ENTRY, suffix=None):
    key = directory.enter_organization(
        session,
        conference_id=conference.id,
        entry=entry,
        suffix=suffix or token_hex(3),
        by=account.id,
        now=NOW,
    )
    return session.scalars(select(models.Organization).filter_by(key=key)).one()


def accept(session, conference, row, by):
    admissions.accept_organization(
        session,
        conference_id=conference.id,
        organization_id=row.id,
        letter=letter,
        by=by.id,
        now=NOW,
    )


def act(session, conference, row, by, service):
    service(session, conference_id=conference.id, organization_id=row.id, by=by.id, now=NOW)
    session.flush()


def listed(session, conference, audience=STRANGERS, **looked):
    found = organizations(session, conference_id=conference.id, audience=audience, looked=Looked(**looked))
    return [line.name for line in found]


def events(session, conference):
    """What stands in the log, the newest first."""
    return [
        one.event for one in log_page(session, conference_id=conference.id, before=None, length=50).entries
    ]


def kinds(session, conference):
    return [event["kind"] for event in events(session, conference)]


# -- entering ----------------------------------------------------------------------------------------


def test_who_enters_an_organization_leads_it_and_nobody_else_knows_of_it(session):
    conference, account = make_conference(session), make_account(session)

    row = enter(session, conference, account, suffix="f00d")

    assert (row.key, row.status, row.source) == (
        "club-yalalag-f00d",
        OrganizationStatus.PROPOSED,
        OrganizationSource.ENTERED,
    )
    assert identity_of(session, account, conference).leads == {row.id}
    assert (listed(session, conference), organization_choices(session, conference_id=conference.id)) == (
        [],
        (),
    )
    with pytest.raises(NotFound):
        organization(session, conference_id=conference.id, key=row.key)


def test_what_is_entered_is_kept_as_it_was_said(session):
    conference, account = make_conference(session), make_account(session)

    row = enter(session, conference, account)
    own = own_entry(session, conference_id=conference.id, key=row.key, leads={row.id})

    assert replace(own.entry, visibility={}, description={}) == replace(ENTRY, visibility={}, description={})
    assert own.entry.description == {"es": "Bailamos."}
    assert own.entry.visibility[EntryField.FUNDERS] is Visibility.PRIVATE
    assert (own.waits, own.listed, own.awaited) == (True, False, False)


def test_a_key_does_not_tell_whether_a_hidden_one_of_the_name_is_here(session):
    conference = make_conference(session)
    alone = enter(session, conference, make_account(session), replace(ENTRY, name="Club Solo"), "f00d")
    make_organization(session, key="club-yalalag", name=ENTRY.name, source=OrganizationSource.FOUND)

    beside = enter(session, conference, make_account(session), suffix="f00d")

    assert (alone.key, beside.key) == ("club-solo-f00d", "club-yalalag-f00d")


def test_one_key_is_given_once(session):
    conference = make_conference(session)
    enter(session, conference, make_account(session), suffix="f00d")

    with pytest.raises(Conflict) as refusal:
        enter(session, conference, make_account(session), suffix="f00d")

    assert refusal.value.code == "entered_at_once"


def test_a_name_in_other_letters_has_a_key_too(session):
    row = enter(
        session, make_conference(session), make_account(session), replace(ENTRY, name="同郷会"), "f00d"
    )

    assert row.key == "organization-f00d"


def test_nobody_enters_a_fourth_before_the_others_are_answered(session):
    conference, account = make_conference(session), make_account(session)
    for _ in range(3):
        enter(session, conference, account)

    with pytest.raises(Conflict) as refusal:
        enter(session, conference, account)

    assert (refusal.value.code, refusal.value.data) == ("entries_waiting", {"most": 3})


def test_taking_entries_back_makes_room_for_others_and_they_do_not_all_return(session):
    conference, account = make_conference(session), make_account(session)
    first = enter(session, conference, account)
    act(session, conference, first, account, directory.withdraw_organization)
    for _ in range(3):
        enter(session, conference, account)

    with pytest.raises(Conflict) as refusal:
        act(session, conference, first, account, directory.return_organization)

    assert (refusal.value.code, first.withdrawn_at) == ("entries_waiting", NOW)


def test_a_government_does_not_enter_itself(session):
    office = replace(ENTRY, kind=OrganizationKind.GOVERNMENT_STATE)

    with pytest.raises(Invalid) as refusal:
        enter(session, make_conference(session), make_account(session), office)

    assert refusal.value.code == "government_by_invitation"


# -- answering ---------------------------------------------------------------------------------------


def test_an_accepted_organization_takes_part_and_its_lead_is_told(session):
    conference, account = make_conference(session), make_account(session)
    organizer = grant(session, conference, Role.ORGANIZER)
    row = enter(session, conference, account)
    assert [one.entry.name for one in waiting_entries(session, conference_id=conference.id)] == [row.name]

    accept(session, conference, row, organizer)

    assert (row.status, listed(session, conference)) == (OrganizationStatus.ACTIVE, ["Club Yalálag"])
    assert waiting_entries(session, conference_id=conference.id) == ()
    mails = session.scalars(select(models.Message)).all()
    assert [(mail.recipient, mail.language) for mail in mails] == [(account.email, account.language)]
    assert "organization_accepted" in kinds(session, conference)


def test_the_log_names_no_organization(session):
    conference, account = make_conference(session), make_account(session)
    organizer = grant(session, conference, Role.ORGANIZER)
    row = enter(session, conference, account)
    refuse(session, conference, row, organizer)

    told = str(events(session, conference))

    assert ("yal" in told.casefold(), f"'organization': {row.id}" in told) == (False, True)


def refuse(session, conference, row, by, reason=EntryRefusal.INCOMPLETE):
    admissions.refuse_organization(
        session,
        conference_id=conference.id,
        organization_id=row.id,
        reason=reason,
        letter=partial(letter, words=reason.value),
        by=by.id,
        now=NOW,
    )


def test_a_refused_entry_stays_with_its_lead_who_is_told_why_and_may_ask_again(session):
    conference, account = make_conference(session), make_account(session)
    organizer = grant(session, conference, Role.ORGANIZER)
    row = enter(session, conference, account)

    refuse(session, conference, row, organizer)

    assert [mail.body for mail in session.scalars(select(models.Message))] == ["incomplete"]
    assert waiting_entries(session, conference_id=conference.id) == ()
    act(session, conference, row, account, directory.return_organization)
    assert [one.id for one in waiting_entries(session, conference_id=conference.id)] == [row.id]


def test_an_entry_is_answered_once(session):
    conference = make_conference(session)
    organizer = grant(session, conference, Role.ORGANIZER)
    row = enter(session, conference, make_account(session))
    accept(session, conference, row, organizer)

    for answer in (accept, refuse):
        with pytest.raises(Conflict) as refusal:
            answer(session, conference, row, organizer)
        assert refusal.value.code == "entry_answered"


def test_organizers_of_another_conference_neither_see_nor_answer_an_entry(session):
    conference, other = make_conference(session), make_conference(session)
    organizer = grant(session, other, Role.ORGANIZER)
    row = enter(session, conference, make_account(session))

    assert waiting_entries(session, conference_id=other.id) == ()
    for answer in (accept, refuse):
        with pytest.raises(NotFound):
            answer(session, other, row, organizer)


def test_organizers_are_told_that_one_of_the_name_is_listed(session):
    conference = make_conference(session)
    make_organization(session, conference, name="CLUB YALALAG")
    make_organization(session, name="Club Yalálag")
    enter(session, conference, make_account(session))

    (waiting,) = waiting_entries(session, conference_id=conference.id)

    assert waiting.alike == ("CLUB YALALAG",)
    assert EntryField.FUNDERS not in waiting.shown


# -- found and invited -------------------------------------------------------------------------------


def bring_in(session, source, entry=ENTRY):
    key = directory.enter_for_others(session, entry=entry, source=source, suffix=token_hex(3))
    return session.scalars(select(models.Organization).filter_by(key=key)).one()


@pytest.mark.parametrize("source", [OrganizationSource.FOUND, OrganizationSource.INVITED])
def test_what_others_entered_is_invisible_until_its_lead_says_that_it_is_theirs(session, source):
    conference, account = make_conference(session), make_account(session)
    organizer = grant(session, conference, Role.ORGANIZER)
    member = Audience(member=True)
    row = bring_in(session, source)
    assert [one.id for one in unclaimed_entries(session, conference_id=conference.id)] == [row.id]
    grant_role(
        session,
        conference_id=conference.id,
        email=account.email,
        role=Role.ORGANIZATION_LEAD,
        organization_id=row.id,
        language="es",
        by=organizer.id,
        now=NOW,
    )
    assert (listed(session, conference), listed(session, conference, member)) == ([], [])
    assert [one.invited for one in unclaimed_entries(session, conference_id=conference.id)] == [True]

    act(session, conference, row, account, directory.claim_organization)

    assert (row.status, row.claimed_at) == (
        OrganizationStatus.ACTIVE,
        NOW if source is OrganizationSource.FOUND else None,
    )
    assert listed(session, conference) == ["Club Yalálag"]
    assert unclaimed_entries(session, conference_id=conference.id) == ()
    assert kinds(session, conference)[0] == "organization_claimed"


def test_a_found_organization_that_was_put_into_a_conference_is_not_shown_either(session):
    conference = make_conference(session)
    make_seat(
        session,
        conference,
        organization=make_organization(session, conference, source=OrganizationSource.FOUND),
    )

    assert listed(session, conference) == []
    assert organization_choices(session, conference_id=conference.id) == ()


def test_an_organization_is_claimed_once(session):
    conference, account = make_conference(session), make_account(session)
    row = bring_in(session, OrganizationSource.FOUND)
    act(session, conference, row, account, directory.claim_organization)

    with pytest.raises(Conflict) as refusal:
        act(session, conference, row, account, directory.claim_organization)

    assert refusal.value.code == "organization_claimed"


def test_what_waits_for_the_organizers_is_not_claimed_around_them(session):
    conference, account = make_conference(session), make_account(session)
    row = enter(session, conference, account)

    with pytest.raises(Conflict):
        act(session, conference, row, account, directory.claim_organization)

    assert listed(session, conference) == []


def test_an_organizer_does_not_make_themselves_the_lead_of_what_they_found(session):
    conference = make_conference(session)
    organizer = grant(session, conference, Role.ORGANIZER)
    row = bring_in(session, OrganizationSource.FOUND)

    with pytest.raises(Forbidden) as refusal:
        grant_role(
            session,
            conference_id=conference.id,
            email=organizer.email,
            role=Role.ORGANIZATION_LEAD,
            organization_id=row.id,
            language="es",
            by=organizer.id,
            now=NOW,
        )

    assert refusal.value.code == "role_for_oneself"


def test_an_organization_of_another_conference_is_led_from_there_only(session):
    conference, other = make_conference(session), make_conference(session)
    organizer = grant(session, conference, Role.ORGANIZER)
    row = make_organization(session, other)
    grant(session, other, Role.ORGANIZATION_LEAD, organization=row)

    with pytest.raises(Invalid) as refusal:
        grant_role(
            session,
            conference_id=conference.id,
            email="nueva@example.org",
            role=Role.ORGANIZATION_LEAD,
            organization_id=row.id,
            language="es",
            by=organizer.id,
            now=NOW,
        )

    assert refusal.value.code == "organization_needed"


def test_organizers_bring_in_what_was_found_or_invited_and_nothing_else(session):
    with pytest.raises(Invalid):
        bring_in(session, OrganizationSource.ENTERED)


# -- withdrawing, resting, changing ------------------------------------------------------------------


def test_a_withdrawn_organization_is_listed_nowhere_and_returns_as_it_was(session):
    conference = make_conference(session)
    row = make_organization(session, conference, name="Club Yalálag")
    lead = grant(session, conference, Role.ORGANIZATION_LEAD, organization=row)

    act(session, conference, row, lead, directory.withdraw_organization)

    assert (listed(session, conference), organization_choices(session, conference_id=conference.id)) == (
        [],
        (),
    )
    assert [own.listed for own in own_entries(session, conference_id=conference.id, leads={row.id})] == [
        False
    ]
    with pytest.raises(Conflict):
        act(session, conference, row, lead, directory.withdraw_organization)
    act(session, conference, row, lead, directory.return_organization)
    assert listed(session, conference) == ["Club Yalálag"]
    assert kinds(session, conference)[:2] == ["organization_returned", "organization_withdrawn"]
    with pytest.raises(Conflict):
        act(session, conference, row, lead, directory.return_organization)


def test_an_organization_rests_dissolves_and_wakes(session):
    conference = make_conference(session)
    row = make_organization(session, conference)

    for status in (OrganizationStatus.DORMANT, OrganizationStatus.DISSOLVED, OrganizationStatus.ACTIVE):
        directory.set_own_status(session, organization_id=row.id, status=status)
        assert row.status is status
    with pytest.raises(Invalid):
        directory.set_own_status(session, organization_id=row.id, status=OrganizationStatus.PROPOSED)


def test_nobody_makes_an_entry_active_that_waits(session):
    conference = make_conference(session)
    row = enter(session, conference, make_account(session))

    with pytest.raises(Conflict) as refusal:
        directory.set_own_status(session, organization_id=row.id, status=OrganizationStatus.ACTIVE)

    assert (refusal.value.code, row.status) == ("entry_waits", OrganizationStatus.PROPOSED)


@pytest.mark.parametrize("status", OrganizationStatus)
def test_kind_and_side_stay_and_so_does_the_name_once_it_was_accepted(session, status):
    row = make_organization(
        session, make_conference(session), languages=["qqq"], name="Club de Antes", status=status
    )
    change = replace(
        ENTRY, kind=OrganizationKind.FEDERATION, side=Chamber.MX, languages=("qqq",), name="Otro Nombre"
    )

    directory.change_entry(session, organization_id=row.id, entry=change)

    assert (row.kind, row.side) == (OrganizationKind.HTA, Chamber.US)
    name = "Otro Nombre" if status is OrganizationStatus.PROPOSED else "Club de Antes"
    assert (row.name, row.languages, row.us_city) == (name, ["qqq"], "Salem")


# -- who reads what ----------------------------------------------------------------------------------


@pytest.fixture
def shown(session):
    """A listed organization that keeps its funders to itself and its legal form to members."""
    conference = make_conference(session)
    row = make_organization(session, conference, name=ENTRY.name)
    directory.change_entry(session, organization_id=row.id, entry=ENTRY)
    return conference, row


def read(session, conference, row, audience):
    found = organization(session, conference_id=conference.id, key=row.key, audience=audience)
    return (found.line.us_state, found.line.us_city, found.legal_form, found.funders, found.affiliations)


def test_each_reader_sees_what_is_theirs_to_see(session, shown):
    conference, row = shown

    assert read(session, conference, row, STRANGERS) == ("OR", "", None, "", "Red Inventada")
    assert read(session, conference, row, Audience(member=True)) == (
        "OR",
        "Salem",
        LegalForm.US_NONPROFIT,
        "",
        "Red Inventada",
    )
    assert read(session, conference, row, Audience(leads=frozenset({row.id}))) == (
        "OR",
        "Salem",
        LegalForm.US_NONPROFIT,
        "Fondo Inventado",
        "Red Inventada",
    )


def test_members_are_those_who_act_for_a_listed_organization(session, shown):
    conference, row = shown

    def member(account, of=conference):
        identity = identity_of(session, account, of)
        return audience_of(session, conference_id=of.id, identity=identity).member

    delegate, _seat = make_delegate(session, conference)
    entered = make_account(session)
    enter(session, conference, entered)
    withdrawn = make_organization(session, conference, withdrawn_at=NOW)
    leads = [grant(session, conference, Role.ORGANIZATION_LEAD, organization=one) for one in (row, withdrawn)]

    assert [member(one) for one in (delegate, grant(session, conference, Role.ORGANIZER), leads[0])] == [
        True
    ] * 3
    assert [
        member(one)
        for one in (
            entered,
            leads[1],
            make_account(session),
            grant(session, conference, Role.OFFICIAL),
            grant(session, conference, Role.DOOR_VOLUNTEER),
        )
    ] == [False] * 5
    assert member(delegate, make_conference(session)) is False


def test_what_a_reader_may_not_see_finds_nothing(session, shown):
    conference, row = shown
    row.name = "Club"
    directory.change_entry(
        session,
        organization_id=row.id,
        entry=replace(
            ENTRY,
            visibility={
                EntryField.ORIGIN: Visibility.PRIVATE,
                EntryField.LANGUAGES: Visibility.MEMBERS,
                EntryField.DESTINATION: Visibility.PRIVATE,
            },
        ),
    )
    member, own = Audience(member=True), Audience(leads=frozenset({row.id}))
    hidden = ({"search": "yalalag"}, {"origin_state": "20"}, {"us_state": "OR"}, {"search": "salem"})

    assert [listed(session, conference, **looked) for looked in hidden] == [[]] * 4
    assert [listed(session, conference, member, **looked) for looked in hidden] == [[]] * 4
    assert [listed(session, conference, own, **looked) for looked in hidden] == [["Club"]] * 4
    assert (
        listed(session, conference, language="zpu"),
        listed(session, conference, member, language="zpu"),
    ) == (
        [],
        ["Club"],
    )


def test_places_and_languages_narrow_the_list(session, shown):
    conference, _row = shown
    make_organization(
        session, conference, name="Otra", municipality="21114", languages=["nah"], place="Puebla"
    )

    for looked in (
        {"search": "villa hidalgo"},
        {"search": "oaxaca"},
        {"search": "oregón"},
        {"search": "OREGON yalalag"},
        {"origin_state": "20"},
        {"us_state": "OR"},
        {"language": "zpu"},
    ):
        assert listed(session, conference, **looked) == ["Club Yalálag"], looked
    assert listed(session, conference, origin_state="21") == ["Otra"]
    assert listed(session, conference, search="salem") == []
