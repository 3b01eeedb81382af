"""The words for errors of signing in: accounts, passkeys, second factors, cards."""

from __future__ import annotations

from conference.web.marked import marked as _

SIGN_IN_ERRORS: dict[str, str] = {
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
    "card_for_oneself": _(
        "A new card would close everything that you set up, and lock you out. Ask another organizer to print "
        "it. If nobody else organizes, whoever runs the server lets somebody in: "
        "flask conference create-organizer"
    ),
    "card_of_last_organizer": _(
        "No other organizer has a passkey or a code app yet: a new card would close this one's, and nobody "
        "could get in any more. Let another organizer set one up first, or ask whoever runs the server: "
        "flask conference create-organizer"
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
}
