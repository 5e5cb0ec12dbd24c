"""Attacks on the enrolment of a token and on the token itself: A24, A25, A33, A35, A37."""

import copy
import logging
import re
import sqlite3
from contextlib import closing
from hashlib import sha256
from io import BytesIO
from urllib.parse import parse_qs

import zxingcpp
from cryptography.hazmat.primitives.asymmetric import ec
from PIL import Image

from auth_server.registration_code import new_code
from auth_server.totp import code_of, step_at
from fake_gateways.mail import Mail
from fake_gateways.sms import Text
from tests.auth_server.attacks.one_time_codes import another
from tests.auth_server.attacks.people import MALLORY, VICTIM
from tests.auth_server.attacks.server import Server, path_of
from tests.auth_server.attacks.trial import Trial, attack
from tests.auth_server.conftest import Phone, b64

NEW = "Sheung9Wan"
BINDING = "/phone-api/v1/enrolment/binding"


def until_binding(phone: Phone, password: str = VICTIM.password) -> str:
    """Log in and enrol up to the registration mail; its code."""
    assert phone.log_in(password).status_code == 201
    assert phone.call("POST", "/enrolment/sms-code", {"code": phone.start()}).status_code == 200
    return phone.registration_code()


def enrol(phone: Phone, password: str = VICTIM.password) -> None:
    """Do all of it."""
    assert phone.bind(until_binding(phone, password)).status_code == 200
    assert phone.activate().status_code == 200


def logs_in_on_the_web(server: Server, code: str) -> bool:
    """Whether a code of the token, or what is said to be one, logs the victim in."""
    browser = server.browser()
    browser.begin()
    browser.choose("token")
    return browser.gets_in(code)


def notices(server: Server) -> tuple[set[str], set[str]]:
    """To whom mails and texts went since they were last looked at."""
    came = server.messages()
    mails = {recipient for message in came if isinstance(message, Mail) for recipient in message.recipients}
    return mails, {message.recipient for message in came if isinstance(message, Text)}


@attack("A24", bugs="enrol_no_reauth")
def setting_up_a_token_asks_for_a_fresh_login(trial: Trial, server: Server) -> None:
    phone = server.phone()
    assert phone.log_in().status_code == 201
    trial.control(
        phone.call("POST", "/enrolment", {"consent": True}).status_code == 202, "a fresh login may set one up"
    )
    server.clock.advance(20 * 60)
    trial.control(phone.step() == "sms-code", "the session still lives after twenty minutes")
    for path, body in (("/enrolment", {"consent": True}), ("/enrolment/registration", {})):
        answer = phone.call("POST", path, body)
        trial.safe(answer.status_code == 401, "and has to log in again to set up a token")
    trial.safe(server.browser().get("/iweb").status_code == 303, "a session alone is none of the web either")


@attack("A24b", bugs="pending_overwrites")
def an_unfinished_enrolment_leaves_the_old_token_alone(trial: Trial, server: Server) -> None:
    old, new = server.bound_phone(), server.phone()
    trial.control(logs_in_on_the_web(server, old.code()), "the old token works")
    assert new.bind(until_binding(new)).status_code == 200
    server.clock.advance(30)
    trial.safe(logs_in_on_the_web(server, old.code()), "and works on while the new one is unproved")
    trial.safe(old.log_in().json().get("state") == "logged-in", "its phone logs in")


@attack("A24c", bugs="unconfirmed_active")
def a_token_that_was_never_proved_does_not_count(trial: Trial, server: Server) -> None:
    mallory = server.phone(MALLORY)
    enrol(mallory, MALLORY.password)
    trial.control(mallory.log_in(MALLORY.password).json()["state"] == "logged-in", "a token that was proved counts")
    phone = server.phone()
    assert phone.bind(until_binding(phone)).status_code == 200
    wrong = {**phone.activation_body(), "code": another(phone.code())}
    trial.safe(phone.call("POST", "/enrolment/activation", wrong).status_code == 403, "a wrong first code is refused")
    trial.safe(not logs_in_on_the_web(server, phone.code()), "a token without a first code is no second factor")
    trial.safe(phone.log_in().json()["state"] == "set-up-token", "on the phone neither")


@attack("A25", bugs=("bind_cross_user", "idor"))
def what_belongs_to_one_customer_is_no_use_to_another(trial: Trial, server: Server) -> None:
    victim, thief = server.phone(), server.phone(MALLORY)
    code = until_binding(victim)
    until_binding(thief, MALLORY.password)
    crossed = thief.bind(code).status_code
    bound = victim.bind(code)
    trial.control(crossed == 200 or bound.status_code == 200, "a registration code binds the phone of its owner")
    trial.safe(crossed == 403, "and not that of somebody else")
    stolen = thief.call("POST", "/enrolment/activation", victim.activation_body())
    trial.safe(stolen.status_code in (403, 409), "the token id of one is nothing in the session of another")
    one, other = server.browser(), server.browser()
    one.enter(VICTIM)
    second = server.browser()
    second.enter(VICTIM)
    handles = re.findall(r'name="device" value="([^"]+)"', one.get("/iweb/security").text)
    trial.control(handles, "a customer sees the sessions that are open")
    other.enter(MALLORY)
    for handle in handles:
        other.post("/iweb/security/end", {"device": handle})
    trial.safe(second.is_in(), "and nobody else can end them")
    clear = server.request("POST", f"/back-office/api/customers/{VICTIM.account}/token/clear")
    trial.safe(clear.status_code == 401, "the back office asks for its key")


@attack("A25b", bugs="regcode_race")
def a_registration_code_binds_once(trial: Trial, server: Server) -> None:
    phone = server.phone()
    code = until_binding(phone)
    requests = []
    for _ in range(8):
        each = copy.copy(phone)
        each.ephemeral = ec.generate_private_key(ec.SECP256R1())
        headers = {"Authorization": f"Bearer {phone.session}"}
        requests.append(server.sending("POST", BINDING, json=each.binding_body(code), headers=headers))
    answers = server.at_once(*requests)
    tokens = [answer.json()["token_id"] for answer in answers if answer.status_code == 200]
    trial.control(tokens, "the code binds")
    trial.safe(len(tokens) == 1, "of eight uses at once one agrees on a seed")
    other = server.phone()
    until_binding(other)
    trial.safe(other.bind(code).status_code == 403, "another phone with the same code has to begin anew")


@attack("A25c", bugs="regcode_no_limit")
def registration_codes_cannot_be_guessed(trial: Trial, server: Server) -> None:
    mallory = server.phone(MALLORY)
    good = until_binding(mallory, MALLORY.password)
    trial.control(mallory.bind(good).status_code == 200, "the right code binds")
    phone = server.phone()
    code = until_binding(phone)
    statuses = [phone.bind(new_code()).status_code for _ in range(10)]
    trial.safe(set(statuses) == {403}, "wrong codes are refused")
    trial.safe(phone.bind(code).status_code == 429, "after ten of them the right one is too")


@attack("A25d", bugs="enrol_token_replay")
def a_registration_mail_is_worth_nothing_after_its_use(trial: Trial, server: Server) -> None:
    phone = server.phone()
    code = until_binding(phone)
    trial.control(phone.bind(code).status_code == 200, "the code binds")
    assert phone.activate().status_code == 200
    server.clock.advance(60)
    thief = server.phone()
    until_binding(thief)
    trial.safe(thief.bind(code).status_code == 403, "once used it binds no other phone, even in the customer's session")


@attack("A25e", bugs="qr_is_seed")
def a_copied_qr_picture_makes_no_token(trial: Trial, server: Server) -> None:
    phone, thief = server.phone(), server.phone(MALLORY)
    assert phone.log_in().status_code == 201
    code = phone.start()
    assert phone.call("POST", "/enrolment/sms-code", {"code": code}).status_code == 200
    server.forget_messages()
    assert phone.call("POST", "/enrolment/registration").status_code == 202
    [mail] = server.mails()
    [picture] = mail.pictures.values()
    text = zxingcpp.read_barcodes(Image.open(BytesIO(picture)))[0].text
    held = parse_qs(text.removeprefix("TWOFOLD1?"))
    registration = held["c"][0]
    until_binding(thief, MALLORY.password)
    refused = thief.bind(registration).status_code
    anonymous = server.request("POST", BINDING, json=phone.binding_body(registration))
    assert phone.bind(registration).status_code == 200
    assert phone.activate().status_code == 200
    server.clock.advance(60)
    trial.control(logs_in_on_the_web(server, phone.code()), "the customer's phone has a token that works")
    trial.safe(set(held) == {"c", "u", "k", "s"}, "the picture holds code, origin, key and signature, and nothing else")
    trial.safe((refused, anonymous.status_code) == (403, 401), "a copy is no use without the customer's own session")
    server.clock.advance(60)
    for seed in (
        sha256(registration.encode()).digest(),
        registration.encode().ljust(32, b"\0"),
        sha256(text.encode()).digest(),
    ):
        guess = code_of(seed, step_at(server.clock.at))
        trial.safe(not logs_in_on_the_web(server, guess), "nothing in it is the seed")


@attack("A33", bugs="seed_in_log")
def the_seed_is_found_nowhere(trial: Trial, server: Server) -> None:
    logged: list[str] = []

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            logged.append(record.getMessage())

    listener, root = Listener(), logging.getLogger()
    level = root.level
    root.addHandler(listener)
    root.setLevel(logging.DEBUG)
    try:
        phone = server.phone()
        server.forget_messages()
        enrol(phone)
        server.clock.advance(60)
        trial.control(logs_in_on_the_web(server, phone.code()), "the token works")
    finally:
        root.removeHandler(listener)
        root.setLevel(level)
    file = server.settings["AUTH_SERVER_DATABASE_URL"].removeprefix("sqlite:///")
    with closing(sqlite3.connect(file)) as database:
        dump = "\n".join(database.iterdump())
    everything = "\n".join(
        [*logged, dump, str(server.trail()), *(message.text for message in server.messages())]
    ).lower()
    for form in (phone.seed.hex(), b64(phone.seed).lower(), str(phone.seed).lower()):
        trial.safe(form not in everything, "neither log nor database, trail or mail holds the seed")


@attack("A35", bugs="clone_ok")
def a_copy_of_the_phone_without_its_key_is_another_phone(trial: Trial, server: Server) -> None:
    phone = server.bound_phone()
    trial.control(phone.log_in().json()["state"] == "logged-in", "the phone itself is the second factor")
    clone = copy.copy(phone)
    clone.key = ec.generate_private_key(ec.SECP256R1())
    answer = clone.log_in()
    trial.safe(answer.json().get("state") == "set-up-token", "a copy has nothing but the password")
    stolen = {**phone.login_body(), "device_key": clone.login_body()["device_key"]}
    trial.safe(clone.call("POST", "/sessions", stolen).status_code == 401, "another key's proof is none")
    trial.safe(clone.call("GET", "/settings").json()["token"]["state"] == "elsewhere", "the token is elsewhere")


@attack("A35b", bugs="pin_counter_volatile")
def wrong_pins_count_across_logins_days_and_restarts(trial: Trial, server: Server) -> None:
    phone = server.bound_phone()
    trial.control(logs_in_on_the_web(server, phone.code()), "a code of the token works")
    for _ in range(5):
        server.clock.advance(6 * 3600)
        thief = server.browser()
        thief.up_to_the_code(channel="token")
        for _ in range(2):
            thief.give_code(another(phone.code()))
    server.clock.advance(6 * 3600)
    trial.safe(not logs_in_on_the_web(server, phone.code()), "after ten wrong ones the right one is refused")
    server.clock.advance(-86400)
    trial.safe(not logs_in_on_the_web(server, phone.code()), "and a clock set back changes nothing")


@attack("A35c", bugs="pin_oracle")
def a_code_of_a_wrong_pin_looks_like_any_other_that_is_refused(trial: Trial, server: Server) -> None:
    phone = server.bound_phone()
    used = phone.code()
    trial.control(logs_in_on_the_web(server, used), "a code of the right PIN works")
    thief = server.browser()
    thief.up_to_the_code(channel="token")
    tries = (used, phone.code(steps=-5), phone.code(steps=5), another(used), "", "12345")
    answers = [thief.give_code(code) for code in tries]
    shown = {(answer.status_code, answer.text, str(sorted(answer.headers.items()))) for answer in answers}
    trial.safe(len(shown) == 1, "used, late, early, wrong and no code at all are answered alike")
    reasons = [row["reason"] for row in server.trail(event="login-code") if row["result"] == "refused"]
    trial.safe(len(set(reasons)) >= 3, "while the audit trail tells them apart")


@attack("A37", bugs="revoke_late")
def a_token_that_was_cleared_works_nowhere(trial: Trial, server: Server) -> None:
    phone, pending = server.bound_phone(), server.browser()
    trial.control(logs_in_on_the_web(server, phone.code()), "the token works")
    assert phone.log_in().status_code == 201
    pending.up_to_the_code(channel="token")
    server.clock.advance(30)
    assert server.back_office("POST", f"/customers/{VICTIM.account}/token/clear").status_code == 204
    trial.safe(not pending.gets_in(phone.code()), "a login that waited for its code is over")
    trial.safe(not logs_in_on_the_web(server, phone.code()), "a new one does not take its codes")
    trial.safe(phone.call("GET", "/enrolment").status_code == 401, "the phone's session is over")
    trial.safe(phone.log_in().json()["state"] == "set-up-token", "and the phone is no second factor any more")


@attack("A37b", bugs="no_notice")
def every_change_is_told_by_another_channel(trial: Trial, server: Server) -> None:
    phone = server.phone()
    enrol(phone)
    trial.control(phone.log_in().json()["state"] == "logged-in", "a token is bound")
    mails, texts = notices(server)
    trial.safe(VICTIM.email in mails and VICTIM.phone in texts, "binding is told by mail and by text message")
    browser = server.browser()
    link = server.link()
    browser.get(path_of(link))
    server.forget_messages()
    browser.post("/iweb/password-reset", {"new_password": NEW, "new_password_again": NEW})
    trial.safe(notices(server)[1] == {VICTIM.phone}, "a reset by mail is told by text message")
    server.phone().log_in(NEW)
    trial.safe(notices(server)[0] == {VICTIM.email}, "a login on another phone is told by mail")
    assert server.back_office("POST", f"/customers/{VICTIM.account}/token/clear").status_code == 204
    trial.safe(any(notices(server)), "clearing the token is told")
