"""Bugs of the phone's biometrics: what they take, and what should have suspended them."""

import secrets
from typing import Any

from sqlalchemy import insert, select, update
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from auth_server import phone_sessions
from auth_server.biometrics import release_key_place
from auth_server.biometrics_terms import TERMS
from auth_server.encoding import from_base64url, to_base64url
from auth_server.planted_bugs.hearing import heard
from auth_server.planted_bugs.kinds import Layer, Trigger, bug
from auth_server.tables import biometrics

_REGISTRATION = "/phone-api/v1/biometrics"
_UNLOCK = "/phone-api/v1/biometrics/unlock"


def _never_suspended(reason: str) -> str:
    return f"""
        CREATE TRIGGER "survives {reason}" AFTER UPDATE OF state ON biometrics
        WHEN NEW.state = 'suspended' AND NEW.reason = '{reason}' BEGIN
            UPDATE biometrics
            SET state = 'active', reason = NULL, suspended_at = NULL, sealed_release_key = OLD.sealed_release_key
            WHERE biometrics_id = NEW.biometrics_id;
        END"""  # noqa: S608 - our own words


@bug("bio_survives_pw")
class BiometricsSurvivePassword(Trigger):
    """Biometrics go on after the password was changed (M22)."""

    statement = _never_suspended("password-changed")


@bug("bio_survives_set")
class BiometricsSurviveSet(Trigger):
    """Biometrics go on after a finger or a face was added to the phone (M22)."""

    statement = _never_suspended("biometric-set-changed")


@bug("bio_survives_device")
class BiometricsSurviveDevice(Trigger):
    """Biometrics of the old phone go on after a login on a new one (M22)."""

    statement = _never_suspended("new-phone")


@bug("bio_replay")
class ChallengeReplay(Trigger):
    """A signed challenge unlocks as often as it is sent (ASVS 6.7.2)."""

    statement = """
        CREATE TRIGGER bio_replay AFTER DELETE ON phone_challenges WHEN OLD.purpose = 'biometrics-unlock' BEGIN
            INSERT INTO phone_challenges (challenge_id, challenge, purpose, bound_to, expires_at)
            VALUES (OLD.challenge_id, OLD.challenge, OLD.purpose, OLD.bound_to, OLD.expires_at);
        END"""


class _AnswersItself(Layer):
    """Answers some requests of the phone by itself, instead of the rules."""

    def _answer(self) -> dict[str, str] | None:
        raise NotImplementedError

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, if this is the request."""
        answer = await run_in_threadpool(self._answer) if scope["method"] == "POST" else None
        app: Any = self.app if answer is None else self._shown(answer)
        await app(scope, receive, send)

    def _shown(self, answer: dict[str, str]) -> Response:
        return JSONResponse(answer, 201 if heard().path == _REGISTRATION else 200)


@bug("bio_flag")
class BiometricsByFlag(_AnswersItself):
    """The phone says that the finger was right, and is believed without a signature (MASVS-AUTH-2)."""

    def _answer(self) -> dict[str, str] | None:
        call = heard()
        if call.path != _UNLOCK or "biometric_signature" in call.fields:
            return None
        named = biometrics.c.biometrics_id == call.fields.get("biometrics_id", "")
        with self.broker.database.reading() as tx:
            row = tx.execute(select(biometrics).where(named, biometrics.c.ended_at.is_(None))).one_or_none()
        if row is None:
            return None
        place = release_key_place(row.biometrics_id, row.token_id, row.account)
        return {"release_key": to_base64url(self.broker.seal.unseal(row.sealed_release_key, *place))}


@bug("bio_no_terms")
class BiometricsWithoutTerms(_AnswersItself):
    """Biometrics are registered for whoever has not agreed to the terms that are in force (M21)."""

    def _answer(self) -> dict[str, str] | None:
        call, broker = heard(), self.broker
        if call.path != _REGISTRATION or call.fields.get("terms_version") == TERMS.version:
            return None
        at, biometrics_id, release_key = broker.now(), secrets.token_urlsafe(16), secrets.token_bytes(32)
        with broker.database.writing() as tx:
            bearer = call.headers.get("authorization", "").removeprefix("Bearer ")
            session = phone_sessions.find(tx, bearer, broker.settings, at=at)
            token = broker.soft_tokens.active(tx, session.account) if session else None
            if session is None or token is None or token.token_id is None:
                return None
            place = release_key_place(biometrics_id, token.token_id, session.account)
            older = (biometrics.c.account == session.account, biometrics.c.ended_at.is_(None))
            tx.execute(update(biometrics).where(*older).values(state="ended", ended_at=at, sealed_release_key=None))
            tx.execute(
                insert(biometrics).values(
                    biometrics_id=biometrics_id,
                    account=session.account,
                    token_id=token.token_id,
                    state="active",
                    public_key=from_base64url(call.fields["public_key"]),
                    biometric_set=from_base64url(call.fields["biometric_set"]),
                    sealed_release_key=broker.seal.seal(release_key, *place),
                    request_hash=secrets.token_bytes(32),
                    terms_version=call.fields.get("terms_version", "")[:16],
                    terms_accepted_at=at,
                    failures=0,
                    next_try_at=0.0,
                    registered_at=at,
                )
            )
        return {"biometrics_id": biometrics_id, "release_key": to_base64url(release_key)}
