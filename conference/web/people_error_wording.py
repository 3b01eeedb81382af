"""The words for errors about who comes: seats, places, tickets, the desk, the door."""

from __future__ import annotations

from conference.web.marked import marked as _

PEOPLE_ERRORS: dict[str, str] = {
    # credentials
    "organization_without_seat": _("This organization takes part with voice and without a seat."),
    "registration_not_eligible": _(
        "Choose somebody who is registered with this organization; the registration may have been cancelled."
    ),
    "person_holds_seat": _("This person has been named already. Withdraw that first, then name them again."),
    "person_holds_another_seat": _(
        "This person is named for a seat by another registration of the same account. "
        "A person holds one seat at most: that other naming ends first."
    ),
    "person_named_elsewhere": _(
        "Another registration of this person's account is named or accepted for a seat, and a person holds "
        "one at most. Reject or end one of the two, then accept the other."
    ),
    "address_holds_seat": _(
        "Somebody registered with the same email address holds a seat already. If it is one person, reject "
        "this naming or end that seat. If they are two, one of them changes the address on the ticket's "
        "page; then accept."
    ),
    "seat_is_held": _("The committee has accepted somebody here already. To change it, ask the committee."),
    "reason_needed": _("Choose why the credential is not accepted."),
    "credential_not_found": _("There is no such credential."),
    "credential_decided": _("This credential has been decided or withdrawn already. Look at the page again."),
    "sitting_not_found": _("There is no voting session of that name in the program."),
    "mandate_missing": _(
        "This organization has given you no mandate to name for its seat, or has taken it back."
    ),
    "mandate_ended": _(
        "The organization has taken back its mandate for this person. Reject the naming; the organization "
        "names somebody itself."
    ),
    "person_nameless": _(
        "This registration has no name for the badge yet. Whoever holds the ticket writes it on the ticket's "
        "page; then the person can be named and accepted."
    ),
    "category_without_vote": _(
        "Whoever is registered as official or press has no vote and is named for no seat. "
        "Choose somebody else of the organization."
    ),
    "named_by_member": _(
        "The organization itself has named somebody here already. It withdraws that first, if it wants to."
    ),
    # seats and proxies
    "organization_voice_only": _("Governments and academic institutions take part with voice and no vote."),
    "organization_unclaimed": _(
        "Others entered this organization, and nobody of it has claimed the entry yet. "
        "It gets no seat before."
    ),
    "seat_not_found": _("This organization has no seat here. Choose one from the list."),
    "seat_votes_out_of_range": _("A seat has one vote at least, and %(most)s at most."),
    "seat_has_voted": _(
        "This seat stood in a vote, so it is not taken back: what was voted stays published."
    ),
    "question_open": _("A vote is open. Do this once it is closed."),
    "proxy_to_oneself": _("An organization gives no proxy to itself. Choose another one."),
    "proxy_to_other_chamber": _("A proxy stays in its chamber. Choose an organization of the same chamber."),
    "proxy_given_already": _("This organization has given its proxy already. Revoke that one first."),
    "proxy_of_a_proxy": _(
        "A proxy is not passed on: whoever holds one gives none away, and whoever gave its own holds none."
    ),
    "proxies_at_cap": _("One delegate holds %(cap)s of other organizations at most. Choose another one."),
    "proxy_not_given": _("This proxy was revoked already."),
    "holder_without_delegate": _("That organization has no accepted delegate yet. Choose another one."),
    "credential_not_standing": _("This credential has ended already. Look at the page again."),
    "nobody_accepted": _("The committee has not accepted this person for the seat."),
    "sits_already": _("This person sits there already."),
    # registration
    "registration_closed": _("Registration is closed."),
    "conference_over": _("The conference is over, so nobody can register any more."),
    "registered_already": _(
        "You have a ticket already, so this one is for somebody else. "
        "Write their address, or leave it empty, and send the form again."
    ),
    "address_is_your_own": _(
        "This is your own address, so the ticket would be yours. Write theirs, or leave it empty."
    ),
    "badge_name_needed": _("Write a name for the badge."),
    "badge_name_too_long": _("A badge holds %(length)s letters at most."),
    "consent_needed": _("We cannot register you without this. Nothing has been kept."),
    "delegate_without_organization": _("Choose the organization for which you come."),
    "organization_not_taking_part": _("This organization does not take part. Choose one from the list."),
    "delegate_of_voice_only": _(
        "Governments and academic institutions take part with voice and no vote, and send no delegates. "
        "Choose in which other capacity you come."
    ),
    "needs_consent_needed": _("Tick this box too, or untick what you need: without it we keep none of it."),
    "reminders_need_an_address": _("Write an email address for the reminders, or leave this box empty."),
    "language_unknown": _("Choose languages from the list."),
    "ticket_not_found": _(
        "This link opens no ticket, or its ticket has a new link by now: whoever makes a place theirs, and "
        "whoever gets another ticket at the desk, has a new one. Open the newest link that you have; it may "
        "be in your mail. If you have none, ask at the registration desk: it gives you another."
    ),
    "ticket_cancelled": _("This ticket was cancelled. Register again if you want to come after all."),
    "ticket_without_name": _(
        "This place is a guest's. Write a name for the badge first, on the ticket's page."
    ),
    "ticket_answered_for": _(
        "Your organization wrote the name on this ticket and has its link too. Make the ticket yours first, "
        "on the ticket's page."
    ),
    "ticket_has_name": _("This place has a name already. Look at the ticket: it can be changed there."),
    "ticket_was_admitted": _(
        "This ticket has been shown at a door, so it cannot be handed over any more. "
        "Whoever else wants to come asks at the desk."
    ),
    "name_of_a_delegate": _(
        "Your organization has named you for its seat by this name, so it cannot be changed here. "
        "Ask whoever leads your organization."
    ),
    "address_of_a_delegate": _(
        "You sit for your organization, and whoever signs in with an address of this ticket votes for it, so "
        "no new one is taken here. If you cannot sign in, have the old one forgotten, and ask the "
        "registration desk for an access card."
    ),
    "ticket_of_an_account": _(
        "This ticket belongs to an account by now: we write to the address with which its holder signs in."
    ),
    "no_organization_to_hand_over_in": _(
        "You come for no organization, so this place cannot be handed over. "
        "Cancel it, and whoever wants to come registers."
    ),
    "category_closed": _("Nobody can register as this any more. Choose another one, or ask the organizers."),
    "phone_wrong": _("Write the number with its country: +52 951 123 4567 or +1 503 555 0100."),
    "need_unknown": _("Choose from the list what you need."),
    "answer_unknown": _("Choose one of the answers."),
    "service_unknown": _("This service is no longer offered. Choose from the list."),
    "service_places_wrong": _("Book between one place and %(most)s."),
    "service_full": _(
        "There is no room left for so many in this service. Choose fewer or none, or ask the organizers."
    ),
    "group_size_wrong": _("A group has between one person and %(most)s."),
    "group_larger_than_places": _("There are %(places)s places in all. Make the group smaller."),
    "too_many_unnamed": _(
        "Your organization may hold %(most)s places without a name, and holds or waits for %(held)s. "
        "Write the names of those you know, or ask the organizers."
    ),
    "guests_are_named": _(
        "Only guests without a name can be taken away. Whoever has a name gives up the place with the ticket."
    ),
    "party_not_found": _("This group is no longer registered. Look at the list again."),
    "no_offer": _("No place is being offered at the moment. Your place in the waiting list is below."),
    "offer_over": _("The time to answer was over, so the place goes to whoever is next."),
    "not_in_line": _("That is not in the waiting list any more. Look at the page again."),
    "registration_decided": _("Somebody answered this registration before you. Look at the list again."),
    "capacity_wrong": _("Write a number up to %(most)s, or leave it empty: as many as come."),
    "priority_wrong": _("Choose a number between 0 and %(highest)s."),
    "cancel_instead": _("Cancel your ticket, and all that you agreed to ends."),
    # places
    "proxy_cap_wrong": _("Write a number up to %(most)s."),
    "offer_hours_too_few": _("Hold a freed place for an hour at least."),
    "question_needs_choices": _("Write at least two choices, each in Spanish and in English."),
    "question_gone": _("This question is asked no more. The list has those that are."),
    "question_answered": _(
        "People have answered this since you opened the page. Open it again: it says what would be forgotten."
    ),
    "choice_made": _(
        "Somebody has made a choice that you left out, so it stays. To drop it, remove the whole question."
    ),
    "several_answered": _(
        "Some people have chosen several. Their answers would be lost, so several stay possible."
    ),
    "service_gone": _("This is offered no more. The list has what is."),
    "service_booked": _(
        "People have booked this since you opened the page. Open it again: it says what would be forgotten."
    ),
    "language_of_interpretation": _("Interpretation has a language; nothing else has one."),
    # desk
    "search_too_short": _(
        "Write at least %(letters)s letters of one word of the name, from its beginning, "
        "or a whole ticket code."
    ),
    "person_gone": _(
        "This was too long ago, or the place was given back since. Look for the person at the desk once more."
    ),
    "category_full": _("All places are taken, or others wait for one."),
    "ticket_changed": _(
        "This ticket has just been issued anew. Look at the person once more before you issue another."
    ),
    # notices
    "too_few_to_write": _(
        "Fewer than %(least)s people would get this, so it is not sent. Choose a larger group."
    ),
    # checkin
    "door_not_found": _("There is no such door. Choose one from the list."),
    "seat_not_present": _("This delegate has left already."),
    "leaving_not_taken_back": _(
        "This can no longer be taken back. Whoever is in the room shows the ticket again."
    ),
}
