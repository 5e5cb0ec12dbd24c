"""The same people, with two phones besides: the customer's, and the one that a thief has set up."""

import secrets
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from tests.auth_server.conftest import Phone
from tests.auth_server.proofs.journeys_on_the_web import Code, WebJourneys, ages, some
from tests.auth_server.proofs.local_server import code_in

phones = st.sampled_from([0, 1])


@dataclass
class Registration:
    """A registration code that was mailed for the enrolment of one phone."""

    code: str
    phone: int
    sent_at: float
    ended: bool = False


class Journeys(WebJourneys):
    """What is done in browsers and on phones."""

    def __init__(self) -> None:
        super().__init__()
        self.phones = [self.server.phone(), self.server.phone()]
        self.activation_codes: list[Code | None] = [None, None]
        self.registrations: list[Registration] = []
        self.unlocks: list[tuple[Phone, dict[str, Any]]] = []
        self.bound_set = b""
        self.held_token = ""

    @initialize(has_token=st.sampled_from([True, True, False]))
    def have_a_token(self, has_token: bool) -> None:
        """Begin as a customer whose phone holds a token, or who has none yet."""
        if has_token:
            phone = self.phones[0]
            phone.be_bound()
            self.holder, self.held_token, self.last_step = phone, phone.token_id, int(self.now // 30) - 1

    @rule(which=phones, how_far=st.sampled_from([0, 1, 2, 3, 4, 4, 4]))
    def enrol(self, which: int, how_far: int) -> None:
        """Log in on a phone, and go some way to a token on it, or all of it."""
        self.log_in_on_a_phone(which, right=True)
        self._have_an_activation_code_sent(which)
        if how_far > 0:
            self._confirm(which, age=0)
        if how_far > 1:
            self._have_a_registration_code_mailed(which)
        if how_far > 2:
            self._bind(which, age=0)
        if how_far > 3:
            self._activate(which)

    @rule(which=phones, what=st.sampled_from(["confirm", "mail", "bind", "bind", "activate"]), age=ages)
    def go_on_enrolling(self, which: int, what: str, age: int) -> None:
        """Send any request of an enrolment, with a code that there was: its own, an older one, another phone's."""
        if what == "confirm":
            self._confirm(which, age)
        elif what == "mail":
            self._have_a_registration_code_mailed(which)
        elif what == "bind":
            self._bind(which, age)
        else:
            self._activate(which)

    @rule(which=phones, right=st.sampled_from([True, True, True, False]))
    def log_in_on_a_phone(self, which: int, right: bool) -> None:
        """M24: account and password, and the phone's key."""
        phone = self.phones[which]
        before = self.begin()
        answer = phone.log_in(self.password if right else "Wrong1Wrong")
        if answer.status_code != 201:
            return
        assert right, "a wrong password was right"
        assert not self.locked, "a locked account may log in"
        trusted = answer.json()["state"] == "logged-in"
        assert trusted == (phone is self.holder), "I1: a phone is taken for the one that holds the token"
        self.secrets.add(phone.session)
        if trusted or self.holder is not None:
            self.happened("phone-login", before, told_by="mail")
        if not trusted and self.holder is not None and self.biometrics == "active":
            self.biometrics = "suspended"

    def _have_an_activation_code_sent(self, which: int) -> None:
        """Consent; the code that comes is in everybody's hands from then on."""
        self.server.messages()
        if self.phones[which].call("POST", "/enrolment", {"consent": True}).status_code != 202:
            return
        [text] = self.server.texts()
        self.codes.append(Code(code_in(text.text), self.now))
        self.activation_codes = [None, None]
        self.activation_codes[which] = self.codes[-1]

    def _confirm(self, which: int, age: int) -> None:
        """Type a code that came by text message, whichever, perhaps again."""
        if not self.codes:
            return
        code = some(self.codes, age)
        answer = self.phones[which].call("POST", "/enrolment/sms-code", {"code": code.text})
        if answer.status_code == 200:
            assert code is self.activation_codes[which], "I2: a code of something else enables a token"
            assert code.used or self.now < code.sent_at + 300, "I2: a late code was right"
            code.used = True
            self.succeeded.add("activation code")

    def _have_a_registration_code_mailed(self, which: int) -> None:
        """Ask for the mail with the code."""
        phone = self.phones[which]
        self.server.messages()
        if phone.call("POST", "/enrolment/registration").status_code != 202:
            return
        confirmed = self.activation_codes[which]
        assert confirmed is not None, "a registration code was sent for an enrolment that ended"
        assert confirmed.used, "a registration code was sent before the phone number was confirmed"
        [mail] = self.server.mails()
        code = mail.text.partition("註冊編碼：")[2][:23].replace("-", "")
        for earlier in self.registrations:
            earlier.ended = True
        self.secrets |= {code, mail.text.partition("註冊編碼：")[2][:23]}
        self.registrations.append(Registration(code, which, self.now))

    def _bind(self, which: int, age: int) -> None:
        """Bring a registration code, whichever, with a key of its own each time."""
        if not self.registrations:
            return
        phone, registration = self.phones[which], some(self.registrations, age)
        phone.ephemeral = ec.generate_private_key(ec.SECP256R1())
        if phone.bind(registration.code).status_code == 200:
            assert not registration.ended, "I2: a registration code was used twice, or after a newer one"
            assert registration.phone == which, "a registration code bound another phone"
            assert self.now < registration.sent_at + 8 * 3600, "I2: a late registration code was good"
            registration.ended = True
            self.secrets |= {phone.seed.hex(), repr(phone.seed)[2:-1]}
            self.succeeded.add("binding")

    def _activate(self, which: int) -> None:
        """Prove the first code, perhaps again."""
        phone = self.phones[which]
        if not phone.seed:
            return
        before = self.begin()
        if phone.activate().status_code != 200:
            return
        if phone is self.holder and phone.token_id == self.held_token:
            return  # the same request again: told so, and nothing happened
        self.holder, self.held_token = phone, phone.token_id
        self.last_step = int(self.now // 30)
        self.biometrics = "none"
        self.happened("token-bound", before, told_by="both")

    @precondition(lambda self: any(phone.session for phone in self.phones))
    @rule(which=phones)
    def clear_the_token(self, which: int) -> None:
        """Clear it, which only the phone that holds it may."""
        phone = self.phones[which]
        challenge = phone.call("POST", "/challenges", {"purpose": "clear-token"})
        if challenge.status_code != 201:
            return
        before = self.begin()
        proof = phone.proof("twofold-clear-token-v1", challenge.json(), phone.token_id)
        if phone.call("POST", "/token/clear", proof).status_code == 204:
            assert phone is self.holder, "a phone cleared a token that it does not hold"
            self.holder, self.biometrics = None, "none"
            self.happened("token-cleared", before, told_by="both")

    @precondition(lambda self: self.holder is not None)
    @rule(which=phones, fresh=st.sampled_from([True, True, False]), other_phone=st.booleans())
    def register_biometrics(self, which: int, fresh: bool, other_phone: bool) -> None:
        """Register, with a code of the token, mostly after a login and in a later step than the last; and unlock.

        Between the two somebody may log in on the other phone.
        """
        phone = self.phones[which]
        if fresh:
            self.server.clock.advance(60)
            self.log_in_on_a_phone(which, right=True)
        if not phone.seed or phone.call("POST", "/challenges", {"purpose": "biometrics"}).status_code != 201:
            return
        body = phone.registration()
        before = self.begin()
        answer = phone.call("POST", "/biometrics", body)
        if answer.status_code == 201:
            assert phone is self.holder, "biometrics without a token"
            self.use_token_code(body["code"])
            phone.biometrics_id = answer.json()["biometrics_id"]
            self.biometrics, self.bound_set = "active", phone.biometric_set
            self.happened("biometrics-registered", before, told_by="mail")
            if other_phone:
                self.log_in_on_a_phone(1 - which, right=True)
            self.unlock(other_finger=False, again=0)

    @precondition(lambda self: any(phone.biometrics_id for phone in self.phones))
    @rule(other_finger=st.sampled_from([True, False, False]), again=ages)
    def unlock(self, other_finger: bool, again: int) -> None:
        """Unlock the token by biometrics, perhaps of another set; and send that request, or an older one, again."""
        phone = next(phone for phone in self.phones if phone.biometrics_id)
        if other_finger:
            phone.biometric_set = secrets.token_bytes(32)
        self.unlocks.append((phone, phone.unlocking()))
        answer = phone.call("POST", "/biometrics/unlock", self.unlocks[-1][1]).json()
        if "release_key" in answer:
            assert self.biometrics == "active", "I6: biometrics unlock while they are suspended, or not there"
            assert phone is self.holder, "I6: another phone unlocks"
            assert phone.biometric_set == self.bound_set, "I6: another set of biometrics unlocks"
            self.succeeded.add("unlock")
        elif answer["error"]["code"] == "biometrics-suspended":
            self.biometrics = "suspended"
        phone, body = some(self.unlocks, again)
        answer = phone.call("POST", "/biometrics/unlock", body).json()
        assert "release_key" not in answer, "I2: a challenge was good twice"

    def everything_ended(self) -> None:
        """I7, for phones."""
        super().everything_ended()
        for phone in self.phones:
            assert phone.call("GET", "/enrolment").status_code == 401, "I7: an older session on a phone goes on"
