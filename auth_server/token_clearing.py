"""Clearing the soft token from the app (清除, M20, M23)."""

from typing import TYPE_CHECKING

from auth_server import enrolment, phone_challenges, phone_sessions, sessions
from auth_server.channels import Channel
from auth_server.encoding import fields
from auth_server.messages import Notice
from auth_server.phone_challenges import Purpose
from auth_server.phone_sessions import PhoneSession
from auth_server.refusals import Refusal
from auth_server.signatures import signed_by

if TYPE_CHECKING:
    from auth_server.broker import Broker


def clear(
    broker: "Broker", session: PhoneSession, *, challenge_id: str, signature: bytes, address: str
) -> Refusal | None:
    """End the token that this phone holds, and with it biometrics, enrolment and all sessions; None if that was done.

    The PIN is not asked for: who has forgotten it clears the token. What is asked for is a fresh login and the device
    key, and mail and text message tell of it.
    """
    with broker.database.writing() as tx:
        token = phone_sessions.bound_token(tx, session, broker.soft_tokens)
        if token is None or token.token_id is None:
            enrolment.note(broker, tx, session, "token-cleared", refused="token-required", address=address)
            return Refusal("token-required")
        challenge = phone_challenges.use_up(
            tx, challenge_id, at=broker.now(), purpose=Purpose.CLEAR_TOKEN, bound_to=session.key
        )
        if challenge is None:
            enrolment.note(broker, tx, session, "token-cleared", refused="challenge", address=address)
            return Refusal("device-not-proved")
        signed = fields(
            "twofold-clear-token-v1", broker.settings.origin, session.account, token.token_id, *challenge.signed_fields
        )
        if not signed_by(session.device_key, signature, signed, low_s=True):
            enrolment.note(broker, tx, session, "token-cleared", refused="signature", address=address)
            return Refusal("device-not-proved")
        enrolment.end_unfinished(broker, tx, session.account)
        broker.soft_tokens.clear(tx, session.account)
        sessions.end_all(tx, session.account, at=broker.now())
        enrolment.note(broker, tx, session, "token-cleared", address=address)
        broker.notices.tell(tx, enrolment.account_of(tx, session), Notice.TOKEN_CLEARED, Channel.PHONE)
        return None
