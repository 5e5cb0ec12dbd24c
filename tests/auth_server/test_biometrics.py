"""Biometrics: registered with PIN and terms, released by two keys and a living registration only (M21, M22, M30)."""

import json
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from auth_server import accounts, biometrics_unlock
from auth_server.biometrics_unlock import UnlockRequest
from auth_server.channels import Channel
from auth_server.encoding import from_base64url, to_base64url
from auth_server.sealing import SealBrokenError

if TYPE_CHECKING:
    from conftest import Phone, World

pytestmark = pytest.mark.on_both_databases

NewPhone = Callable[..., "Phone"]
AtOnce = Callable[[Callable[[int], object], int], list[object]]
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
PASSWORD = "Tseung7Kwan"


@pytest.fixture
def phone(bound_phone: "Phone") -> "Phone":
    """A phone with the account's token, logged in."""
    return bound_phone


@pytest.fixture
def registered(world: "World", phone: "Phone") -> "Phone":
    """The same phone with its biometrics registered, logged out, and its mails read."""
    phone.register_biometrics()
    phone.session = ""
    world.mails(), world.texts()
    return phone


def refused(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


def suspension(answer: httpx.Response) -> str:
    assert refused(answer) == (403, "biometrics-suspended")
    return answer.json()["error"]["reason"]


def state(phone: "Phone") -> tuple[str, str | None]:
    phone.be_logged_in("logged-in")
    shown = phone.settings()["biometrics"]
    return shown["state"], shown["reason"]


def release_keys(world: "World") -> list[bytes | None]:
    """What the database keeps of release keys."""
    with world.broker.database.reading() as tx:
        return list(tx.exec_driver_sql("SELECT sealed_release_key FROM biometrics").scalars())


def high_s(signature: str) -> str:
    """The other signature that says the same."""
    der = from_base64url(signature)
    assert der is not None
    r, s = decode_dss_signature(der)
    return to_base64url(encode_dss_signature(r, P256_ORDER - s))


def asked(body: dict[str, Any]) -> UnlockRequest:
    """An unlock as the rules take it."""
    named = {name: body[name] for name in ("biometrics_id", "challenge_id")}
    octets = {name: from_base64url(body[name]) for name in ("biometric_set", "signature", "biometric_signature")}
    return UnlockRequest(**named, **octets)


# What the terms say, M21a


def test_the_terms_have_seven_paragraphs_in_both_languages(world: "World") -> None:
    said = {
        language: world.request("GET", "/phone-api/v1/biometrics/terms", headers={"Accept-Language": language}).json()
        for language in ("zh-Hant", "en")
    }
    assert {language: len(each["paragraphs"]) for language, each in said.items()} == {"zh-Hant": 7, "en": 7}
    assert said["en"]["version"] == said["zh-Hant"]["version"]
    assert all(re.search("[\u4e00-\u9fff]", text) for text in said["zh-Hant"]["paragraphs"])
    assert not re.search("[\u3000-\u9fff\uff00-\uffef]", json.dumps(said["en"], ensure_ascii=False))


# Registering, M21


def test_registering_records_the_terms_and_tells_the_customer_by_mail(world: "World", phone: "Phone") -> None:
    release_key = phone.register_biometrics()
    assert len(release_key) == 32
    [mail] = world.mails()
    assert (mail.subject, world.texts()) == ("生物認證啟用通知", [])
    assert phone.settings()["biometrics"] == {"state": "active", "reason": None, "registered_at": 1_800_000_000}
    with world.broker.database.reading() as tx:
        row = tx.exec_driver_sql("SELECT * FROM biometrics").one()
    terms = phone.call("GET", "/biometrics/terms").json()
    assert (row.terms_version, row.terms_accepted_at) == (terms["version"], 1_800_000_000)
    assert [each.result for each in world.audit(event="biometrics-registered")] == ["success"]


def test_without_the_terms_in_force_there_is_no_registration(world: "World", phone: "Phone") -> None:
    assert refused(phone.call("POST", "/biometrics", phone.registration(terms_version="2001-01"))) == (
        409,
        "terms-changed",
    )
    without = phone.registration()
    del without["terms_version"]
    assert refused(phone.call("POST", "/biometrics", without)) == (422, "invalid-request")
    assert world.reasons("biometrics-registered") == ["terms"]
    assert state(phone) == ("none", None)


def test_a_wrong_pin_registers_nothing_and_counts_towards_the_tokens_lock(world: "World", phone: "Phone") -> None:
    wrong = f"{(int(phone.code()) + 1) % 10**6:06d}"
    for code in [wrong] * 9:
        assert refused(phone.call("POST", "/biometrics", phone.registration(code=code))) == (403, "wrong-pin")
    right = phone.registration()
    assert phone.call("POST", "/biometrics", right).status_code == 201
    again = phone.registration()  # a code that was used
    assert refused(phone.call("POST", "/biometrics", again)) == (403, "wrong-pin")
    with world.broker.database.writing() as tx:
        for _ in range(9):
            world.broker.soft_tokens.accept_code(tx, "9999-9990", wrong)
    world.clock.advance(60)
    locked = phone.call("POST", "/biometrics", phone.registration())
    assert refused(locked) == (403, "wrong-pin")  # the right code of a locked token looks like a wrong one
    assert world.reasons("biometrics-registered") == [*["wrong"] * 9, "used", "locked"]


def test_both_keys_must_prove_themselves_over_the_same_challenge(
    world: "World", new_phone: NewPhone, phone: "Phone"
) -> None:
    stranger = new_phone()
    good = phone.registration()
    with_device_key = phone.registration(public_key=phone.login_body()["device_key"])
    signed_by_device = {**with_device_key, "biometric_signature": with_device_key["signature"]}
    cases: list[tuple[dict[str, Any], str, str]] = [
        ({**phone.registration(), "signature": good["signature"]}, "device-not-proved", "signature"),
        (
            {**phone.registration(), "biometric_signature": good["signature"]},
            "biometrics-refused",
            "biometric-signature",
        ),
        (phone.registration(biometric_signature=stranger.sign("x")), "biometrics-refused", "biometric-signature"),
        (signed_by_device, "biometrics-refused", "device-key"),
        ({**phone.registration(), "biometric_set": "A" * 43}, "device-not-proved", "signature"),
        ({**good, "challenge_id": phone.challenge("clear-token")["challenge_id"]}, "device-not-proved", "challenge"),
    ]
    for name, code, reason in [
        ("signature", "device-not-proved", "signature"),
        ("biometric_signature", "biometrics-refused", "biometric-signature"),
    ]:
        twin = phone.registration()
        cases.append(({**twin, name: high_s(twin[name])}, code, reason))
    for body, code, _ in cases:
        assert refused(phone.call("POST", "/biometrics", body)) == (403, code)
    assert world.reasons("biometrics-registered") == [reason for _, _, reason in cases]
    assert phone.call("POST", "/biometrics", good).status_code == 201  # the code was not used up by any of them


def test_a_registration_that_is_asked_for_twice_gets_the_same_answer_and_one_notice(
    world: "World", phone: "Phone"
) -> None:
    body = phone.registration()
    first = phone.call("POST", "/biometrics", body)
    world.clock.advance(600)  # the answer was lost, the network came back later
    assert phone.call("POST", "/biometrics", body).json() == first.json()
    assert len(world.mails()) == 1
    assert refused(phone.call("POST", "/biometrics", {**body, "biometric_set": "A" * 43})) == (403, "device-not-proved")
    world.clock.advance(60)
    other = phone.call("POST", "/biometrics", phone.registration())
    assert other.json() != first.json()
    assert refused(phone.call("POST", "/biometrics", body)) == (403, "device-not-proved")
    assert [row.reason for row in world.audit(event="biometrics-ended")] == ["replaced"]


def test_only_the_phone_that_holds_the_token_registers_or_cancels(
    world: "World", new_phone: NewPhone, phone: "Phone"
) -> None:
    other = new_phone()
    other.be_logged_in()
    other.token_id, other.seed = phone.token_id, phone.seed
    assert refused(other.call("POST", "/biometrics", other.registration())) == (403, "token-required")
    assert refused(other.call("DELETE", "/biometrics")) == (403, "token-required")
    assert world.reasons("biometrics-registered") == world.reasons("biometrics-ended") == ["token-required"]


def test_cancelling_ends_the_registration_and_is_told_once(world: "World", registered: "Phone") -> None:
    registered.be_logged_in("logged-in")
    for _ in range(2):
        assert registered.call("DELETE", "/biometrics").status_code == 204
    assert [mail.subject for mail in world.mails()] == ["生物認證取消通知"]
    assert refused(registered.unlock()) == (403, "biometrics-refused")
    assert state(registered) == ("none", None)


# Unlocking, M30


def test_the_phone_gets_its_release_key_each_time_without_a_login(world: "World", phone: "Phone") -> None:
    release_key = phone.register_biometrics()
    phone.session = ""
    for _ in range(2):
        answer = phone.unlock()
        assert (answer.status_code, from_base64url(answer.json()["release_key"])) == (200, release_key)
    assert [row.result for row in world.audit(event="biometrics-unlock")] == ["success", "success"]


def test_a_yes_without_the_keys_releases_nothing(world: "World", new_phone: NewPhone, registered: "Phone") -> None:
    stranger = new_phone()
    body = registered.unlocking()
    cases: list[tuple[dict[str, Any], str]] = [
        (registered.unlocking(biometric_signature=None), "biometric-signature"),
        (registered.unlocking(biometric_signature=stranger.sign("x")), "biometric-signature"),
        ({**registered.unlocking(), "signature": body["signature"]}, "signature"),
        (registered.unlocking(signature=stranger.sign("x")), "signature"),
    ]
    for wrong, _ in cases:
        assert refused(registered.call("POST", "/biometrics/unlock", wrong)) == (403, "biometrics-refused")
    for more in [{"ok": True}, {"biometric_signature": ""}, {"biometric_signature": True}]:
        odd = {**registered.unlocking(), **more}
        assert refused(registered.call("POST", "/biometrics/unlock", odd)) == (422, "invalid-request")
    swapped = registered.unlocking()
    swapped["biometric_signature"] = swapped["signature"]
    assert registered.call("POST", "/biometrics/unlock", body).status_code == 200
    assert refused(registered.call("POST", "/biometrics/unlock", swapped)) == (403, "biometrics-refused")
    assert world.reasons("biometrics-unlock") == [*(reason for _, reason in cases), "biometric-signature"]


def test_a_challenge_unlocks_once_in_two_minutes_and_only_the_registration_that_asked(
    world: "World", new_phone: NewPhone, registered: "Phone"
) -> None:
    world.customer("9999-9991")
    other = new_phone("9999-9991")
    other.be_bound()
    other.be_logged_in("logged-in")
    other.register_biometrics()
    body = registered.unlocking()
    theirs = other.unlocking()
    late = registered.unlocking()
    twin = {name: high_s(body[name]) for name in ("signature", "biometric_signature")}
    assert refused(registered.call("POST", "/biometrics/unlock", {**registered.unlocking(), **twin}))[0] == 403
    assert registered.call("POST", "/biometrics/unlock", body).status_code == 200
    assert refused(registered.call("POST", "/biometrics/unlock", body)) == (403, "biometrics-refused")
    assert refused(registered.call("POST", "/biometrics/unlock", {**body, **twin})) == (403, "biometrics-refused")
    borrowed = {**body, "challenge_id": theirs["challenge_id"]}
    assert refused(registered.call("POST", "/biometrics/unlock", borrowed)) == (403, "biometrics-refused")
    of_theirs = {**body, "biometrics_id": theirs["biometrics_id"], "challenge_id": theirs["challenge_id"]}
    assert refused(registered.call("POST", "/biometrics/unlock", of_theirs)) == (403, "biometrics-refused")
    world.clock.advance(120)
    assert refused(registered.call("POST", "/biometrics/unlock", late)) == (403, "biometrics-refused")
    reasons = [row.reason for row in world.audit("9999-9990", "biometrics-unlock") if row.result == "refused"]
    assert reasons == ["signature", "challenge", "challenge", "challenge", "challenge"]


def test_the_signature_with_the_higher_s_is_refused(world: "World", registered: "Phone") -> None:
    for name in ("signature", "biometric_signature"):
        body = registered.unlocking()
        body[name] = high_s(body[name])
        assert refused(registered.call("POST", "/biometrics/unlock", body)) == (403, "biometrics-refused")
    assert world.reasons("biometrics-unlock") == ["signature", "biometric-signature"]


def test_of_16_unlocks_with_one_challenge_at_once_one_gets_the_key(
    world: "World", registered: "Phone", at_once: AtOnce
) -> None:
    request = asked(registered.unlocking())
    answers = at_once(lambda _: biometrics_unlock.unlock(world.broker, request, address=""), 16)
    assert sum(isinstance(answer, bytes) for answer in answers) == 1


def test_after_five_failures_in_a_row_each_further_try_waits_half_a_minute(world: "World", registered: "Phone") -> None:
    for _ in range(4):
        assert refused(registered.unlock(biometric_signature=None)) == (403, "biometrics-refused")
    assert registered.unlock().status_code == 200  # which forgets them
    for _ in range(5):
        assert refused(registered.unlock(biometric_signature=None)) == (403, "biometrics-refused")
    limited = registered.unlock()
    assert refused(limited) == (429, "too-many-requests")
    assert limited.headers["Retry-After"] == "30"
    world.clock.advance(29)
    assert registered.unlock().headers["Retry-After"] == "1"
    world.clock.advance(1)
    assert refused(registered.unlock(biometric_signature=None)) == (403, "biometrics-refused")
    assert refused(registered.unlock()) == (429, "too-many-requests")
    world.clock.advance(30)
    assert registered.unlock().status_code == 200


def test_of_24_wrong_unlocks_at_once_five_are_looked_at(world: "World", registered: "Phone", at_once: AtOnce) -> None:
    wrong = [asked({**registered.unlocking(), "biometric_signature": "AAAA"}) for _ in range(24)]
    at_once(lambda number: biometrics_unlock.unlock(world.broker, wrong[number], address=""), 24)
    reasons = world.reasons("biometrics-unlock")
    assert (reasons.count("biometric-signature"), reasons.count("limit")) == (5, 19)


def test_fifty_failures_in_a_row_suspend_biometrics(world: "World", registered: "Phone") -> None:
    wrong = asked({**registered.unlocking(), "biometric_signature": "AAAA"})
    for _ in range(50):
        biometrics_unlock.unlock(world.broker, wrong, address="")  # each but the first without its challenge
        world.clock.advance(30)
    assert suspension(registered.unlock()) == "too-many-failures"
    assert [mail.subject for mail in world.mails()] == ["生物認證暫停通知"]


def test_a_locked_token_is_not_unlocked(world: "World", registered: "Phone") -> None:
    with world.broker.database.writing() as tx:
        for _ in range(10):
            world.broker.soft_tokens.accept_code(tx, "9999-9990", "000000")
    for _ in range(6):
        assert refused(registered.unlock()) == (403, "biometrics-refused")
    assert world.reasons("biometrics-unlock") == ["token-locked"] * 6


def test_who_does_not_hold_the_phone_does_not_learn_whether_there_is_a_registration(
    world: "World", new_phone: NewPhone, registered: "Phone"
) -> None:
    stranger = new_phone()
    stranger.biometrics_id, stranger.biometric_set = registered.biometrics_id, registered.biometric_set
    said = [stranger.unlock()]
    world.back_office("POST", "/customers/9999-9990/token/clear")
    said.append(stranger.unlock())
    stranger.biometrics_id = "A" * 22
    said.append(stranger.unlock())
    assert {(answer.status_code, answer.content) for answer in said} == {(403, said[0].content)}
    assert world.reasons("biometrics-unlock") == ["signature", "unknown", "unknown"]


# Suspended, M22


def change_the_set(world: "World", phone: "Phone") -> None:
    phone.biometric_set = bytes(range(32))
    assert suspension(phone.unlock(biometric_signature=None)) == "biometric-set-changed"


def change_the_password(world: "World", phone: "Phone") -> None:
    phone.be_logged_in("logged-in")
    body = {"current": PASSWORD, "new": "Kowloon8Tong"}
    assert phone.call("POST", "/password", body).status_code == 200


def reset_the_password(world: "World", phone: "Phone") -> None:
    changes = world.broker.web.password_changes
    with world.broker.database.writing() as tx:
        account = accounts.find(tx, "9999-9990")
        assert account is not None
        changes.apply(tx, account, "hash", used=Channel.MAIL, address="")


def log_in_on_a_new_phone(world: "World", phone: "Phone") -> None:
    new = type(phone)(world)
    assert new.log_in().json()["state"] == "set-up-token"
    assert "新手機登入通知" in [mail.subject for mail in world.mails()]


@pytest.mark.parametrize(
    ("happens", "reason"),
    [
        (change_the_set, "biometric-set-changed"),
        (change_the_password, "password-changed"),
        (reset_the_password, "password-changed"),
        (log_in_on_a_new_phone, "new-phone"),
    ],
)
def test_what_the_terms_name_suspends_biometrics_until_they_are_registered_anew_with_pin_and_terms(
    world: "World", registered: "Phone", happens: Callable[["World", "Phone"], None], reason: str
) -> None:
    happens(world, registered)
    assert suspension(registered.unlock()) == reason
    assert state(registered) == ("suspended", reason)
    assert [row.reason for row in world.audit(event="biometrics-suspended")] == [reason]
    assert release_keys(world) == [None]
    world.clock.advance(60)
    registered.register_biometrics()
    assert state(registered) == ("active", None)
    assert registered.unlock().status_code == 200


def test_a_suspension_keeps_its_first_reason_and_going_back_to_the_old_set_does_not_help(
    world: "World", registered: "Phone"
) -> None:
    old_set = registered.biometric_set
    change_the_set(world, registered)
    log_in_on_a_new_phone(world, registered)
    registered.biometric_set = old_set
    assert suspension(registered.unlock()) == "biometric-set-changed"


def test_a_customer_is_told_when_the_phones_biometrics_changed(world: "World", registered: "Phone") -> None:
    change_the_set(world, registered)
    assert [mail.subject for mail in world.mails()] == ["生物認證暫停通知"]
    registered.unlock()
    assert not world.mails()


def test_a_report_of_another_set_that_the_device_key_did_not_sign_suspends_nothing(
    world: "World", new_phone: NewPhone, registered: "Phone"
) -> None:
    stranger = new_phone()
    stranger.biometrics_id, stranger.token_id = registered.biometrics_id, registered.token_id
    assert refused(stranger.unlock()) == (403, "biometrics-refused")
    assert registered.unlock().status_code == 200


def test_a_login_that_is_refused_or_of_the_same_phone_suspends_nothing(
    world: "World", new_phone: NewPhone, registered: "Phone"
) -> None:
    assert new_phone().log_in("Wrong7Password").status_code == 401
    assert registered.log_in().status_code == 201
    assert registered.unlock().status_code == 200


# Ended


def bind_anew(world: "World", phone: "Phone") -> None:
    phone.be_bound()


def lock_the_account(world: "World", phone: "Phone") -> None:
    world.back_office("POST", "/customers/9999-9990/lock")


def clear_the_token(world: "World", phone: "Phone") -> None:
    world.back_office("POST", "/customers/9999-9990/token/clear")


@pytest.mark.parametrize(
    ("happens", "reason"),
    [(bind_anew, "token-ended"), (lock_the_account, "account-locked"), (clear_the_token, "token-ended")],
)
def test_with_the_token_or_a_lock_the_registration_ends_and_its_release_key_is_wiped(
    world: "World", registered: "Phone", happens: Callable[["World", "Phone"], None], reason: str
) -> None:
    happens(world, registered)
    assert refused(registered.unlock()) == (403, "biometrics-refused")
    assert [row.reason for row in world.audit(event="biometrics-ended")] == [reason]
    assert release_keys(world) == [None]


# At rest


def test_neither_release_key_nor_code_can_be_found_in_the_database(world: "World", phone: "Phone") -> None:
    code = phone.code()
    release_key = phone.register_biometrics()
    with world.broker.database.reading() as tx:
        dump = repr(tx.exec_driver_sql("SELECT * FROM biometrics").all())
        dump += repr(tx.exec_driver_sql("SELECT reason FROM audit_rows").all())
    assert repr(release_key)[2:-1] not in dump
    assert f"'{code}'" not in dump


def test_a_release_key_copied_to_another_accounts_registration_does_not_open(
    world: "World", new_phone: NewPhone, registered: "Phone"
) -> None:
    world.customer("9999-9991")
    thief = new_phone("9999-9991")
    thief.be_bound()
    thief.be_logged_in("logged-in")
    thief.register_biometrics()
    with world.broker.database.writing() as tx:
        tx.exec_driver_sql(
            "UPDATE biometrics SET sealed_release_key ="
            " (SELECT sealed_release_key FROM biometrics WHERE account = '9999-9990') WHERE account = '9999-9991'"
        )
    request = asked(thief.unlocking())
    with pytest.raises(SealBrokenError):
        biometrics_unlock.unlock(world.broker, request, address="")
