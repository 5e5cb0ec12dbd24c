"""What an enrolment refuses: steps out of order, old codes, other phones, other accounts, and guessing."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from auth_server import phone_sessions, token_setup
from auth_server.registration_code import new_code
from auth_server.token_setup import Bound

if TYPE_CHECKING:
    from conftest import Phone, World

    from auth_server.phone_sessions import PhoneSession

pytestmark = pytest.mark.on_both_databases

NewPhone = Callable[..., "Phone"]
AtOnce = Callable[[Callable[[int], object], int], list[object]]

STEPS = {
    "sms-code": ("/enrolment/sms-code", {"code": "123456"}),
    "registration": ("/enrolment/registration", {}),
    "activation": ("/enrolment/activation", {"token_id": "00", "code": "123456", "confirmation": "A" * 43}),
}


@pytest.fixture
def phone(world: "World", new_phone: NewPhone) -> "Phone":
    """A phone that is logged in."""
    world.customer()
    phone = new_phone()
    phone.be_logged_in()
    return phone


def refused(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


def session_of(world: "World", phone: "Phone") -> "PhoneSession":
    with world.broker.database.writing() as tx:
        session = phone_sessions.find(tx, phone.session, world.broker.settings, at=world.clock.at)
    assert session is not None
    return session


def at_the_binding(world: "World", phone: "Phone") -> str:
    phone.call("POST", "/enrolment/sms-code", {"code": phone.start()})
    return phone.registration_code()


def test_no_step_can_be_skipped(world: "World", phone: "Phone") -> None:
    wrong_step = (409, "wrong-step")
    for path, body in STEPS.values():
        assert refused(phone.call("POST", path, body)) == wrong_step
    assert refused(phone.bind(new_code())) == wrong_step
    code = phone.start()
    for path, body in [STEPS["registration"], STEPS["activation"]]:
        assert refused(phone.call("POST", path, body)) == wrong_step
    phone.call("POST", "/enrolment/sms-code", {"code": code})
    assert refused(phone.call("POST", *STEPS["sms-code"])) == wrong_step
    assert refused(phone.bind(new_code())) == wrong_step
    code = phone.registration_code()
    assert refused(phone.call("POST", *STEPS["activation"])) == wrong_step
    phone.bind(code)
    assert refused(phone.call("POST", *STEPS["registration"])) == wrong_step
    assert phone.activate().status_code == 200
    assert refused(phone.call("POST", *STEPS["sms-code"])) == wrong_step


def test_without_consent_no_code_is_sent(world: "World", phone: "Phone") -> None:
    for body in [{}, {"consent": False}, {"consent": "true"}, {"consent": 1}]:
        assert refused(phone.call("POST", "/enrolment", body)) == (422, "invalid-request")
    assert not world.texts()


def test_wrong_late_used_and_replaced_sms_codes_are_refused_alike(world: "World", phone: "Phone") -> None:
    first = phone.start()
    world.clock.advance(60)
    second = phone.start()
    answers = [phone.call("POST", "/enrolment/sms-code", {"code": first})]
    answers.append(phone.call("POST", "/enrolment/sms-code", {"code": f"{(int(second) + 1) % 10**6:06d}"}))
    world.clock.advance(300)
    answers.append(phone.call("POST", "/enrolment/sms-code", {"code": second}))
    assert {answer.content for answer in answers} == {answers[0].content}
    assert refused(answers[0]) == (403, "wrong-code")
    assert world.reasons("activation-code") == ["replaced", "wrong", "late"]


def test_after_five_wrong_codes_the_right_one_is_refused_and_a_new_one_helps(world: "World", phone: "Phone") -> None:
    code = phone.start()
    for number in range(1, 6):
        phone.call("POST", "/enrolment/sms-code", {"code": f"{(int(code) + number) % 10**6:06d}"})
    assert refused(phone.call("POST", "/enrolment/sms-code", {"code": code})) == (403, "wrong-code")
    assert world.reasons("activation-code")[-1] == "locked"
    world.clock.advance(60)
    assert phone.call("POST", "/enrolment/sms-code", {"code": phone.start()}).status_code == 200


def test_a_second_code_within_a_minute_is_refused_with_the_time_to_wait(world: "World", phone: "Phone") -> None:
    phone.start()
    world.clock.advance(20)
    limited = phone.call("POST", "/enrolment", {"consent": True})
    assert refused(limited) == (429, "too-many-requests")
    assert limited.headers["Retry-After"] == "40"


def test_starting_over_again_and_again_sends_five_texts_an_hour(world: "World", phone: "Phone") -> None:
    sent = 0
    for _ in range(8):
        answer = phone.call("POST", "/enrolment", {"consent": True})
        sent += answer.status_code == 202
        world.clock.advance(60)
    assert sent == len(world.texts()) == 5


def test_five_registration_mails_an_hour_and_the_newest_code_alone_is_good(world: "World", phone: "Phone") -> None:
    codes = [at_the_binding(world, phone)] + [phone.registration_code() for _ in range(4)]
    assert refused(phone.call("POST", "/enrolment/registration")) == (429, "too-many-requests")
    for code in codes[:-1]:
        assert refused(phone.bind(code)) == (403, "wrong-registration-code")
    assert world.reasons("binding") == ["replaced"] * 4
    assert phone.bind(codes[-1]).status_code == 200


@pytest.mark.parametrize(("age", "status"), [(8 * 3600 - 1, 200), (8 * 3600, 403)])
def test_a_registration_code_lives_eight_hours(world: "World", phone: "Phone", age: int, status: int) -> None:
    code = at_the_binding(world, phone)
    world.clock.advance(age)
    phone.log_in()
    assert phone.bind(code).status_code == status
    assert world.reasons("binding") == ([] if status == 200 else ["late"])
    if status == 403:
        assert phone.bind(phone.registration_code()).status_code == 200


def test_the_code_of_another_account_is_refused_and_stays_good_for_its_owner(
    world: "World", new_phone: NewPhone, phone: "Phone"
) -> None:
    world.customer("9999-9991", email="wong@example.com", phone="+852 5555 0102")
    thief = new_phone("9999-9991")
    thief.enrol_until_binding()
    code = at_the_binding(world, phone)
    assert refused(thief.bind(code)) == (403, "wrong-registration-code")
    assert world.reasons("binding") == ["another-account"]
    assert phone.bind(code).status_code == 200


def test_ten_registration_codes_an_hour_can_be_tried(world: "World", phone: "Phone") -> None:
    code = at_the_binding(world, phone)
    for _ in range(10):
        assert refused(phone.bind(new_code())) == (403, "wrong-registration-code")
    limited = phone.bind(code)
    assert refused(limited) == (429, "too-many-requests")
    world.clock.advance(int(limited.headers["Retry-After"]))
    phone.log_in()
    assert phone.bind(code).status_code == 200


def test_a_code_with_a_wrong_checksum_is_refused(world: "World", phone: "Phone") -> None:
    code = at_the_binding(world, phone)
    assert refused(phone.bind(("B" if code[0] == "A" else "A") + code[1:])) == (403, "wrong-registration-code")
    assert world.reasons("binding") == ["checksum"]


def test_a_binding_that_the_device_key_did_not_sign_is_refused_and_uses_nothing_up(
    world: "World", new_phone: NewPhone, phone: "Phone"
) -> None:
    code = at_the_binding(world, phone)
    body = phone.binding_body(code)
    for wrong in [
        {**body, "signature": new_phone().binding_body(code)["signature"]},
        {**body, "signature": phone.binding_body(new_code())["signature"]},
        {**body, "device_ephemeral_key": new_phone().binding_body(code)["device_ephemeral_key"]},
    ]:
        assert refused(phone.call("POST", "/enrolment/binding", wrong)) == (403, "binding-failed")
    assert phone.bind(code).status_code == 200


def test_of_32_bindings_at_once_with_different_keys_one_succeeds(
    world: "World", phone: "Phone", at_once: AtOnce
) -> None:
    code = at_the_binding(world, phone)
    session = session_of(world, phone)
    requests = []
    for _ in range(32):
        phone.ephemeral = ec.generate_private_key(ec.SECP256R1())
        requests.append(phone.binding(code))

    def bind(number: int) -> object:
        with world.broker.database.writing() as tx:
            return token_setup.bind(world.broker, tx, session, **requests[number], address="")

    answers = at_once(bind, 32)
    assert sum(isinstance(answer, Bound) for answer in answers) == 1


def test_8_repetitions_at_once_of_one_binding_get_one_answer(world: "World", phone: "Phone", at_once: AtOnce) -> None:
    code = at_the_binding(world, phone)
    session = session_of(world, phone)
    request = phone.binding(code)

    def bind(_number: int) -> object:
        with world.broker.database.writing() as tx:
            return token_setup.bind(world.broker, tx, session, **request, address="")

    [answer] = set(at_once(bind, 8))
    assert isinstance(answer, Bound)


def test_a_wrong_first_code_or_confirmation_activates_nothing(world: "World", phone: "Phone") -> None:
    phone.bind(at_the_binding(world, phone))
    body = phone.activation_body()
    for wrong in [
        {**body, "code": f"{(int(body['code']) + 1) % 10**6:06d}"},
        {**body, "code": phone.code(steps=-2)},
        {**body, "confirmation": "A" * 43},
    ]:
        assert refused(phone.call("POST", "/enrolment/activation", wrong)) == (403, "binding-failed")
    assert world.reasons("token-bound") == ["wrong", "late", "confirmation"]
    with world.broker.database.reading() as tx:
        assert not world.broker.soft_tokens.has_active(tx, "9999-9990")
    assert phone.activate().status_code == 200


def test_after_ten_wrong_first_codes_the_customer_starts_over(world: "World", phone: "Phone") -> None:
    phone.bind(at_the_binding(world, phone))
    body = {**phone.activation_body(), "confirmation": "A" * 43}
    for _ in range(10):
        phone.call("POST", "/enrolment/activation", body)
    assert refused(phone.activate()) == (403, "binding-failed")
    assert world.reasons("token-bound")[-1] == "locked"
    world.clock.advance(60)
    assert phone.start()
    assert phone.step() == "sms-code"


def test_of_32_activations_at_once_one_is_told_to_the_customer(world: "World", phone: "Phone", at_once: AtOnce) -> None:
    phone.bind(at_the_binding(world, phone))
    session = session_of(world, phone)
    code = phone.code()
    world.mails(), world.texts()

    def activate(_number: int) -> object:
        with world.broker.database.writing() as tx:
            return token_setup.activate(
                world.broker,
                tx,
                session,
                token_id=phone.token_id,
                code=code,
                confirmation=phone.confirmation,
                address="",
            )

    assert at_once(activate, 32) == [None] * 32  # the 31 repeat one that succeeded
    assert len(world.mails()) == len(world.texts()) == 1
    assert len(world.audit(event="token-bound")) == 1


def test_setting_up_a_token_needs_a_login_of_the_last_20_minutes(world: "World", phone: "Phone") -> None:
    world.clock.advance(1199)
    code = phone.start()
    world.clock.advance(1)
    assert refused(phone.call("POST", "/enrolment/sms-code", {"code": code})) == (401, "not-logged-in")
    assert world.reasons("request-refused") == ["login-too-old"]
    assert phone.step() == "sms-code"
    phone.log_in()
    assert phone.call("POST", "/enrolment/sms-code", {"code": code}).status_code == 200


def test_starting_over_keeps_the_older_token_until_the_new_one_is_proved(
    world: "World", new_phone: NewPhone, phone: "Phone"
) -> None:
    phone.be_bound()
    older, old_code = phone.token_id, phone.code(steps=1)
    phone.log_in()
    phone.bind(at_the_binding(world, phone))
    with world.broker.database.writing() as tx:
        assert world.broker.soft_tokens.accept_code(tx, "9999-9990", old_code) == "accepted"
    assert phone.activate().status_code == 200
    assert phone.log_in().json()["token_id"] == phone.token_id != older


def test_neither_seed_nor_codes_can_be_found_in_the_database(world: "World", phone: "Phone") -> None:
    code = at_the_binding(world, phone)
    phone.bind(code)
    with world.broker.database.reading() as tx:
        dump = "".join(
            repr(tx.exec_driver_sql(f"SELECT * FROM {table}").all())  # noqa: S608
            for table in ("soft_tokens", "registration_codes", "one_time_codes", "enrolments", "outbox", "audit_rows")
        )
    assert code not in dump
    assert "-".join(code[start : start + 5] for start in range(0, 20, 5)) not in dump
    assert repr(phone.seed)[2:-1] not in dump
    assert repr(phone.confirmation)[2:-1] not in dump
