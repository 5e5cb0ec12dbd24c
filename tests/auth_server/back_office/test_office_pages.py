"""The pages of the back office: what staff find, what they do, and what they are told (M34)."""

import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.auth_server.back_office.conftest import StaffBrowser
    from tests.auth_server.conftest import Phone, World

CHINESE = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]")
NEW = {
    "account": "1234-5678",
    "name": "李美玲",
    "email": "lee@example.com",
    "phone": "+852 5555 0177",
    "language": "en",
}


def staffs_rows(world: "World") -> list[tuple[str, str, str]]:
    return [(row.event, row.account, row.result) for row in world.audit() if row.staff and row.account]


def test_a_customer_is_made_without_a_password_and_sent_the_link_to_set_one(office: "StaffBrowser") -> None:
    assert office.post("/customers", {**NEW, "send_link": "1"}).status_code == 303
    page = office.follow()
    assert page.status_code == 200
    assert "客戶已建立。" in office.text
    shown = office.world.back_office("GET", "/customers/1234-5678").json()
    assert (shown["password"], shown["language"]) == ("none", "en")
    assert [(mail.subject, mail.to) for mail in office.world.mails()] == [("Password Reset", "lee@example.com")]
    assert staffs_rows(office.world) == [
        ("customer-created", "1234-5678", "success"),
        ("password-reset-requested", "1234-5678", "success"),
    ]


def test_without_the_tick_no_mail_is_sent(office: "StaffBrowser") -> None:
    assert office.post("/customers", NEW).status_code == 303
    assert office.world.mails() == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("account", "1234567"),
        ("name", ""),
        ("name", " Lee"),
        ("email", "lee@example.com\u00e9"),
        ("phone", "5555 0177"),
        ("language", "fr"),
    ],
)
def test_what_is_wrong_with_a_new_customer_stands_beside_its_field(
    office: "StaffBrowser", field: str, value: str
) -> None:
    assert office.post("/customers", {**NEW, field: value}).status_code == 422
    assert len(office.errors) == 1
    assert f'id="{field}-wrong"' in office.page.text
    assert office.world.back_office("GET", "/customers/1234-5678").status_code == 404
    assert office.world.reasons("customer-created") == ["malformed"]


def test_an_account_number_is_given_once(office: "StaffBrowser") -> None:
    office.world.customer("1234-5678", password=None, name="陳大文")
    assert office.post("/customers", NEW).status_code == 409
    assert office.errors == ["客戶帳號已存在。"]
    assert office.world.back_office("GET", "/customers/1234-5678").json()["name"] == "陳大文"


def test_no_page_sets_a_password(office: "StaffBrowser") -> None:
    assert office.post("/customers", {**NEW, "password": "Tseung7Kwan"}).status_code == 303
    assert office.world.back_office("GET", "/customers/1234-5678").json()["password"] == "none"
    for path in ("/customers/new", "/customers/1234-5678"):
        assert 'type="password"' not in office.get(path).text


@pytest.mark.parametrize(
    "query", ["9999-9990", "99999990", "大文", "CHAN.TAI", "0101", "+85255550101", "陳 9999", "5555 0101"]
)
def test_customers_are_found_by_number_name_mail_or_phone(office: "StaffBrowser", query: str) -> None:
    office.world.customer(password=None, email="chan.tai.man@example.com")
    office.world.customer("1234-5678", password=None, name="LEE Mei Ling", email="lee@example.com", phone="+44 20 7946")
    answer = office.send("GET", "/customers", params={"q": query})
    assert "9999-9990" in answer.text
    assert "1234-5678" not in answer.text


@pytest.mark.parametrize("query", ["%", "_", "9999_9990", "'", "\\", "陳大文 1234", "<b>"])
def test_what_a_search_does_not_find_it_does_not_show(office: "StaffBrowser", query: str) -> None:
    office.world.customer(password=None)
    answer = office.send("GET", "/customers", params={"q": query})
    assert answer.status_code == 200
    assert "9999-9990" not in answer.text
    assert "<b>" not in answer.text


def test_many_customers_come_page_by_page_each_once(office: "StaffBrowser") -> None:
    for number in range(60):
        office.world.customer(f"1000-{number:04d}", password=None)
    seen: list[str] = []
    path: str | None = "/customers?q=1000"
    while path:
        page = office.get(path).text
        seen += re.findall(r'class="number" href="/back-office/customers/(1000-[0-9]{4})"', page)
        found = re.search(r'rel="next" href="/back-office([^"]+)"', page)
        path = found[1].replace("&amp;", "&") if found else None
    assert seen == [f"1000-{number:04d}" for number in range(60)]


def test_each_act_asks_first_and_then_is_done_and_written_down_with_the_name(
    office: "StaffBrowser", new_phone: "Callable[..., Phone]"
) -> None:
    world = office.world
    world.customer()
    phone = new_phone()
    phone.be_bound()
    for act, event in [
        ("password-reset", "password-reset-requested"),
        ("resend-reset", "password-reset-requested"),
        ("lock", "account-locked"),
        ("unlock", "account-unlocked"),
        ("clear-token", "token-cleared"),
    ]:
        before = len(world.audit())
        assert office.get(f"/customers/9999-9990/{act}").status_code == 200
        assert len(world.audit()) == before
        assert office.post(f"/customers/9999-9990/{act}").status_code == 303
        assert office.follow().status_code == 200
        assert 'role="status"' in office.page.text
        row = next(row for row in world.audit()[before:] if row.event == event)
        assert (row.account, row.staff, row.channel, row.result) == ("9999-9990", "wong", "back-office", "success")
    assert [mail.subject for mail in world.mails()] == ["Password Reset", "Password Reset", "保安編碼器清除通知"]


def test_a_page_offers_what_is_of_use(office: "StaffBrowser", new_phone: "Callable[..., Phone]") -> None:
    world = office.world
    world.customer(password=None)

    def offered() -> set[str]:
        links = re.findall(
            r'href="/back-office/customers/9999-9990/([a-z-]+)"', office.get("/customers/9999-9990").text
        )
        return set(links)

    assert offered() == {"password-reset", "unlock", "lock"}
    office.post("/customers/9999-9990/password-reset")
    office.post("/customers/9999-9990/lock")
    assert offered() == {"resend-reset", "unlock"}
    office.post("/customers/9999-9990/unlock")
    new_phone().be_bound()
    assert offered() == {"resend-reset", "unlock", "lock", "clear-token"}


def test_a_mail_is_sent_again_only_if_one_is_waited_for(
    office: "StaffBrowser", new_phone: "Callable[..., Phone]"
) -> None:
    world = office.world
    world.customer()
    for act in ("resend-reset", "resend-registration"):
        assert office.post(f"/customers/9999-9990/{act}").status_code == 409
        assert "沒有可再次發送的電郵。" in office.text
    assert world.mails() == []
    phone = new_phone()
    phone.be_logged_in()
    phone.call("POST", "/enrolment/sms-code", {"code": phone.start()})
    older = phone.registration_code()
    assert office.post("/customers/9999-9990/resend-registration").status_code == 303
    newer = re.search(r"註冊編碼：([A-Z2-7-]{23})", world.mails()[-1].text)
    assert newer
    assert phone.bind(older).status_code == 403
    assert phone.bind(newer[1].replace("-", "")).status_code == 200
    for _ in range(6):
        last = office.post("/customers/9999-9990/resend-registration")
    assert last.status_code == 409  # the seed is agreed: there is nothing to wait for any more


def test_sending_again_has_a_limit(office: "StaffBrowser") -> None:
    office.world.customer(password=None)
    office.post("/customers/9999-9990/password-reset")
    answers = [office.post("/customers/9999-9990/resend-reset") for _ in range(6)]
    assert [answer.status_code for answer in answers] == [303] * 5 + [429]
    assert answers[-1].headers["retry-after"] == "3600"
    assert len(office.world.mails()) == 6


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/customers/0000-0000", 404),
        ("GET", "/customers/nobody", 404),
        ("GET", "/customers/9999-9990/burn", 404),
        ("POST", "/customers/9999-9990/burn", 404),
        ("POST", "/customers/0000-0000/lock", 404),
        ("GET", "/nowhere", 404),
        ("DELETE", "/customers/9999-9990", 405),
        ("GET", "/customers?q=%00", 400),
        ("GET", "/customers?q=a&q=b", 400),
        ("GET", "/audit?event=nonsense", 422),
        ("GET", "/audit?since=yesterday", 422),
        ("GET", "/audit?until=2027-02-30T00:00", 422),
        ("GET", "/audit.csv?result=maybe", 422),
        ("GET", f"/audit?text={'x' * 101}", 422),
    ],
)
def test_bad_requests_are_refused_on_a_page_of_the_back_office(
    office: "StaffBrowser", method: str, path: str, status: int
) -> None:
    office.world.customer(password=None)
    headers = {"Origin": "null", "Sec-Fetch-Site": "same-origin"}
    answer = office.send(method, path, headers=headers)
    assert answer.status_code == status
    assert 'class="office"' in answer.text
    assert not office.world.back_office("GET", "/customers/9999-9990").json()["locked"]


def test_names_are_shown_as_text(office: "StaffBrowser") -> None:
    office.world.customer(password=None, name="<img src=x onerror=alert(1)>")
    for path in ("/customers", "/customers/9999-9990", "/customers/9999-9990/lock"):
        assert "<img" not in office.get(path).text


def test_the_outbox_shows_states_and_never_contents(office: "StaffBrowser") -> None:
    world = office.world
    world.customer(password=None)
    office.post("/customers/9999-9990/password-reset")
    link = re.search(r"token=(\S+)", world.mails()[0].text)
    assert link
    assert "9999-9990" in office.get("/outbox").text
    assert link[1] not in office.page.text
    assert "chan@example.com" not in office.page.text
    assert "9999-9990" not in office.get("/outbox?state=given-up").text
    with world.broker.database.writing() as tx:
        [message] = world.broker.outbox.waiting(tx, "mail")
        assert world.broker.outbox.end(tx, message, "given-up", at=world.clock.at)
    assert "9999-9990" in office.get("/outbox?state=given-up").text
    assert "9999-9990" not in office.get("/outbox").text
    given_up = world.back_office("GET", "/outbox?state=given-up").json()
    assert [(row["account"], row["kind"], row["state"]) for row in given_up["messages"]] == [
        ("9999-9990", "mail", "given-up")
    ]


def test_no_page_in_english_has_a_chinese_word(office: "StaffBrowser", new_phone: "Callable[..., Phone]") -> None:
    office.world.customer(name="Chan Tai Man")
    new_phone().be_bound()
    assert office.get("/customers?q=chan&lang=en").headers["location"] == "/back-office/customers?q=chan"
    pages = [
        office.get("/customers"),
        office.get("/customers?q=nobody"),
        office.get("/customers/new"),
        office.post("/customers", {**NEW, "account": "", "name": "", "email": "", "phone": "", "language": ""}),
        office.get("/audit"),
        office.get("/audit?event=x&result=x&since=x&until=x"),
        office.get("/outbox"),
        office.get("/outbox?state=given-up"),
        office.get("/nowhere"),
        office.post("/customers/9999-9990/resend-registration"),
    ]
    acts = (
        "password-reset",
        "resend-reset",
        "resend-registration",
        "lock",
        "unlock",
        "clear-token",
        "clear-biometrics",
    )
    pages += [office.get(f"/customers/9999-9990/{act}") for act in acts]
    pages += [office.get(f"/customers/9999-9990?done={act}") for act in ("created", *acts)]
    pages += [office.post("/customers/9999-9990/lock", Origin="https://evil.example")]
    pages += [office.post("/logout") and office.get("/login?ended=1"), office.log_in(code="0")]
    for page in pages:
        text = page.text.replace("繁體中文", "")
        assert not CHINESE.search(text), (page.url, CHINESE.findall(text))


def test_every_page_is_kept_from_caches_frames_and_scripts(office: "StaffBrowser") -> None:
    for path in ("/customers", "/audit", "/audit.csv", "/outbox", "/login"):
        headers = office.get(path).headers
        assert headers["cache-control"] == "no-store"
        assert headers["x-frame-options"] == "DENY"
        assert headers["content-security-policy"].startswith("default-src 'none'; style-src 'self'")
