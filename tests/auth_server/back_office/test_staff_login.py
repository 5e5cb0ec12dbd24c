"""Only the staff gets in: with name, password and a fresh code, for a while, and never by default."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from auth_server.app import create_app
from auth_server.back_office import staff, staff_login

if TYPE_CHECKING:
    from tests.auth_server.back_office.conftest import StaffBrowser
    from tests.auth_server.conftest import World

PAGES = ["/customers", "/customers/new", "/customers/9999-9990", "/customers/9999-9990/lock", "/audit", "/outbox"]


def test_a_new_server_has_no_staff(world: "World") -> None:
    with world.broker.database.reading() as tx:
        assert staff.everyone(tx) == ()


@pytest.mark.on_both_databases
def test_name_password_and_code_open_the_back_office(stranger: "StaffBrowser") -> None:
    assert stranger.get("").headers["location"] == "/back-office/customers"
    assert stranger.follow().headers["location"] == "/back-office/login"
    assert stranger.follow().status_code == 200
    assert stranger.log_in(name=" WONG ").headers["location"] == "/back-office/customers"
    assert stranger.follow().status_code == 200
    [row] = stranger.world.audit(event="staff-login")
    assert (row.staff, row.result, row.channel) == ("wong", "success", "back-office")


def test_the_cookie_is_for_the_back_office_alone(stranger: "StaffBrowser", settings: dict[str, str]) -> None:
    cookie = stranger.log_in().headers["set-cookie"]
    assert cookie.startswith("staff=")
    assert {part.strip() for part in cookie.split(";")[1:]} == {"HttpOnly", "Path=/back-office", "SameSite=strict"}
    world = stranger.world
    world.app = create_app({**settings, "AUTH_SERVER_ORIGIN": "https://trade.anue.example"}, world.clock.now)
    world.clock.advance(30)
    secure = stranger.log_in().headers["set-cookie"]
    assert secure.startswith("__Secure-staff=")
    assert "; Secure" in secure


@pytest.mark.parametrize("wrong", [{"name": "chan"}, {"password": "x"}, {"code": "000000"}, {"code": "００００００"}])
def test_a_wrong_part_is_refused_and_not_named(stranger: "StaffBrowser", wrong: dict[str, str]) -> None:
    assert stranger.log_in(**wrong).status_code == 403
    assert stranger.errors == ["名稱、密碼或驗證碼不正確。如多次輸入錯誤，須稍後再試。"]
    assert not stranger.is_logged_in()
    reason = {"name": "unknown", "password": "wrong-password", "code": "wrong-code"}[next(iter(wrong))]
    assert stranger.world.reasons("staff-login") == [reason]


def test_a_code_works_once_and_older_ones_never_after_it(
    stranger: "StaffBrowser", new_office: "Callable[[], StaffBrowser]"
) -> None:
    assert stranger.log_in().status_code == 303
    assert new_office().log_in().status_code == 403
    assert new_office().log_in(code=stranger.code(steps=-1)).status_code == 403
    assert new_office().log_in(code=stranger.code(steps=2)).status_code == 403
    assert stranger.world.reasons("staff-login") == ["used", "used", "wrong-code"]
    stranger.world.clock.advance(30)
    assert new_office().log_in().status_code == 303


@pytest.mark.on_both_databases
def test_of_eight_logins_at_once_with_one_code_one_succeeds(
    stranger: "StaffBrowser", at_once: "Callable[..., list[object]]"
) -> None:
    broker, code = stranger.world.broker, stranger.code()
    tokens = at_once(lambda _: staff_login.log_in(broker, "wong", "correct horse battery", code, address=""), 8)
    assert len([token for token in tokens if isinstance(token, str)]) == 1
    assert tokens.count(None) == 7


def test_ten_wrong_tries_close_the_login_for_a_quarter_of_an_hour(stranger: "StaffBrowser") -> None:
    for name in ["wong", "Wong", " wong"] * 3 + ["WONG"]:
        stranger.log_in(name=name, password="x")
    assert stranger.log_in().status_code == 403
    assert stranger.world.reasons("staff-login")[-1] == "limit"
    stranger.world.clock.advance(15 * 60)
    assert stranger.log_in().status_code == 303


def test_a_session_ends_by_idleness_and_by_age(office: "StaffBrowser") -> None:
    clock = office.world.clock
    clock.advance(15 * 60 - 1)
    assert office.is_logged_in()
    clock.advance(15 * 60)
    assert not office.is_logged_in()
    assert office.page.headers["location"] == "/back-office/login?ended=1"
    assert "登入時間已過" in office.follow().text
    assert office.log_in().status_code == 303
    for _ in range(36):  # never idle for a quarter of an hour, and more than eight hours in all
        clock.advance(14 * 60)
        office.get("/outbox")
    assert not office.is_logged_in()
    assert [row.reason for row in office.world.audit(event="staff-session-ended")] == ["late", "late"]


def test_logging_out_ends_the_session_on_the_server(office: "StaffBrowser") -> None:
    kept = dict(office.cookies)
    assert office.post("/logout").headers["location"] == "/back-office/login"
    assert not office.is_logged_in()
    office.cookies.update(kept)
    assert not office.is_logged_in()
    assert [row.staff for row in office.world.audit(event="staff-logout")] == ["wong"]


def test_removing_and_resetting_end_sessions_and_the_old_secrets(office: "StaffBrowser") -> None:
    broker = office.world.broker
    with broker.database.writing() as tx:
        seed = staff.reset(broker, tx, "wong", broker.passwords.hash_password("another horse battery"))
    assert not office.is_logged_in()
    assert office.log_in().status_code == 403
    assert seed
    office.seed = seed
    assert office.log_in(password="another horse battery").status_code == 303
    with broker.database.writing() as tx:
        assert staff.remove(broker, tx, "wong")
        assert not staff.remove(broker, tx, "wong")
    assert not office.is_logged_in()
    assert office.log_in(password="another horse battery").status_code == 403


@pytest.mark.parametrize("page", PAGES)
def test_without_a_login_there_is_no_page(stranger: "StaffBrowser", page: str) -> None:
    stranger.world.customer(password=None)
    assert stranger.get(page).headers["location"] == "/back-office/login"
    assert stranger.get("/audit.csv").status_code == 303
    assert stranger.post("/customers/9999-9990/lock").headers["location"] == "/back-office/login"
    assert stranger.world.reasons("request-refused") == ["not-logged-in"]
    assert not stranger.world.audit(event="account-locked")


def test_a_customers_session_is_nothing_here_and_a_staff_session_nothing_there(office: "StaffBrowser") -> None:
    token = office.cookies["staff"]
    office.cookies.clear()
    office.cookies.set("session", token)
    assert office.send("GET", "/../iweb").status_code == 303
    office.cookies.clear()
    office.cookies.set("staff", "0" * 43)
    assert not office.is_logged_in()


def test_forms_of_other_sites_are_refused(office: "StaffBrowser") -> None:
    office.world.customer(password=None)
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}):
        assert office.post("/customers/9999-9990/lock", **headers).status_code == 403
    assert office.world.reasons("request-refused") == ["cross-site"] * 3
    assert not office.world.audit(event="account-locked")


@pytest.mark.parametrize("name", ["w", "Wong!", "9wong", "wong\n", "ｗｏｎｇ", "w" * 33, ""])
def test_what_is_no_name_is_not_read_as_one(name: str) -> None:
    assert staff.read_name(name) == ("wong" if name == "wong\n" else None)


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("eleven char", "must be 12 characters or longer"),
        ("x" * 129, "must not be longer than 128 characters"),
        ("aaaaaaaaaaaaab", "must not be easy to guess"),
        ("my name is Wong ok", "must not hold the name"),
        ("correct horse battery", None),
    ],
)
def test_staff_passwords_are_long_and_not_easy_to_guess(password: str, why: str | None) -> None:
    assert staff.why_unfit("wong", password) == why


def test_a_made_password_is_fit_and_another_each_time() -> None:
    made = {staff.make_password() for _ in range(50)}
    assert len(made) == 50
    assert {staff.why_unfit("wong", password) for password in made} == {None}
