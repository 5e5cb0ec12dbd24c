"""An enrolment that is cut short at any step goes on, begins anew or is over, and is never bound twice (M19)."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import httpx
import pytest

if TYPE_CHECKING:
    from conftest import Phone, World

NewPhone = Callable[..., "Phone"]
STEPS = ["sms-code", "registration", "binding", "activation"]


@pytest.fixture
def phone(world: "World", new_phone: NewPhone) -> "Phone":
    """A phone that is logged in."""
    world.customer()
    phone = new_phone()
    phone.be_logged_in()
    return phone


def refused(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


def go_to(phone: "Phone", step: str) -> str:
    """Enrol until `step` comes next; the code that it waits for, if it waits for one."""
    code = phone.start()
    if step == "sms-code":
        return code
    phone.call("POST", "/enrolment/sms-code", {"code": code})
    if step == "registration":
        return ""
    code = phone.registration_code()
    if step == "activation":
        phone.bind(code)
    return code


def go_on(phone: "Phone", step: str, code: str) -> httpx.Response:
    """Take the one step that comes next."""
    if step == "sms-code":
        return phone.call("POST", "/enrolment/sms-code", {"code": code})
    if step == "registration":
        return phone.call("POST", "/enrolment/registration")
    return phone.bind(code) if step == "binding" else phone.activate()


@pytest.mark.parametrize("step", STEPS)
def test_another_phone_in_between_ends_the_enrolment_and_the_customer_can_take_it_back(
    world: "World", new_phone: NewPhone, phone: "Phone", step: str
) -> None:
    code = go_to(phone, step)
    other = new_phone()
    other.be_logged_in()
    assert other.step() == "none"
    assert phone.step() == step  # a login elsewhere ends nothing
    other.start()
    assert phone.step() == "none"
    assert refused(go_on(phone, step, code)) == (409, "wrong-step")
    assert world.audit()[-1].reason == "wrong-step"

    world.clock.advance(60)
    phone.bind(go_to(phone, "binding"))
    assert other.step() == "none"
    assert phone.activate().status_code == 200
    with world.broker.database.reading() as tx:
        states = tx.exec_driver_sql("SELECT state FROM soft_tokens WHERE state <> 'ended'").scalars().all()
    assert states == ["active"]


def test_a_login_whose_answer_was_lost_is_made_again_with_a_new_challenge(world: "World", phone: "Phone") -> None:
    body = phone.login_body()
    lost = phone.call("POST", "/sessions", body).json()["session"]
    assert refused(phone.call("POST", "/sessions", body)) == (401, "login-refused")
    assert phone.log_in().status_code == 201
    phone.session, kept = lost, phone.session
    assert refused(phone.call("GET", "/enrolment")) == (401, "not-logged-in")
    phone.session = kept
    assert phone.step() == "none"


def test_a_consent_whose_answer_was_lost_has_sent_its_code_and_that_code_stays_good(
    world: "World", phone: "Phone"
) -> None:
    code = phone.start()
    again = phone.call("POST", "/enrolment", {"consent": True})
    assert refused(again) == (429, "too-many-requests")
    where = phone.call("GET", "/enrolment").json()
    assert (where["step"], where["sent_to"]) == ("sms-code", "+852 •••• 0101")
    assert not world.texts()
    assert phone.call("POST", "/enrolment/sms-code", {"code": code}).status_code == 200


def test_an_activation_code_that_comes_twice_from_its_phone_gets_the_same_answer(
    world: "World", new_phone: NewPhone, phone: "Phone"
) -> None:
    code = go_to(phone, "sms-code")
    first = phone.call("POST", "/enrolment/sms-code", {"code": code})
    world.clock.advance(600)  # long after the code would have died
    phone.be_logged_in()
    again = phone.call("POST", "/enrolment/sms-code", {"code": code})
    assert (again.status_code, again.json()) == (200, first.json())
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    assert refused(phone.call("POST", "/enrolment/sms-code", {"code": wrong})) == (409, "wrong-step")
    other = new_phone()
    other.be_logged_in()
    assert refused(other.call("POST", "/enrolment/sms-code", {"code": code})) == (409, "wrong-step")
    phone.registration_code()
    assert refused(phone.call("POST", "/enrolment/sms-code", {"code": code})) == (409, "wrong-step")
    world.clock.advance(60)
    phone.start()
    assert refused(phone.call("POST", "/enrolment/sms-code", {"code": code})) == (403, "wrong-code")


def test_a_registration_mail_that_is_asked_for_twice_leaves_the_newer_code_alone_good(
    world: "World", phone: "Phone"
) -> None:
    older = go_to(phone, "binding")
    newer = phone.registration_code()
    assert refused(phone.bind(older)) == (403, "wrong-registration-code")
    assert phone.bind(newer).status_code == 200


def test_the_answer_to_a_binding_can_be_fetched_again_after_a_restart(world: "World", phone: "Phone") -> None:
    code = go_to(phone, "binding")
    first = phone.call("POST", "/enrolment/binding", phone.binding_body(code)).json()
    world.clock.advance(3600)
    assert phone.log_in().json()["enrolment"] == "activation"
    again = phone.bind(code)
    assert {**again.json(), "server_time": 0} == {**first, "server_time": 0}
    assert phone.activate().status_code == 200


def test_an_activation_whose_answer_was_lost_succeeds_again_after_a_restart(world: "World", phone: "Phone") -> None:
    go_to(phone, "activation")
    body = phone.activation_body()
    assert phone.call("POST", "/enrolment/activation", body).status_code == 200
    world.mails(), world.texts()
    world.clock.advance(3600)
    back = phone.log_in().json()
    assert (back["state"], back["enrolment"], back["token_id"]) == ("logged-in", "none", phone.token_id)
    again = phone.call("POST", "/enrolment/activation", body).json()
    assert (again["step"], again["token_id"]) == ("active", phone.token_id)
    assert [mail.subject for mail in world.mails()] == ["登入通知"]


def test_what_is_bound_on_the_server_alone_has_a_way_out(world: "World", phone: "Phone") -> None:
    go_to(phone, "activation")
    phone.activate()  # and the phone lost its seed before it could write it down
    phone.log_in()
    world.clock.advance(60)
    phone.bind(go_to(phone, "binding"))
    assert phone.activate().status_code == 200
    assert phone.log_in().json()["token_id"] == phone.token_id
