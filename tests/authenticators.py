"""A phone's authenticator in software: real keys, real CBOR, real signatures, and faults on request."""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import cbor2
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

Json = dict[str, Any]

USER_PRESENT, USER_VERIFIED, BACKUP_POSSIBLE, BACKED_UP, CREDENTIAL_INCLUDED = 0x01, 0x04, 0x08, 0x10, 0x40


@dataclass
class Phone:
    """Makes passkeys and answers with them; `locked` phones ask for a finger, face or PIN first.

    `count` is its counter of uses, and grows by `step` with each answer; None for one that does not count.
    """

    host: str = "localhost"
    origin: str = "http://localhost"
    locked: bool = True
    count: int | None = None
    step: int = 1
    credential: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    key: EllipticCurvePrivateKey = field(default_factory=lambda: generate_private_key(SECP256R1()))
    handle: bytes = b""

    def make(self, options: Json) -> Json:
        """Answer `navigator.credentials.create(options)`."""
        self.handle = base64url_to_bytes(options["user"]["id"])
        identifier = len(self.credential).to_bytes(2) + self.credential
        included = bytes(16) + identifier + cbor2.dumps(self.public_key())
        attestation = {
            "fmt": "none",
            "attStmt": {},
            "authData": self.authenticator_data(CREDENTIAL_INCLUDED) + included,
        }
        return self.credential_json(
            clientDataJSON=self.client_data("webauthn.create", options["challenge"]),
            attestationObject=cbor2.dumps(attestation),
        )

    def get(self, options: Json) -> Json:
        """Answer `navigator.credentials.get(options)`."""
        if self.count is not None:
            self.count += self.step
        data = self.authenticator_data()
        client_data = self.client_data("webauthn.get", options["challenge"])
        signature = self.key.sign(data + hashlib.sha256(client_data).digest(), ECDSA(SHA256()))
        return self.credential_json(
            clientDataJSON=client_data, authenticatorData=data, signature=signature, userHandle=self.handle
        )

    def public_key(self) -> dict[int, Any]:
        """Return the COSE form of the key: EC2, ES256, P-256, x, y (RFC 9053)."""
        numbers = self.key.public_key().public_numbers()
        return {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32), -3: numbers.y.to_bytes(32)}

    def authenticator_data(self, included: int = 0) -> bytes:
        """Return for whom the answer is, what the phone has checked, and how often it has answered."""
        flags = USER_PRESENT | BACKUP_POSSIBLE | BACKED_UP | included
        flags |= USER_VERIFIED if self.locked else 0
        return hashlib.sha256(self.host.encode()).digest() + bytes([flags]) + (self.count or 0).to_bytes(4)

    def client_data(self, kind: str, challenge: str) -> bytes:
        """Return what the browser says it was asked, and by whom."""
        said = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return json.dumps(said).encode()

    def credential_json(self, **response: bytes) -> Json:
        """Return an answer as the browser's script sends it."""
        identifier = bytes_to_base64url(self.credential)
        return {
            "id": identifier,
            "rawId": identifier,
            "type": "public-key",
            "clientExtensionResults": {},
            "response": {name: bytes_to_base64url(value) for name, value in response.items()},
        }
