"""Attacks on the phone's biometrics: A34 and A36."""

import secrets

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from tests.auth_server.attacks.one_time_codes import another
from tests.auth_server.attacks.password_reset import set_by
from tests.auth_server.attacks.people import MALLORY
from tests.auth_server.attacks.server import Server
from tests.auth_server.attacks.trial import Trial, attack
from tests.auth_server.conftest import P256_ORDER, Phone, b64, unb64

NEW = "Sheung9Wan"


def with_biometrics(server: Server) -> Phone:
    """A phone that is logged in and can be unlocked by biometrics."""
    phone = server.bound_phone()
    assert phone.log_in().status_code == 201
    phone.register_biometrics()
    server.clock.advance(60)
    return phone


def unlocks(phone: Phone, **other: object) -> bool:
    """Whether the server gives the release key."""
    return "release_key" in phone.unlock(**other).json()


@attack("A34", bugs=("bio_survives_set", "bio_survives_device", "bio_survives_pw"))
def biometrics_are_suspended_by_each_change_until_pin_and_terms(trial: Trial, server: Server) -> None:
    phone = with_biometrics(server)
    trial.control(unlocks(phone), "they unlock")
    enrolled, phone.biometric_set = phone.biometric_set, secrets.token_bytes(32)
    trial.safe(not unlocks(phone), "not with another set of fingers")
    phone.biometric_set = enrolled
    trial.safe(not unlocks(phone), "nor with the first one again")
    trial.safe(phone.settings()["biometrics"]["reason"] == "biometric-set-changed", "the customer is told why")
    wrong = phone.call("POST", "/biometrics", phone.registration(code=another(phone.code())))
    trial.safe(wrong.status_code == 403 and not unlocks(phone), "without the PIN they stay suspended")
    phone.register_biometrics()
    trial.control(unlocks(phone), "with PIN and terms they unlock again")
    assert server.phone().log_in().status_code == 201
    trial.safe(not unlocks(phone), "not after a login on another phone")
    server.clock.advance(60)
    phone.register_biometrics()
    trial.control(unlocks(phone), "and again after PIN and terms")
    assert set_by(server.browser(), server.link(), NEW)
    trial.safe(not unlocks(phone), "not after a change of the password")
    server.clock.advance(60)
    browser = server.browser()
    browser.log_in_with_password(password=NEW)
    browser.choose("token")
    trial.safe(browser.gets_in(phone.code()), "the PIN's codes work all the while")


@attack("A34b", bugs="bio_flag")
def a_phone_that_says_yes_gets_nothing(trial: Trial, server: Server) -> None:
    phone = with_biometrics(server)
    trial.control(unlocks(phone), "a signature of the biometric key unlocks")
    other = ec.generate_private_key(ec.SECP256R1())
    right = phone.unlocking()
    forged = phone.sign_low(other, "twofold-biometrics-unlock-v1")
    for lie in (None, right["signature"], forged):
        server.clock.advance(31)
        answer = phone.unlock(biometric_signature=lie)
        trial.safe(answer.status_code == 403, "nothing, the device's and another key's signature do not")
    server.clock.advance(31)
    phone.register_biometrics()
    for more in ({"ok": True}, {"biometric_signature": True}, {"biometric_signature": ""}):
        trial.safe(phone.unlock(**more).status_code == 422, f"nor does {more}")


@attack("A34c", bugs="bio_no_terms")
def biometrics_need_the_terms_that_are_in_force(trial: Trial, server: Server) -> None:
    phone = server.bound_phone()
    assert phone.log_in().status_code == 201
    for version in ("2001-01", "none"):
        answer = phone.call("POST", "/biometrics", phone.registration(terms_version=version))
        refused = answer.status_code != 201
        server.clock.advance(60)
        trial.control(phone.call("GET", "/biometrics/terms").json()["version"] != version, "other terms are in force")
        trial.safe(refused, f"terms {version!r} were never agreed to")
    body = phone.registration()
    del body["terms_version"]
    trial.safe(phone.call("POST", "/biometrics", body).status_code == 422, "nor can they be left out")
    trial.safe(phone.settings()["biometrics"]["state"] == "none", "nothing was registered")
    phone.register_biometrics()
    trial.control(unlocks(phone), "with the terms they are registered")


@attack("A36", bugs="bio_replay")
def a_signed_challenge_unlocks_once(trial: Trial, server: Server) -> None:
    phone = with_biometrics(server)
    body = phone.unlocking()
    first = phone.call("POST", "/biometrics/unlock", body)
    trial.control("release_key" in first.json(), "a signed challenge unlocks")
    trial.safe(phone.call("POST", "/biometrics/unlock", body).status_code == 403, "and not a second time")
    late = phone.unlocking()
    server.clock.advance(120)
    trial.safe(phone.call("POST", "/biometrics/unlock", late).status_code == 403, "nor two minutes later")
    twin = phone.unlocking()
    r, s = decode_dss_signature(unb64(twin["biometric_signature"]))
    twin["biometric_signature"] = b64(encode_dss_signature(r, P256_ORDER - s))
    trial.safe(phone.call("POST", "/biometrics/unlock", twin).status_code == 403, "the twin with the high s is none")
    login = phone.login_body()
    crossed = {**phone.unlocking(), "challenge_id": login["challenge_id"]}
    trial.safe(phone.call("POST", "/biometrics/unlock", crossed).status_code == 403, "a login's challenge is none")
    thief = server.phone(MALLORY)
    body = {**login, "account": MALLORY.account, "password": MALLORY.password}
    trial.safe(thief.call("POST", "/sessions", body).status_code == 401, "nor is one account's another's")
