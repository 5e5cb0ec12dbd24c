"""How phone and server come to share a seed that neither sent: ECDH on P-256 with key confirmation.

The messages are those of docs/phone-api.md.
"""

import hmac
from dataclasses import dataclass, field
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ec import ECDH, SECP256R1, EllipticCurvePublicKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from auth_server.encoding import fields
from auth_server.signatures import write_public_key


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """What the server's side of the agreement gives. Keys are uncompressed points, the rest is 32 bytes each."""

    server_ephemeral_key: bytes
    seed: bytes = field(repr=False)
    server_confirmation: bytes
    phone_confirmation: bytes = field(repr=False)


def binding_message(origin: str, account: str, code: str, device_ephemeral_key: bytes) -> bytes:
    """Give what the device key signs to ask for a binding."""
    return fields("twofold-binding-v1", origin, account, code, device_ephemeral_key)


def agree(device_ephemeral_key: EllipticCurvePublicKey, *, account: str, token_id: str, code: str) -> Agreement:
    """Agree on the seed of a new token with a new ephemeral key, which is forgotten at once.

    `code` is the registration code without hyphens: it salts both keys (HKDF-SHA-256, RFC 5869), so that who stood
    between phone and server without having read the mail has neither.
    """
    server_key = generate_private_key(SECP256R1())
    server_point = write_public_key(server_key.public_key())
    shared = server_key.exchange(ECDH(), device_ephemeral_key)
    salt = sha256(code.encode("ascii")).digest()
    context = fields(write_public_key(device_ephemeral_key), server_point, account, token_id)
    seed = HKDF(SHA256(), 32, salt, b"twofold-seed-v1" + context).derive(shared)
    confirm_key = HKDF(SHA256(), 32, salt, b"twofold-confirm-v1" + context).derive(shared)
    return Agreement(
        server_ephemeral_key=server_point,
        seed=seed,
        server_confirmation=hmac.digest(confirm_key, b"server", sha256),
        phone_confirmation=hmac.digest(confirm_key, b"phone", sha256),
    )
