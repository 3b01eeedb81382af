"""What each error of the domain says to a reader: what happened, and what to do now.

Codes are listed by column, in the order of the house; a test fails on a code without words. Those of
signing in, and about who comes, have files of their own.
"""

from __future__ import annotations

from conference.web.marked import marked as _
from conference.web.people_error_wording import PEOPLE_ERRORS
from conference.web.sign_in_error_wording import SIGN_IN_ERRORS

ERRORS: dict[str, str] = {
    **SIGN_IN_ERRORS,
    **PEOPLE_ERRORS,
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
    # approvals
    "exports_off": _("Exports of people are switched off on this server."),
    "approval_waiting": _("You have asked already. Wait for the answer, or use what was approved."),
    "approval_not_found": _("There is no such request."),
    "approval_of_ones_own": _("You asked for this yourself: another organizer answers."),
    "approval_by_new_organizer": _(
        "One of you two was named by another organizer, or given a card, less than 48 hours ago, and so "
        "cannot approve this yet, nor have it approved. Wait, or ask somebody who has organized for longer."
    ),
    "approval_of_new_organizer": _(
        "You were named by another organizer, or given a card, less than 48 hours ago: what was approved "
        "before cannot be used now. Wait, and ask anew."
    ),
    "approval_decided": _("Another organizer has answered this already."),
    "approval_expired": _("This request is older than a day. Ask anew."),
    "approval_withdrawn": _("This request was taken back. Ask anew."),
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
    "entry_takes_part": _(
        "This entry cannot be erased: it takes part in a conference, or a seat, votes or registrations "
        "belong to it. Name somebody of it, who can then withdraw it from the directory."
    ),
    "entry_federated": _(
        "This entry cannot be erased: it belongs to a federation, or others belong to it, and both sides "
        "have agreed to that. Name somebody of it, who can then withdraw it from the directory."
    ),
    "entry_led_elsewhere": _(
        "This entry cannot be erased here: organizers of another conference have named somebody who answers "
        "for it. Ask them to withdraw that first."
    ),
    "entry_under_hold": _(
        "This entry cannot be erased now: a legal hold stands, and while it does nothing is erased that "
        "somebody may have demanded. Nobody but organizers sees the entry meanwhile."
    ),
    "organization_name_needed": _("Write the name of the organization."),
    "organization_name_unchanged": _("The organization is called so already."),
    "organization_name_taken": _(
        "Another organization is called so. Add what tells them apart, for example the city."
    ),
    "organization_comes_already": _(
        "This organization takes part here or has asked already, or it has withdrawn. Look at its entry."
    ),
    "asked_anew_too_soon": _(
        "Less than a day ago the organizers answered that this organization does not take part here. You can "
        "ask again from %(moment)s on, %(zone)s."
    ),
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
    # How many things they are: `job_wording.failure_text`.
    "organization_file_invalid": _("Nothing was brought in: the table needs correcting. Send it again."),
    "table_not_looked_through": _(
        "The table is still being looked through, so nothing was brought in. Wait until that is done, look "
        "at what would come of it, and bring it in then."
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
