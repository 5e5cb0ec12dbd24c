"""Attacks by guessing who exists, by what is typed in, and on tokens of all kinds: A38 to A47."""

import base64
import json
import socket
from concurrent.futures import Future, wait
from typing import Any

import httpx

from tests.auth_server.attacks.password_reset import PAGE, fields
from tests.auth_server.attacks.people import STRANGER, VICTIM
from tests.auth_server.attacks.server import SERVICE, Browser, Server, path_of
from tests.auth_server.attacks.trial import Trial, attack
from tests.auth_server.conftest import ORIGIN
from tests.auth_server.web.conftest import FROM_OUR_PAGE

NEW = "Sheung9Wan"
SLOW_SECONDS = 0.5
"""How long an answer may take that waits for nobody; one that waits for a silent gateway does not come at all."""


def shown(answer: httpx.Response, typed: str) -> tuple[int, str, list[tuple[str, str]]]:
    """All that an answer shows, but for what the asker typed into it."""
    return answer.status_code, answer.text.replace(f'value="{typed}"', ""), sorted(answer.headers.items())


def ticket_in(browser: Browser, service: str = SERVICE) -> str:
    """The service ticket that a browser that is logged in is sent on with."""
    return browser.get(f"/cas/login?service={service}").headers["location"].partition("ticket=")[2]


def validated(server: Server, ticket: str, service: str = SERVICE) -> str:
    """Whose ticket it is, by the service's own request; empty if it is refused."""
    query = {"ticket": ticket, "service": service, "format": "JSON"}
    answer = server.request("GET", "/cas/p3/serviceValidate", params=query).json()["serviceResponse"]
    return answer.get("authenticationSuccess", {}).get("user", "")


@attack("A38", bugs="header_injection")
def what_is_typed_stays_what_it_is(trial: Trial, server: Server) -> None:
    browser = server.browser()
    browser.enter()
    trial.control("login" in {row["event"] for row in server.trail()}, "a login is in the audit trail")
    nasty = "x\r\nlogin success 9999-9990\x1b[2J<script>alert(1)</script>"
    thief = server.browser()
    agent = {"User-Agent": "<img src=x onerror=alert(1)>", **FROM_OUR_PAGE}
    page = thief.post("/cas/login", {"username": nasty, "password": "Wrong1Wrong"}, **agent)
    trial.safe("<script>" not in page.text and page.status_code in {400, 403}, "no page repeats it")
    page = thief.post("/cas/login", {"username": "<script>alert(1)</script>", "password": "Wrong1Wrong"}, **agent)
    trial.safe("<script>" not in page.text, "nor that part of it that can be typed")
    thief.post("/cas/forgot-password", {"username": nasty})
    phone = server.phone()
    phone.account = nasty[:64]
    trial.safe(phone.log_in().status_code == 401, "the phone API refuses it")
    for row in server.trail():
        trial.safe(str(row["account"]).isprintable(), "the audit trail holds no line end and no escape")
    for field, value in (("name", "A\r\nBcc: e@evil.example"), ("email", "a@b.example\r\nBcc: e@evil.example")):
        person = {"account": "6666-6660", "name": "N", "email": "n@example.com", "phone": "+852 5555 0166"}
        refused = server.back_office("POST", "/customers", json={**person, field: value})
        trial.safe(refused.status_code == 422, f"a line end in a customer's {field} is refused")
    marked = {"account": "6666-6660", "name": "<b>N</b>", "email": "n@example.com", "phone": "+852 5555 0166"}
    assert server.back_office("POST", "/customers", json=marked).status_code == 201
    server.forget_messages()
    assert server.back_office("POST", "/customers/6666-6660/password-reset").status_code == 202
    [mail] = server.mails()
    trial.safe("<b>N</b>" not in mail.html and "&lt;b&gt;N" in mail.html, "a mail shows a name as text")
    trial.safe([name.lower() for name, _ in mail.headers].count("to") == 1, "and has the headers that it should")


@attack("A39", bugs="open_redirect")
def only_registered_services_get_tickets(trial: Trial, server: Server) -> None:
    browser = server.browser()
    browser.enter()
    trial.control(validated(server, ticket_in(browser)) == VICTIM.account, "a registered service gets a ticket")
    for service in (
        "https://evil.example/app",
        "//orders.anue.example/app",
        "https:orders.anue.example/app",
        "https://orders.anue.example.evil.example/app",
        "https://orders.anue.example@evil.example/app",
        "https://evil.example\\@orders.anue.example/app",
        "https://orders.anue.example/application",
        "https://orders.anue.example/app/../admin",
        "https://orders.anue.example/app/%2e%2e/admin",
        "https://orders.anue.example:8443/app",
        "http://orders.anue.example/app",
        "javascript:alert(1)",
        "https://orders.anue.example/app#x",
        "\thttps://orders.anue.example/app",
    ):
        answer = browser.get(str(httpx.URL("/cas/login", params={"service": service})))
        location = answer.headers.get("location", "")
        trial.safe("ticket=" not in location and "evil" not in location, f"{service!r} gets none")
        out = server.browser().get(str(httpx.URL("/cas/logout", params={"service": service})))
        trial.safe("location" not in out.headers, f"nor does a logout lead to {service!r}")


@attack("A40", bugs="enum_text")
def nothing_tells_whether_an_account_exists(trial: Trial, server: Server) -> None:
    locked = "6666-6660"
    person = {"account": locked, "name": "N", "email": "n@example.com", "phone": "+852 5555 0166"}
    assert server.back_office("POST", "/customers", json={**person, "password": "Tseung7Kwan"}).status_code == 201
    assert server.back_office("POST", f"/customers/{locked}/lock").status_code == 204
    server.forget_messages()
    numbers = (VICTIM.account, STRANGER, locked)
    forgotten = [server.browser().post("/cas/forgot-password", {"username": number}) for number in numbers]
    trial.control(len(server.mails()) == 1, "the one who exists and is not locked gets a mail")
    views = [shown(answer, number) for answer, number in zip(forgotten, numbers, strict=True)]
    trial.safe(views.count(views[0]) == len(views), "忘記密碼 answers all alike, headers and all")
    wrong = [server.browser().log_in_with_password(number, "Wrong1Wrong") for number in numbers]
    views = [shown(answer, number) for answer, number in zip(wrong, numbers, strict=True)]
    trial.safe(views.count(views[0]) == len(views), "so does the login")
    phones = []
    for number in numbers:
        phone = server.phone()
        phone.account = number
        answer = phone.log_in("Wrong1Wrong")
        phones.append((answer.status_code, answer.text))
    trial.safe(phones.count(phones[0]) == len(phones), "and the phone API")


@attack("A41", bugs=("enum_time", "enum_empty_pw"))
def every_login_costs_one_hash(trial: Trial, server: Server) -> None:
    def cost(number: str, password: str) -> int:
        before = server.hashes.verified
        server.browser().log_in_with_password(number, password)
        return server.hashes.verified - before

    def cost_on_a_phone(number: str, password: str) -> int:
        phone = server.phone()
        phone.account = number
        before = server.hashes.verified
        phone.log_in(password)
        return server.hashes.verified - before

    trial.control(cost(VICTIM.account, VICTIM.password) == 1, "a login hashes once")
    for number in (VICTIM.account, STRANGER, "nobody", ""):
        for password in ("Wrong1Wrong", "", "x" * 500):
            trial.safe(cost(number, password) == 1, f"so does {number!r} with {len(password)} characters")
            if number:
                trial.safe(cost_on_a_phone(number, password) == 1, "on the phone too")


@attack("A42", bugs="enum_mail")
def no_answer_waits_for_the_mail_gateway(trial: Trial, server: Server) -> None:
    def answers_soon(number: str) -> bool:
        form = slow.browser().sending_form("/cas/forgot-password", {"username": number})
        answers.append(slow.start(form))
        return bool(wait(answers[-1:], SLOW_SECONDS).done)

    answers: list[Future[httpx.Response]] = []
    silent = socket.create_server(("127.0.0.1", 0))
    address = f"127.0.0.1:{silent.getsockname()[1]}"
    with server.another(smtp=address) as slow:
        unknown, known = answers_soon(STRANGER), answers_soon(VICTIM.account)
        silent.close()
        wait(answers)
        accounts = [row["account"] for row in slow.trail(event="password-reset-requested")]
        trial.control(unknown and STRANGER in accounts, "a request for nobody's account is answered at once")
        trial.safe(known, "so is one that has a mail sent, while the mail gateway says nothing at all")


@attack("A43", bugs="enum_hint")
def nothing_is_shown_of_a_customer_before_the_password_is_right(trial: Trial, server: Server) -> None:
    honest = server.browser()
    honest.begin()
    page = honest.get("/cas/login/channel").text
    trial.control("ch••••@example.com" in page and "•••• 0101" in page, "who gave the password sees where codes go")
    trial.safe(VICTIM.email not in page and VICTIM.phone not in page, "masked")
    views = []
    for number in (VICTIM.account, STRANGER):
        thief = server.browser()
        answer = thief.log_in_with_password(number, "Wrong1Wrong")
        views.append(shown(answer, number))
        trial.safe("0101" not in str(views[-1]) and "example.com" not in str(views[-1]), "a wrong one shows nothing")
        trial.safe(thief.get("/cas/login/channel").status_code == 303, "and leads to no further page")
    trial.safe(views[0] == views[1], "nor whether there is somebody")


def unsigned(claims: dict[str, Any], algorithm: str = "none") -> str:
    """A JSON web token that nobody signed."""
    parts = ({"alg": algorithm, "typ": "JWT"}, claims)
    return ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts) + "."


@attack("A44", bugs="jwt_none")
def no_token_can_be_made_up(trial: Trial, server: Server) -> None:
    browser = server.browser()
    browser.enter()
    trial.control(browser.is_in(), "the server's own token works")
    token = browser.cookie("session")
    claims = {"sub": VICTIM.account, "account": VICTIM.account, "exp": 4_000_000_000}
    flipped = [token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :] for place in (0, 20, 42)]
    for forged in (unsigned(claims), unsigned(claims, "HS256"), unsigned(claims, "None"), "", "null", *flipped):
        thief = server.browser()
        thief.plant("session", forged)
        trial.safe(not thief.is_in(), "a token that was made up or changed opens nothing")
        answer = server.request("GET", "/phone-api/v1/enrolment", headers={"Authorization": f"Bearer {forged}"})
        trial.safe(answer.status_code == 401, "on the phone neither")
    phone = server.phone()
    body = phone.login_body()
    broken = body["signature"][:-2] + ("AA" if body["signature"][-2:] != "AA" else "BB")
    answer = phone.call("POST", "/sessions", {**body, "signature": broken})
    trial.safe(answer.status_code == 401, "a signature with a changed byte is none")


@attack("A45", bugs="token_kind")
def a_token_of_one_kind_is_nothing_as_another(trial: Trial, server: Server) -> None:
    browser = server.browser()
    browser.enter()
    link = server.link()
    reset, session, ticket = link.partition("token=")[2], browser.cookie("session"), ticket_in(browser)
    trial.control(browser.is_in() and validated(server, ticket) == VICTIM.account, "each works for what it is")
    for token in (reset, ticket, f"ST-{session}"):
        thief = server.browser()
        thief.plant("session", token)
        thief.plant("login", token)
        trial.safe(not thief.is_in() and thief.get("/cas/login/code").status_code == 303, "none is a session or login")
        bearer = server.request("GET", "/phone-api/v1/enrolment", headers={"Authorization": f"Bearer {token}"})
        trial.safe(bearer.status_code == 401, "nor one of the phone")
    for token in (session, ticket):
        thief = server.browser()
        thief.plant("reset", token)
        trial.safe("成功更改" not in thief.post(PAGE, fields(NEW)).text, "none is a reset link")
    for token in (session, reset, f"ST-{reset}"):
        trial.safe(validated(server, token) == "", "none is a ticket")
    trial.safe(server.browser().get(path_of(link)).status_code == 303, "and the link still opens")


@attack("A46", bugs="st_reuse")
def a_service_ticket_works_once_for_its_service_and_not_after_logout(trial: Trial, server: Server) -> None:
    browser = server.browser()
    browser.enter()
    ticket = ticket_in(browser)
    trial.control(validated(server, ticket) == VICTIM.account, "a ticket tells the service who it is")
    trial.safe(validated(server, ticket) == "", "once")
    trial.safe(validated(server, ticket_in(browser), f"{SERVICE}/other") == "", "no other service")
    at_once = ticket_in(browser)
    query = {"ticket": at_once, "service": SERVICE}
    crowd = [server.sending("GET", "/cas/serviceValidate", params=query) for _ in range(8)]
    trial.safe(sum("authenticationSuccess" in answer.text for answer in server.at_once(*crowd)) == 1, "one of eight")
    late = ticket_in(browser)
    server.clock.advance(60)
    trial.safe(validated(server, late) == "", "not a minute later")
    last = ticket_in(browser)
    browser.post("/cas/logout")
    trial.safe(validated(server, last) == "", "and not after the logout")


@attack("A47", bugs="debug_on")
def there_are_no_pages_for_developers(trial: Trial, server: Server) -> None:
    trial.control(server.request("GET", "/phone-api/v1/server").json()["origin"] == ORIGIN, "the server answers")
    for path in (
        *(
            "/debug",
            "/docs",
            "/redoc",
            "/openapi.json",
            "/metrics",
            "/health/env",
            "/actuator/env",
            "/.env",
            "/.git/HEAD",
        ),
        *("/admin", "/console", "/server-status", "/test/reset", "/clock", "/planted-bugs", "/phone-api/docs"),
    ):
        for method in ("GET", "POST"):
            answer = server.request(method, path, headers=FROM_OUR_PAGE)
            trial.safe(answer.status_code in {404, 405}, f"{method} {path} is not there")
    described = ("/phone-api/v1/openapi.json", "/back-office/api/openapi.json")
    with server.another(test_world="false", planted_bugs="") as in_earnest:
        for path in described:
            trial.control(server.request("GET", path).json()["paths"], f"{path} describes the API of a test world")
            trial.safe(in_earnest.request("GET", path).status_code == 404, "and is not there in earnest")
    unknown = server.request("GET", "/back-office/api/customers/9999-9990")
    trial.safe(unknown.status_code == 401, "and the back office asks for its key")
