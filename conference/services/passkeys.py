"""Adding and removing passkeys; `services.challenges` says how a ceremony goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, exists, func, select
from sqlalchemy.exc import IntegrityError
from webauthn import generate_registration_options, verify_registration_response
from webauthn.helpers import (
    decode_credential_public_key,
    decoded_public_key_to_cryptography,
    options_to_json_dict,
    parse_registration_credential_json,
)
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from conference.domain.errors import Conflict, Forbidden, NotFound
from conference.domain.passkeys import LONGEST_CREDENTIAL, MOST_PASSKEYS, Ceremony, label, user_handle
from conference.models import Account, Passkey, RecoveryCode
from conference.models.accounts import holds_staff_role
from conference.models.second_factors import has_app, has_second_factor
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
from conference.services.notices import notify
from conference.services.sign_ins import others_prove_anew

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session
    from webauthn.helpers.structs import RegistrationCredential
    from webauthn.registration.verify_registration_response import VerifiedRegistration

    from conference.domain.passkeys import RelyingParty
    from conference.services.notices import Letter


def begin_adding(
    session: Session, *, account_id: int, site: RelyingParty, key: bytes, challenge: bytes, now: datetime
) -> Json:
    """Ask for a new passkey, one that the phone finds by itself and does not have already.

    Conflict for an account that has as many as it may have.
    """
    held = credentials_of(session, account_id)
    if len(held) >= MOST_PASSKEYS:
        raise Conflict("too_many_passkeys", number=MOST_PASSKEYS)
    handle = user_handle(account_id, key=key)
    options = generate_registration_options(
        rp_id=site.host,
        rp_name="Asamblea",
        user_id=handle,
        user_name=label(handle),
        challenge=challenge,
        timeout=TIMEOUT,
        authenticator_selection=AuthenticatorSelectionCriteria(
            # Signing in asks for no address: the phone must know the passkey by itself.
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.PREFERRED,
        ),
        exclude_credentials=held,
    )
    issue_challenge(session, ceremony=Ceremony.ADD, account_id=account_id, challenge=challenge, now=now)
    return options_to_json_dict(options)


def credentials_of(session: Session, account_id: int) -> list[PublicKeyCredentialDescriptor]:
    """Return what browsers know an account's passkeys by."""
    held = select(Passkey.credential).where(Passkey.account_id == account_id).order_by(Passkey.id)
    return [PublicKeyCredentialDescriptor(id=credential) for credential in session.scalars(held)]


def add_passkey(
    session: Session, *, account_id: int, answer: Json, site: RelyingParty, letter: Letter, now: datetime
) -> Answered:
    """Keep the public key of a passkey that was made for this account just now, and write to the account.

    Raises Invalid for what is no answer, Conflict for an old challenge or one passkey too many, Forbidden
    for an answer that does not hold (that the passkey is known already, whosever it is, is not told).
    """
    credential = read(parse_registration_credential_json, answer)
    challenge = challenge_of(credential.response.client_data_json)
    use_up_challenge(session, ceremony=Ceremony.ADD, account_id=account_id, challenge=challenge, now=now)
    made = _verified(credential, challenge, site)
    account = _locked(session, account_id)
    if _count(session, account_id) >= MOST_PASSKEYS:
        raise Conflict("too_many_passkeys", number=MOST_PASSKEYS)
    passkey = Passkey(
        account_id=account_id,
        credential=made.credential_id,
        public_key=made.credential_public_key,
        verifies=made.user_verified,
        uses=made.sign_count,
        added_at=now,
    )
    try:
        with session.begin_nested():
            session.add(passkey)
    except IntegrityError as error:
        raise Forbidden("passkey_refused") from error
    notify(session, account=account, letter=letter, cause=f"passkey-added-{passkey.id}", now=now)
    return Answered(account_id, made.user_verified)


def _verified(
    credential: RegistrationCredential, challenge: bytes, site: RelyingParty
) -> VerifiedRegistration:
    try:
        made = verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
        )
        # A key that could never verify anything is refused now, and not when somebody needs it.
        decoded_public_key_to_cryptography(decode_credential_public_key(made.credential_public_key))
    except NOT_AN_ANSWER as error:
        raise Forbidden("passkey_refused") from error
    if len(made.credential_id) > LONGEST_CREDENTIAL:
        raise Forbidden("passkey_refused")
    return made


def remove_passkey(
    session: Session,
    *,
    account_id: int,
    sign_in_id: int | None,
    passkey_id: int,
    letter: Letter,
    now: datetime,
) -> None:
    """Forget a passkey of the account, and write to it; the last second factor of staff stays.

    Other sign-ins of the account prove themselves anew: one of them may be the lost phone's.
    NotFound for one that is gone or another account's; Conflict for the last second factor.
    """
    account = _locked(session, account_id)
    own = select(Passkey).where(Passkey.id == passkey_id, Passkey.account_id == account_id)
    passkey = session.scalars(own).one_or_none()
    if passkey is None:
        raise NotFound("passkey_not_found")
    if passkey.verifies and _is_last_second_factor(session, passkey):
        raise Conflict("last_passkey_of_staff")
    session.delete(passkey)
    session.flush()
    if not session.scalar(select(has_second_factor(account_id))):
        # Codes on paper stand in for a lost factor; now there is none.
        session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account_id))
    others_prove_anew(session, account_id=account_id, sign_in_id=sign_in_id)
    notify(session, account=account, letter=letter, cause=f"passkey-removed-{passkey_id}", now=now)


def _is_last_second_factor(session: Session, passkey: Passkey) -> bool:
    account_id = passkey.account_id
    another = exists().where(Passkey.account_id == account_id, Passkey.id != passkey.id, Passkey.verifies)
    alone = select(holds_staff_role(account_id) & ~has_app(account_id) & ~another)
    return bool(session.scalar(alone))


def _locked(session: Session, account_id: int) -> Account:
    # Whoever adds or removes two at once does so one after the other, and both are counted.
    return session.scalars(select(Account).where(Account.id == account_id).with_for_update()).one()


def _count(session: Session, account_id: int) -> int:
    return session.scalar(select(func.count()).where(Passkey.account_id == account_id)) or 0
