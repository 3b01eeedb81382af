"""Signing in and confirming with a passkey; `services.challenges` says how a ceremony goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select
from webauthn import generate_authentication_options, verify_authentication_response
from webauthn.helpers import options_to_json_dict, parse_authentication_credential_json
from webauthn.helpers.structs import UserVerificationRequirement

from conference.domain.errors import Conflict, Forbidden, NotFound
from conference.domain.passkeys import Ceremony, goes_backwards
from conference.models import Passkey
from conference.services.challenges import (
    NOT_AN_ANSWER,
    TIMEOUT,
    Answered,
    Json,
    challenge_of,
    issue_challenge,
    read,
    use_up_challenge,
)
from conference.services.passkeys import credentials_of

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session
    from webauthn.authentication.verify_authentication_response import VerifiedAuthentication
    from webauthn.helpers.structs import AuthenticationCredential, PublicKeyCredentialDescriptor

    from conference.domain.passkeys import RelyingParty


def begin_signing_in(session: Session, *, site: RelyingParty, challenge: bytes, now: datetime) -> Json:
    """Ask for any passkey of this site; whose it is, its answer tells."""
    issue_challenge(session, ceremony=Ceremony.SIGN_IN, account_id=None, challenge=challenge, now=now)
    return _question(site, challenge, [])


def begin_confirming(
    session: Session, *, account_id: int, site: RelyingParty, challenge: bytes, now: datetime
) -> Json:
    """Ask for a passkey of this account; NotFound where it has none."""
    held = credentials_of(session, account_id)
    if not held:
        raise NotFound("no_passkey_yet")
    issue_challenge(session, ceremony=Ceremony.CONFIRM, account_id=account_id, challenge=challenge, now=now)
    return _question(site, challenge, held)


def _question(site: RelyingParty, challenge: bytes, allowed: list[PublicKeyCredentialDescriptor]) -> Json:
    options = generate_authentication_options(
        rp_id=site.host,
        challenge=challenge,
        timeout=TIMEOUT,
        allow_credentials=allowed,
        user_verification=UserVerificationRequirement.PREFERRED,
    )
    return options_to_json_dict(options)


def sign_in_by_passkey(session: Session, *, answer: Json, site: RelyingParty, now: datetime) -> Answered:
    """Return the account whose passkey answered; nobody has typed an address.

    Raises Invalid for what is no answer, Conflict for an old challenge or a passkey that was copied, and
    Forbidden for everything else, in the same words whether the passkey is unknown, removed or wrong.
    """
    return _answered(session, Ceremony.SIGN_IN, None, answer=answer, site=site, now=now)


def confirm_by_passkey(
    session: Session, *, account_id: int, answer: Json, site: RelyingParty, now: datetime
) -> Answered:
    """Tell that a passkey of this very account answered; raises as `sign_in_by_passkey` does."""
    return _answered(session, Ceremony.CONFIRM, account_id, answer=answer, site=site, now=now)


def _answered(
    session: Session,
    ceremony: Ceremony,
    account_id: int | None,
    *,
    answer: Json,
    site: RelyingParty,
    now: datetime,
) -> Answered:
    credential = read(parse_authentication_credential_json, answer)
    challenge = challenge_of(credential.response.client_data_json)
    use_up_challenge(session, ceremony=ceremony, account_id=account_id, challenge=challenge, now=now)
    # Locked, so that of two answers with the same count the second is noticed.
    known = select(Passkey).where(Passkey.credential == credential.raw_id).with_for_update()
    passkey = session.scalars(known).one_or_none()
    # Whose it is, its unique name says, and its signature proves: the handle that it may hold beside them
    # was made with a secret of the server that may have been replaced since, and adds nothing.
    if passkey is None or account_id not in {None, passkey.account_id}:
        raise Forbidden("passkey_refused")
    verified = _verified(credential, passkey, challenge, site)
    if goes_backwards(known=passkey.uses, presented=verified.new_sign_count):
        raise Conflict("passkey_copied")
    passkey.uses = verified.new_sign_count
    passkey.used_at = now
    # A lock may be set up later; that it was asked for once shows that the key has one.
    passkey.verifies = passkey.verifies or verified.user_verified
    session.flush()
    return Answered(passkey.account_id, verified.user_verified)


def _verified(
    credential: AuthenticationCredential, passkey: Passkey, challenge: bytes, site: RelyingParty
) -> VerifiedAuthentication:
    try:
        return verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            credential_public_key=passkey.public_key,
            # We compare the counts ourselves, after the signature: only then do they mean anything.
            credential_current_sign_count=0,
        )
    except NOT_AN_ANSWER as error:
        raise Forbidden("passkey_refused") from error
