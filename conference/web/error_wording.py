"""What each error of the domain says to a reader: what happened, and what to do now.

Codes are listed by column, in the order of the house; a test fails on a code without words.
"""

from __future__ import annotations


def _(text: str) -> str:
    """Mark for extraction only: the words are looked up when they are shown."""
    return text


ERRORS: dict[str, str] = {
    # web
    "csrf": _("Your session was closed, or this page had been open for long. Open it again, and repeat."),
    "too_many": _("That was too often in a short time. Please wait %(wait)s, and try again."),
    "page_not_found": _("There is nothing at this address. It may have been mistyped."),
    "http_404": _("There is nothing at this address. It may have been mistyped."),
    "http_405": _("This address is only used by the buttons of our pages. Go back and use the button."),
    "http_413": _("What you sent is larger than we accept. Please shorten it."),
    "http_415": _("We could not read what was sent. Please go back and use the form."),
    "http_400": _("We could not read what was sent. Please go back and use the form."),
    "http_500": _("We noted the fault. Please try again in a moment."),
    "http_503": _("We are busy right now. Please try again in a moment."),
    "forbidden": _("This is for others. If you should be able to do it, ask an organizer for the role."),
    "not_found": _("We could not find that."),
    "conflict": _("Somebody changed this before you. Look at it again, and repeat if it is still needed."),
    "invalid": _("Please correct what is marked, and send it again."),
    # conference
    "conference_not_found": _("There is no conference at this address."),
    "set_up_done": _("This site has somebody who organizes it already: sign in with your email address."),
    "conference_name_needed": _("Name it in at least one language."),
    "conference_city_needed": _("Write the city where people meet."),
    "conference_name_too_long": _("Names have %(limit)s letters at most. Shorten it."),
    "conference_first_day": _("Choose the day on which it begins."),
    "conference_days": _("A conference lasts between one day and %(most)s days."),
    "unknown_zone": _("There is no time zone “%(zone)s”. Name one as America/Mexico_City."),
    "pack_invalid": _("This pack cannot be imported: %(count)s things in it need correcting."),
    "slug_invalid": _(
        "“%(slug)s” cannot be an address. Use a–z, 0–9 and hyphens, 80 at most: --as oaxaca-2026"
    ),
    "slug_taken": _("“%(slug)s” is here already. Name this one otherwise: --as OTHER-NAME"),
    "conference_unknown": _("There is no conference “%(slug)s”. See: flask conference list"),
    "not_a_folder": _("%(path)s is no folder. Name the folder of a conference pack."),
    "folder_not_empty": _("%(path)s is not empty. Choose another folder, or replace its pack: --force"),
    "folder_not_written": _("%(path)s cannot be written: %(reason)s. Check the folder and the disk."),
    "file_not_usable": _("%(path)s: %(reason)s. Check its name, who may use it, and the disk."),
    "system_refused": _("The system answered: %(reason)s. Put that right, and repeat."),
    "database_not_ready": _("The database answered: %(reason)s. Is it up to date? See: flask db upgrade"),
    # retention
    "hold_stands": _(
        "A legal hold stands already: nothing of this conference is forgotten. Reload the page."
    ),
    "no_hold_stands": _("No legal hold stands: somebody has lifted it. The log says when."),
    # mail
    "mail_server_unusable": _(
        "MAIL_SERVER: use file:///folder, smtp://user:password@host:587 or smtps://… (see docs/production.md)"
    ),
    "stop_link_wrong": _("This link ends no reminders. Open it from the mail, or end them on your ticket."),
    # accounts
    "code_wrong": _(
        "That code does not fit, was used already or is void. Look at the newest mail; after five tries you "
        "have to ask for another one."
    ),
    "too_many_mails": _(
        "Several mails were asked for with this address. Look in your inbox, also among unwanted mail, "
        "or wait %(wait)s and ask again."
    ),
    "too_many_tickets": _(
        "Several people were registered with this address just now. Wait %(wait)s, use another address, or "
        "leave the field empty: your ticket is shown here all the same."
    ),
    "too_many_wrong_codes": _(
        "Too many codes did not fit. Please wait %(wait)s before you try another. "
        "The link in a sign-in mail still works."
    ),
    "too_many_cards": _(
        "Too many card codes did not fit. Please wait %(wait)s before you try another, or ask at the desk."
    ),
    "too_many_searches": _(
        "You have looked for many people in a short time. Please wait %(wait)s, and look for the next one."
    ),
    "link_wrong": _("This link is no longer valid: it was used, or too old. Ask for a new one."),
    "grant_exists": _("This person already has that role."),
    "grant_not_found": _("This role has been withdrawn already."),
    "last_organizer": _(
        "No other organizer has a passkey or a code app yet, so nobody could get in any more. "
        "Name another one first, and wait until they have signed in and set one up."
    ),
    "role_for_oneself": _(
        "With this role one sees names of people, so nobody gives it to themselves. Ask another organizer."
    ),
    "role_not_granted": _("This role comes with a seat or a ticket; it cannot be granted by hand."),
    "organization_needed": _("Choose the organization that this person answers for."),
    # passkeys
    "challenge_over": _("This took too long, or was done already. Tap the button to try again."),
    "passkey_refused": _(
        "This passkey does not open anything here; it may have been removed. Use another way, such as the "
        "code by mail."
    ),
    "passkey_unreadable": _("We could not read what your device sent. Load the page again, and repeat."),
    "passkey_copied": _(
        "This passkey may have been copied, so we do not accept it. Use another way, remove this passkey "
        "in your account, and add a new one."
    ),
    "passkey_without_lock": _(
        "Your device did not ask for fingerprint, face or PIN, so this is not enough here. Set a lock on "
        "it and try again, or use another way."
    ),
    "too_many_passkeys": _("You have %(number)s passkeys, and more are not possible. Remove one first."),
    "passkey_not_found": _("This passkey has been removed already. The list has those that are left."),
    "last_passkey_of_staff": _(
        "With your role you need a second way to show that it is you, and this passkey is the only one. "
        "Add another passkey or an app with codes first; then remove this one."
    ),
    "no_passkey_yet": _("You have no passkey yet. Use another way, and add one in your account."),
    # second factors
    "app_code_wrong": _(
        "This code does not fit. Wait for the next one in the app; the phone must know the right time."
    ),
    "first_code_wrong": _(
        "This code does not fit. Look that the app shows “Asamblea”, and that the phone knows the right "
        "time; then write the next code."
    ),
    "app_locked": _(
        "That was wrong five times. No code of the app is taken for %(minutes)s min. A recovery code from "
        "paper works now."
    ),
    "app_not_begun": _("This was begun too long ago, or is done already. Begin again if you need it."),
    "recovery_code_wrong": _("This code does not fit, or was used already. Try another one from your paper."),
    "last_second_factor": _(
        "Your role needs a second proof, and you have none but the app. Add a passkey first, then remove it."
    ),
    "no_second_factor": _("Recovery codes stand in for an app or a passkey. Set one of them up first."),
    "seal_broken": _(
        "The server's keys were changed, and it cannot read your app's any more. Use a passkey, or ask an "
        "organizer for a link from whoever keeps the server."
    ),
    # cards
    "card_wrong": _("We do not know this card, or it is no longer valid. The registration desk helps you."),
    "card_code_wrong": _(
        "We do not know this code, or it is no longer valid. Check it letter by letter; if that does not "
        "help, go to the desk."
    ),
    "card_used": _(
        "This card was used already, and works once. Was it not you? Go to the registration desk now: "
        "there the other phone is signed out and you get a new card."
    ),
    "card_for_address": _(
        "This person registered with an email address, and gets in with it at “Sign in”. If the address is "
        "wrong, cancel the ticket and register again without one."
    ),
    "card_by_granter": _(
        "You gave this role yourself, and with it one sees names of people: another organizer prints "
        "the card."
    ),
    "card_for_role": _(
        "This person has a role in the conference. Cards of those who work here are printed by an organizer, "
        "on the page “Roles”."
    ),
    "card_changed": _(
        "Somebody has just issued or revoked a card for this person. Look at what it says now, and repeat "
        "if it is still needed."
    ),
    "ticket_unknown": _(
        "We do not know this ticket. Type its code once more, and look whether it is for this conference."
    ),
    # approvals
    "exports_off": _("Exports of people are switched off on this server."),
    "approval_waiting": _("You have asked already. Wait for the answer, or use what was approved."),
    "approval_not_found": _("There is no such request."),
    "approval_of_ones_own": _("You asked for this yourself: another organizer answers."),
    "approval_by_new_organizer": _(
        "One of you two was named by another organizer less than 48 hours ago, and so cannot approve this "
        "yet, nor have it approved. Wait, or ask somebody who has organized for longer."
    ),
    "approval_decided": _("Another organizer has answered this already."),
    "approval_expired": _("This request is older than a day. Ask anew."),
    "approval_used": _("This was used already; it can be used once. Ask anew."),
    "approval_missing": _("No other organizer has approved this."),
    # jobs
    "job_not_found": _("There is no such work of yours. It may be over for long: see what ran lately."),
    "job_ended": _("This work is over already."),
    "job_cancelled": _("It was stopped before it was done."),
    "job_given_up": _(
        "It was interrupted three times and is not tried again. Start it once more; if it fails again, "
        "tell the operator."
    ),
    "job_broken": _(
        "Something is wrong on our side, and was noted. Start it once more; if it fails again, "
        "tell the operator."
    ),
    "job_of_nobody": _("Nobody asked for this, so nobody could organize it."),
    "asker_withdrawn": _(
        "Whoever asked for this organizes the conference no more, so it was not done. Another organizer can "
        "ask for it anew."
    ),
    "result_gone": _("This file was fetched already, or forgotten after a day. Start the work once more."),
    "import_slug_invalid": _("“%(slug)s” cannot be an address. Use a–z, 0–9 and hyphens, as oaxaca-2026."),
    "import_slug_taken": _("“%(slug)s” is here already. Write another name in addresses."),
    "import_malformed": _("Here the XML of the file is broken. Export the file once more."),
    "import_zone_needed": _("The file names no time zone. Choose one from the list, and bring it in again."),
    "import_zone_unknown": _(
        "There is no time zone “%(zone)s”. Choose one from the list, and bring it in again."
    ),
    "queue_unusable": _(
        "QUEUE is empty: there is nothing to work on. Set ASAMBLEA_QUEUE; see docs/production.md"
    ),
    # badges
    "badges_off": _("Printing all badges is switched off on this server. A single badge can be printed."),
    "typst_missing": _(
        "This server cannot make PDFs yet. Whoever runs it installs the library for it, once: "
        "pip install 'asamblea[pdf]'"
    ),
    "unavailable": _("This server cannot do that as it was set up. Tell whoever runs it."),
    "badge_not_found": _("Nobody with that number holds a place here now. Look for the person again."),
    "ticket_not_confirmed": _("Your place is not confirmed yet. Once it is, you can print your ticket."),
    "no_badges": _("There is no badge to print: nobody holds a place, or all their badges are printed."),
    # directory
    "entry_not_found": _("There is no such entry, or it is not yours."),
    "entries_waiting": _(
        "You have %(most)s entries that wait for an answer. Enter another one when they have been answered."
    ),
    "entered_at_once": _("Another organization of this name was entered just now. Please send yours again."),
    "entry_answered": _("This entry has been answered already. Look at the list again."),
    "entry_waits": _("The organizers have not answered this entry yet."),
    "organization_name_needed": _("Write the name of the organization."),
    "organization_claimed": _("Somebody of this organization has confirmed this already."),
    "organization_withdrawn": _("The organization has withdrawn. It can return on its own page."),
    "organization_not_withdrawn": _("The organization had not withdrawn; nothing has changed."),
    "organization_status": _("Choose one of these: active, dormant, dissolved."),
    "organization_source": _("Choose whether you found the organization, or invite it."),
    "government_by_invitation": _("Governments take part by invitation. Ask the organizers for one."),
    "municipality_unknown": _("There is no municipality of this key. Look it up by its name."),
    "us_state_unknown": _("There is no such state. Choose one from the list."),
    "us_state_and_city": _("City and state belong together: give both, or neither."),
    "entry_language_unknown": _("We do not know the language “%(language)s”. Choose it from the list."),
    "website_unsafe": _(
        "This is no address of a website. It begins with https://; copy it from the browser."
    ),
    "organization_file_invalid": _(
        "Nothing was brought in: %(count)s things in the table need correcting. Send it again to see them."
    ),
    "table_gone": _("The table is no longer here: it is kept for a day. Please send it again."),
    # federations
    "federation_itself": _("An organization cannot belong to itself. Choose another one."),
    "federation_cycle": _(
        "That would be a circle: %(path)s. Each of them belongs to the next already, so the last cannot "
        "belong to the first."
    ),
    "not_a_federation": _("Only federations and confederations have members. Choose one of those."),
    "membership_exists": _("The two are joined already, or one of them has asked. Look at your federations."),
    "membership_changed": _(
        "Somebody has answered or changed this before you. Look at your federations again."
    ),
    "membership_not_found": _("The two are not joined, and neither has asked to be."),
    "organization_not_found": _("No organization of that name takes part in this conference."),
    # summaries
    "summary_not_found": _("There is no summary at this address yet."),
    "summary_changed": _("Somebody saved another version in the meantime."),
    "summary_empty": _("A published summary has at least one item. Write what the session brought."),
    "summary_language": _("This conference is not held in that language."),
    "summary_too_many": _("%(section)s: %(count)s lines are too many; up to %(limit)s can be kept."),
    "summary_item_too_long": _(
        "%(section)s: line %(number)s is too long; up to %(limit)s letters. Split it in two."
    ),
    # program
    "session_not_found": _("There is no session of that name in this program."),
    "schedule_too_large": _("This file has more than %(limit)s bytes; no schedule needs that many."),
    "schedule_doctype": _("This file declares a DOCTYPE. Remove that line; no schedule needs it."),
    "schedule_not_utf8": _("This line is not UTF-8. Save the file as UTF-8 and repeat."),
    "schedule_not_xml": _("This file is no program in XML. Export the program as XML, and choose that file."),
    "schedule_malformed": _("This is not well-formed XML: %(reason)s. Export the file once more."),
    "schedule_not_a_schedule": _(
        "The file begins with <%(found)s>, not <schedule>. Export the schedule as XML."
    ),
    "schedule_too_deep": _(
        "Here more than %(limit)s elements stand one in the other; no schedule needs that. Export the file "
        "once more."
    ),
    "schedule_too_many": _(
        "This file has more than %(limit)s elements or attributes; no schedule needs that many."
    ),
    "schedule_tag_too_long": _(
        "Here more than %(limit)s bytes stand between < and >; no schedule needs that. Export the file once "
        "more."
    ),
    "schedule_missing": _("<%(parent)s> lacks %(field)s. Add it, or export the file once more."),
    "schedule_bad_date": _("“%(value)s” is no date. Write it as 2026-07-11."),
    "schedule_bad_time": _("“%(value)s” is no time of day. Write it as 09:30."),
    "schedule_bad_duration": _("“%(value)s” is no duration. Write hours and minutes, as 01:30."),
    "schedule_unknown_zone": _("There is no time zone “%(zone)s”. Name one with --zone America/Mexico_City."),
    "schedule_zone_needed": _("The file names no time zone. Name it with --zone America/Mexico_City."),
    "schedule_text_too_long": _("“%(start)s…” (%(field)s) is longer than %(limit)s letters. Shorten it."),
    "schedule_not_kept": _("Stored and read differ (%(fields)s), so nothing was kept. Please report it."),
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
    "named_by_member": _(
        "The organization itself has named somebody here already. It withdraws that first, if it wants to."
    ),
    # seats and proxies
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
    "badge_name_needed": _("Write a name for the badge."),
    "badge_name_too_long": _("A badge holds %(length)s letters at most."),
    "consent_needed": _("We cannot register you without this. Nothing has been kept."),
    "delegate_without_organization": _("Choose the organization for which you come."),
    "organization_not_taking_part": _("This organization does not take part. Choose one from the list."),
    "reminders_need_an_address": _("Write an email address for the reminders, or leave this box empty."),
    "language_unknown": _("Choose languages from the list."),
    "ticket_not_found": _("There is no such ticket. Open the link from your mail, or ask at the desk."),
    "ticket_cancelled": _("This ticket was cancelled. Register again if you want to come after all."),
    "ticket_without_name": _(
        "This place is a guest's. Write a name for the badge first, on the ticket's page."
    ),
    "ticket_has_name": _("This place has a name already. Look at the ticket: it can be changed there."),
    "ticket_was_admitted": _(
        "This ticket has been shown at the entrance, so it cannot be handed over any more. "
        "Whoever else wants to come asks at the desk."
    ),
    "name_of_a_delegate": _(
        "Your organization has named you for its seat by this name, so it cannot be changed here. "
        "Ask whoever leads your organization."
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
    "service_full": _("There is no room left in this service. Leave it out, or ask the organizers."),
    "group_size_wrong": _("A group has between one person and %(most)s."),
    "group_larger_than_places": _("There are %(places)s places in all. Make the group smaller."),
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
    # agreement
    "agreement_not_found": _("The agreement has no draft yet. It appears here when it is tabled."),
    "provision_not_found": _("This draft has no such provision. The agreement lists all of them."),
    # voting
    "question_not_found": _("There is no question with this number. The list has all of them."),
    "question_closed": _("This question is closed and takes no more ballots."),
    "not_an_elector": _("You held no seat when this question opened. You can follow it, but not vote on it."),
    "credential_not_accepted": _("Your accreditation is no longer in force. Ask the credentials committee."),
    "not_present": _("You are not checked in to this sitting. Show your ticket at its door, and then vote."),
    "already_voted": _("The vote of your organization was recorded already, and stands."),
    "voted_for_another_seat": _(
        "You have voted on this question already, for another organization. A person votes for one seat only."
    ),
    "votes_do_not_add_up": _("Your seat has %(votes)s votes, and you gave %(given)s. Please correct it."),
    "not_a_sitting": _("Votes are taken in a sitting of this conference. Choose one of them."),
    "provision_unknown": _("The current draft has no such provision. Choose one from the list."),
    "provision_without_words": _("This heading only gathers others. Put what is below it to the vote."),
    "translation_missing": _(
        "The text in %(language)s is missing. It can be put to the vote once it is complete."
    ),
    "translation_stale": _(
        "The text in %(language)s is older than the other one. It can be put to the vote once both agree."
    ),
    "provision_being_voted_on": _("Question %(number)s on this text is open. Close it first."),
    "provision_adopted": _("This very text was adopted by question %(number)s."),
    "not_quorate": _(
        "There is no quorum. United States chamber: %(us_present)s of %(us_entitled)s seats are here, "
        "%(us_needed)s are needed. Mexico chamber: %(mx_present)s of %(mx_entitled)s seats are here, "
        "%(mx_needed)s are needed."
    ),
    # resolutions
    "resolution_not_found": _("There is no resolution with this number. The list has all of them."),
}
