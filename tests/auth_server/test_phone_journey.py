"""The phone's journey over HTTP, from the first login to the bound token (M12–M19, M24)."""

import base64
import io
from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote

import pytest
import zxingcpp
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from PIL import Image

if TYPE_CHECKING:
    from conftest import Phone, World

pytestmark = pytest.mark.on_both_databases

NewPhone = Callable[..., "Phone"]


def test_a_customer_enrols_and_binds_and_from_then_on_logs_in_with_account_and_password_alone(
    world: "World", new_phone: NewPhone
) -> None:
    world.customer()
    phone = new_phone()

    first = phone.log_in().json()
    assert (first["state"], first["enrolment"], first["token_id"]) == ("set-up-token", "none", None)
    assert (first["account"], first["name"], first["server_time"]) == ("9999-9990", "陳大文", 1_800_000_000)
    assert phone.step() == "none"

    sent = phone.call("POST", "/enrolment", {"consent": True})
    assert sent.status_code == 202
    assert sent.json() == {
        "step": "sms-code",
        "sent_to": "+852 •••• 0101",
        "expires_at": 1_800_000_300,
        "resend_at": 1_800_000_060,
    }
    [text] = world.texts()
    assert text.to == "+852 5555 0101"
    code = text.text.removeprefix("鉅亨證券：啟用保安編碼器的驗證碼是 ")[:6]
    assert phone.call("POST", "/enrolment/sms-code", {"code": code}).json() == {"step": "registration"}

    registration = phone.call("POST", "/enrolment/registration")
    assert registration.status_code == 202
    assert registration.json() == {
        "step": "binding",
        "sent_to": "ch••••@example.com",
        "expires_at": 1_800_000_000 + 8 * 3600,
    }
    [mail] = world.mails()
    assert mail.subject == "保安編碼器註冊資料"
    written = mail.text.partition("註冊編碼：")[2][:23]
    assert written in mail.html
    assert [len(group) for group in written.split("-")] == [5, 5, 5, 5]

    bound = phone.bind(written.replace("-", ""))
    assert bound.status_code == 200
    assert bound.json()["step"] == "activation"
    active = phone.activate()
    assert active.json() == {"step": "active", "token_id": phone.token_id, "server_time": 1_800_000_000}
    assert phone.step() == "active"
    assert [mail.subject for mail in world.mails()] == ["保安編碼器綁定通知"]
    assert ["保安編碼器" in text.text for text in world.texts()] == [True]

    again = phone.log_in().json()
    assert (again["state"], again["enrolment"], again["token_id"]) == ("logged-in", "none", phone.token_id)
    assert [mail.subject for mail in world.mails()] == ["登入通知"]
    assert phone.call("DELETE", "/sessions/current").status_code == 204
    assert phone.call("GET", "/enrolment").status_code == 401

    events = [(row.event, row.result) for row in world.audit("9999-9990")]
    assert events == [
        ("phone-login", "success"),
        ("enrolment-started", "success"),
        ("code-sent", "success"),
        ("activation-code", "success"),
        ("registration-sent", "success"),
        ("binding", "success"),
        ("token-bound", "success"),
        ("phone-login", "success"),
        ("logout", "success"),
        ("request-refused", "refused"),
    ]


def test_the_qr_code_holds_the_registration_code_and_its_issuer_signed_and_no_seed(
    world: "World", new_phone: NewPhone
) -> None:
    world.customer()
    phone = new_phone()
    phone.log_in()
    phone.call("POST", "/enrolment/sms-code", {"code": phone.start()})
    phone.call("POST", "/enrolment/registration")
    [mail] = world.mails()
    [(cid, picture)] = list(mail.decoded_pictures())
    assert f"cid:{cid}" in mail.html

    [found] = zxingcpp.read_barcodes(Image.open(io.BytesIO(picture)))
    signed, _, signature = found.text.rpartition("&s=")
    assert signed.startswith("TWOFOLD1?c=")
    values = parse_qs(signed.partition("?")[2])
    assert list(values) == ["c", "u", "k"]
    assert values["c"][0] in mail.text.replace("-", "")
    server = phone.call("GET", "/server").json()
    assert unquote(values["u"][0]) == server["origin"] == "http://localhost:8000"
    assert values["k"][0] == server["key_id"]
    public = base64.urlsafe_b64decode(server["public_key"] + "=")
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public)
    key.verify(
        base64.urlsafe_b64decode(signature + "=" * (-len(signature) % 4)), signed.encode(), ec.ECDSA(hashes.SHA256())
    )


@pytest.mark.parametrize("stop_before", ["sms-code", "registration", "binding", "activation"])
def test_an_interrupted_enrolment_goes_on_after_a_new_login_of_the_same_phone(
    world: "World", new_phone: NewPhone, stop_before: str
) -> None:
    world.customer()
    phone = new_phone()
    phone.log_in()
    sms_code = phone.start()
    registration_code = ""
    if stop_before != "sms-code":
        phone.call("POST", "/enrolment/sms-code", {"code": sms_code})
    if stop_before in {"binding", "activation"}:
        registration_code = phone.registration_code()
    if stop_before == "activation":
        phone.bind(registration_code)

    world.clock.advance(280 if stop_before == "sms-code" else 7 * 3600 + 59 * 60)
    back = phone.log_in().json()
    assert (back["state"], back["enrolment"]) == ("set-up-token", stop_before)
    assert phone.step() == stop_before

    if stop_before == "sms-code":
        assert phone.call("POST", "/enrolment/sms-code", {"code": sms_code}).status_code == 200
    if stop_before in {"sms-code", "registration"}:
        registration_code = phone.registration_code()
    if stop_before != "activation":
        assert phone.bind(registration_code).status_code == 200
    assert phone.activate().status_code == 200
    assert phone.step() == "active"


def test_an_enrolment_that_was_left_for_a_day_begins_anew(world: "World", new_phone: NewPhone) -> None:
    world.customer()
    phone = new_phone()
    phone.enrol_until_binding()
    world.clock.advance(24 * 3600)
    assert phone.log_in().json()["enrolment"] == "none"
    assert phone.step() == "none"
    assert phone.start()


def test_another_phone_begins_anew_and_ends_the_unfinished_enrolment_of_the_first(
    world: "World", new_phone: NewPhone
) -> None:
    world.customer()
    first, second = new_phone(), new_phone()
    code = first.enrol_until_binding()
    assert second.log_in().json()["enrolment"] == "none"
    assert first.step() == "binding"  # logging in elsewhere ends nothing
    second.start()
    assert first.step() == "none"
    refused = first.bind(code)
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "wrong-step")


def test_a_new_phone_takes_over_the_token_only_with_its_first_code_and_ends_the_old_phones_session(
    world: "World", new_phone: NewPhone
) -> None:
    world.customer()
    old, new = new_phone(), new_phone()
    old.enrol()
    old.log_in()
    world.mails(), world.texts()
    assert new.log_in().json()["state"] == "set-up-token"
    assert [mail.subject for mail in world.mails()] == ["新手機登入通知"]
    code = new.enrol_until_binding()
    new.bind(code)
    assert old.log_in().json()["state"] == "logged-in"  # the old token works until then
    assert new.activate().status_code == 200
    assert old.call("GET", "/enrolment").status_code == 401
    assert old.log_in().json()["state"] == "set-up-token"
    assert new.log_in().json()["state"] == "logged-in"
    with world.broker.database.reading() as tx:
        active = tx.exec_driver_sql("SELECT count(*) FROM soft_tokens WHERE state = 'active'").scalar_one()
    assert active == 1


def test_repeated_binding_and_activation_of_the_same_phone_get_the_same_answers(
    world: "World", new_phone: NewPhone
) -> None:
    world.customer()
    phone = new_phone()
    code = phone.enrol_until_binding()
    first = phone.bind(code).json()
    again = phone.call("POST", "/enrolment/binding", phone.binding_body(code))  # signed anew: ECDSA is random
    assert again.status_code == 200
    assert again.json() == first
    body = phone.activation_body()
    assert phone.call("POST", "/enrolment/activation", body).status_code == 200
    world.mails(), world.texts()
    world.clock.advance(600)  # the answer was lost, the network came back later
    assert phone.call("POST", "/enrolment/activation", body).json()["step"] == "active"
    assert not world.mails()
    body["confirmation"] = "A" * 43
    assert phone.call("POST", "/enrolment/activation", body).status_code == 403
    other = phone.call("POST", "/enrolment/binding", phone.binding_body(code))
    assert other.json()["error"]["code"] == "wrong-step"


def test_a_repeated_binding_with_another_ephemeral_key_is_refused(world: "World", new_phone: NewPhone) -> None:
    world.customer()
    phone = new_phone()
    code = phone.enrol_until_binding()
    phone.bind(code)
    phone.ephemeral = ec.generate_private_key(ec.SECP256R1())
    assert phone.bind(code).json()["error"]["code"] == "wrong-step"


def test_messages_are_in_the_language_that_the_phone_asks_for(world: "World") -> None:
    chinese = world.request("GET", "/phone-api/v1/enrolment").json()["error"]
    english = world.request("GET", "/phone-api/v1/enrolment", headers={"Accept-Language": "en"}).json()["error"]
    assert chinese == {"code": "not-logged-in", "message": "登入已結束，請重新登入。"}
    assert english["code"] == "not-logged-in"
    assert english["message"].isascii()
