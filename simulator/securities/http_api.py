"""The reference server's phone API over HTTP, to the letter of docs/phone-api.md."""

from simulator.securities.answers import (
    BindingAnswer,
    BiometricsRegistered,
    BiometricsStanding,
    Challenge,
    Delivery,
    EnrolmentStatus,
    LoginAnswer,
    PasswordDates,
    Purpose,
    RegistrationSent,
    ServerIdentity,
    ServerStep,
    SettingsAnswer,
    SmsSent,
    Terms,
    TokenStanding,
)
from simulator.securities.http_exchange import HttpExchange, read_strictly
from simulator.securities.states import LoginState
from simulator.strict_json import JsonObject, NotAsDescribed, to_base64url

_PARAGRAPH_LENGTH_AT_MOST = 2000
_RELEASE_KEY_BYTES = 32


class HttpBrokerApi(HttpExchange):
    """A `BrokerApi`; what it is made of and how it is closed is told by `HttpExchange`."""

    async def server(self) -> ServerIdentity:
        """`GET /server`."""
        answer = await self.ask("GET", "/server", status=200)
        with read_strictly(answer):
            return ServerIdentity(
                name=answer.line("name"),
                origin=answer.line("origin"),
                key_id=answer.line("key_id", at_most=64),
                public_key=answer.octets("public_key", length=65),
                time=answer.whole("time"),
            )

    async def challenge(
        self, purpose: Purpose = Purpose.LOGIN, *, session: str | None = None, biometrics_id: str | None = None
    ) -> Challenge:
        """`POST /challenges`."""
        body = {} if purpose is Purpose.LOGIN else {"purpose": purpose.value}
        if biometrics_id is not None:
            body["biometrics_id"] = biometrics_id
        answer = await self.ask("POST", "/challenges", body, session=session, status=201)
        with read_strictly(answer):
            return Challenge(
                challenge_id=answer.line("challenge_id"),
                challenge=answer.octets("challenge", length=32),
                expires_at=answer.whole("expires_at"),
            )

    async def log_in(
        self, *, account: str, password: str, device_key: bytes, device_name: str, challenge_id: str, signature: bytes
    ) -> LoginAnswer:
        """`POST /sessions`."""
        body = {
            "account": account,
            "password": password,
            "device_key": to_base64url(device_key),
            "device_name": device_name,
            "challenge_id": challenge_id,
            "signature": to_base64url(signature),
        }
        answer = await self.ask("POST", "/sessions", body, status=201)
        with read_strictly(answer):
            return LoginAnswer(
                session=answer.line("session"),
                account=answer.line("account"),
                name=answer.line("name"),
                state=answer.choice("state", LoginState),
                enrolment=answer.choice("enrolment", ServerStep),
                token_id=answer.unless_null("token_id", answer.line),
                server_time=answer.whole("server_time"),
            )

    async def log_out(self, session: str) -> None:
        """`DELETE /sessions/current`."""
        await self.send("DELETE", "/sessions/current", session=session, status=204)

    # Getting a token

    async def enrolment(self, session: str) -> EnrolmentStatus:
        """`GET /enrolment`."""
        answer = await self.ask("GET", "/enrolment", session=session, status=200)
        with read_strictly(answer):
            return EnrolmentStatus(
                step=answer.choice("step", ServerStep),
                sent_to=answer.unless_null("sent_to", answer.line),
                message=answer.unless_null("message", lambda key: answer.choice(key, Delivery)),
            )

    async def start_enrolment(self, session: str) -> SmsSent:
        """`POST /enrolment`."""
        answer = await self.ask("POST", "/enrolment", {"consent": True}, session=session, status=202)
        with read_strictly(answer, step=ServerStep.SMS_CODE):
            return SmsSent(
                sent_to=answer.line("sent_to"),
                expires_at=answer.whole("expires_at"),
                resend_at=answer.whole("resend_at"),
            )

    async def confirm_sms_code(self, session: str, code: str) -> None:
        """`POST /enrolment/sms-code`."""
        answer = await self.ask("POST", "/enrolment/sms-code", {"code": code}, session=session, status=200)
        with read_strictly(answer, step=ServerStep.REGISTRATION):
            pass

    async def send_registration(self, session: str) -> RegistrationSent:
        """`POST /enrolment/registration`."""
        answer = await self.ask("POST", "/enrolment/registration", {}, session=session, status=202)
        with read_strictly(answer, step=ServerStep.BINDING):
            return RegistrationSent(sent_to=answer.line("sent_to"), expires_at=answer.whole("expires_at"))

    async def bind(self, session: str, *, code: str, device_ephemeral_key: bytes, signature: bytes) -> BindingAnswer:
        """`POST /enrolment/binding`."""
        body = {
            "code": code,
            "device_ephemeral_key": to_base64url(device_ephemeral_key),
            "signature": to_base64url(signature),
        }
        answer = await self.ask("POST", "/enrolment/binding", body, session=session, status=200)
        with read_strictly(answer, step=ServerStep.ACTIVATION):
            return BindingAnswer(
                token_id=answer.line("token_id"),
                server_ephemeral_key=answer.octets("server_ephemeral_key", length=65),
                confirmation=answer.octets("confirmation", length=32),
                server_time=answer.whole("server_time"),
            )

    async def activate(self, session: str, *, token_id: str, code: str, confirmation: bytes) -> int:
        """`POST /enrolment/activation`."""
        body = {"token_id": token_id, "code": code, "confirmation": to_base64url(confirmation)}
        answer = await self.ask("POST", "/enrolment/activation", body, session=session, status=200)
        with read_strictly(answer, step=ServerStep.ACTIVE):
            if answer.line("token_id") != token_id:
                raise NotAsDescribed("'token_id' is another token's")
            return answer.whole("server_time")

    # Once there is a token

    async def settings(self, session: str) -> SettingsAnswer:
        """`GET /settings`."""
        answer = await self.ask("GET", "/settings", session=session, status=200)
        with read_strictly(answer):
            token, biometrics = answer.inner("token"), answer.inner("biometrics")
            return SettingsAnswer(
                account=answer.line("account"),
                name=answer.line("name"),
                token=token.choice("state", TokenStanding),
                device_name=token.unless_null("device_name", token.line),
                activated_at=token.unless_null("activated_at", token.whole),
                biometrics=biometrics.choice("state", BiometricsStanding),
                suspended_for=biometrics.unless_null("reason", biometrics.line),
                registered_at=biometrics.unless_null("registered_at", biometrics.whole),
                password=_password_dates(answer.inner("password")),
            )

    async def change_password(self, session: str, *, current: str, new: str) -> PasswordDates:
        """`POST /password`."""
        answer = await self.ask("POST", "/password", {"current": current, "new": new}, session=session, status=200)
        with read_strictly(answer):
            return _password_dates(answer)

    async def change_expired_password(
        self, *, account: str, current: str, new: str, device_key: bytes, challenge_id: str, signature: bytes
    ) -> PasswordDates:
        """`POST /password/expired`."""
        body = {
            "account": account,
            "current": current,
            "new": new,
            "device_key": to_base64url(device_key),
            "challenge_id": challenge_id,
            "signature": to_base64url(signature),
        }
        answer = await self.ask("POST", "/password/expired", body, status=200)
        with read_strictly(answer):
            return _password_dates(answer)

    async def clear_token(self, session: str, *, challenge_id: str, signature: bytes) -> None:
        """`POST /token/clear`."""
        body = {"challenge_id": challenge_id, "signature": to_base64url(signature)}
        await self.send("POST", "/token/clear", body, session=session, status=204)

    async def biometrics_terms(self) -> Terms:
        """`GET /biometrics/terms`."""
        answer = await self.ask("GET", "/biometrics/terms", status=200)
        with read_strictly(answer):
            return Terms(
                version=answer.line("version", at_most=16),
                title=answer.line("title"),
                paragraphs=answer.lines("paragraphs", at_most=_PARAGRAPH_LENGTH_AT_MOST),
            )

    async def register_biometrics(
        self,
        session: str,
        *,
        terms_version: str,
        public_key: bytes,
        biometric_set: bytes,
        code: str,
        challenge_id: str,
        signature: bytes,
        biometric_signature: bytes,
    ) -> BiometricsRegistered:
        """`POST /biometrics`."""
        body = {
            "terms_version": terms_version,
            "public_key": to_base64url(public_key),
            "biometric_set": to_base64url(biometric_set),
            "code": code,
            "challenge_id": challenge_id,
            "signature": to_base64url(signature),
            "biometric_signature": to_base64url(biometric_signature),
        }
        answer = await self.ask("POST", "/biometrics", body, session=session, status=201)
        with read_strictly(answer):
            return BiometricsRegistered(
                biometrics_id=answer.line("biometrics_id"),
                release_key=answer.octets("release_key", length=_RELEASE_KEY_BYTES),
            )

    async def unlock_biometrics(
        self,
        *,
        biometrics_id: str,
        challenge_id: str,
        biometric_set: bytes,
        signature: bytes,
        biometric_signature: bytes | None,
    ) -> bytes:
        """`POST /biometrics/unlock`."""
        body = {
            "biometrics_id": biometrics_id,
            "challenge_id": challenge_id,
            "biometric_set": to_base64url(biometric_set),
            "signature": to_base64url(signature),
            "biometric_signature": None if biometric_signature is None else to_base64url(biometric_signature),
        }
        answer = await self.ask("POST", "/biometrics/unlock", body, status=200)
        with read_strictly(answer):
            return answer.octets("release_key", length=_RELEASE_KEY_BYTES)

    async def end_biometrics(self, session: str) -> None:
        """`DELETE /biometrics`."""
        await self.send("DELETE", "/biometrics", session=session, status=204)


def _password_dates(answer: JsonObject) -> PasswordDates:
    return PasswordDates(changed_at=answer.whole("changed_at"), expires_at=answer.whole("expires_at"))
