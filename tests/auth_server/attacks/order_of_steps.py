"""Attacks on the order of steps and on sessions: A18 to A23."""

import base64

import httpx

from tests.auth_server.attacks.people import MALLORY, VICTIM
from tests.auth_server.attacks.server import SERVICE, Browser, Server, path_of
from tests.auth_server.attacks.trial import Trial, attack
from tests.auth_server.web.conftest import FROM_OUR_PAGE

NEW = "Sheung9Wan"


def opens_nothing(browser: Browser) -> bool:
    """Whether a browser that is not logged in gets into no place that asks for a session."""
    ticket = browser.get(f"/cas/login?service={SERVICE}").headers.get("location", "")
    return not browser.is_in() and "ticket=" not in ticket


@attack("A18", bugs="skip_2fa")
def the_password_alone_opens_nothing(trial: Trial, server: Server) -> None:
    honest = server.browser()
    honest.enter(MALLORY)
    trial.control(honest.is_in(MALLORY), "both factors open the customer's page")
    thief = server.browser()
    thief.begin()
    trial.safe(opens_nothing(thief), "the password alone opens neither page nor service")
    thief.choose("sms")
    trial.safe(opens_nothing(thief), "nor does a code that was sent and not typed")
    bearer = thief.cookie("login")
    answer = server.request("GET", "/phone-api/v1/enrolment", headers={"Authorization": f"Bearer {bearer}"})
    trial.safe(answer.status_code == 401, "nor the phone API")


@attack("A19", bugs="restart_drops_2fa")
def going_back_and_starting_over_never_leaves_out_the_code(trial: Trial, server: Server) -> None:
    honest = server.browser()
    trial.control(honest.gets_in(honest.up_to_the_code(MALLORY), MALLORY), "a straight login works")
    thief = server.browser()
    thief.up_to_the_code()
    for step in (
        lambda: thief.get("/cas/login/channel"),
        lambda: thief.choose("mail"),
        lambda: thief.get("/cas/login/code"),
        lambda: thief.choose("token"),
        lambda: thief.get("/cas/login"),
        lambda: thief.get("/cas/login?renew=true"),
        lambda: thief.get(f"/cas/login?gateway=true&service={SERVICE}"),
        lambda: thief.post("/cas/login/resend"),
        lambda: thief.post("/cas/login/password", {"new_password": NEW, "new_password_again": NEW}),
        thief.begin,
    ):
        step()
        trial.safe(opens_nothing(thief), "no way back, no other tab and no restart gives a session")


@attack("A20", bugs="legacy_path")
def no_other_way_in_takes_the_password_alone(trial: Trial, server: Server) -> None:
    honest = server.browser()
    honest.enter(MALLORY)
    trial.control(honest.is_in(MALLORY), "the way over the pages works")
    fields = {"username": VICTIM.account, "password": VICTIM.password}
    basic = base64.b64encode(f"{VICTIM.account}:{VICTIM.password}".encode()).decode()
    for path in ("/cas/v1/tickets", "/cas/v1/users", "/api/login", "/login", "/iweb/login", "/oauth/token", "/iweb"):
        for body in ({"data": fields}, {"json": fields}):
            answer = server.request("POST", path, headers=FROM_OUR_PAGE, **body)
            trial.safe(answer.status_code in range(400, 500), f"POST {path} lets nobody in")
    answer = server.request("GET", "/iweb", headers={"Authorization": f"Basic {basic}"})
    trial.safe(VICTIM.account not in answer.text, "HTTP Basic lets nobody in")
    stranger = server.phone()
    assert stranger.log_in().status_code == 201
    server.bound_phone()
    state = server.phone().log_in().json()["state"]
    trial.safe(state == "set-up-token", "a phone that does not hold the token may set one up, and nothing else")


@attack("A20b", bugs="downgrade")
def only_a_channel_that_is_offered_can_be_chosen(trial: Trial, server: Server) -> None:
    honest = server.browser()
    trial.control(honest.gets_in(honest.up_to_the_code(MALLORY), MALLORY), "a channel that is offered works")
    thief = server.browser()
    thief.begin()
    for channel in ("token", "web", "phone", "none", "", "sms,mail", "back-office"):
        answer = thief.choose(channel)
        trial.safe(answer.headers.get("location") == "/cas/login/channel", f"{channel!r} is not offered")
        thief.give_code("000000")
        trial.safe(opens_nothing(thief), f"and choosing {channel!r} leads nowhere")


@attack("A21", bugs="xff_skips")
def a_header_that_cannot_be_read_skips_no_step(trial: Trial, server: Server) -> None:
    honest = server.browser()
    trial.control(honest.gets_in(honest.up_to_the_code(MALLORY), MALLORY), "a login without odd headers works")
    for name, value in (
        ("X-Forwarded-For", "a"),
        ("Forwarded", 'for="'),
        ("User-Agent", "\x7f" * 200),
        ("X-Padding", "x" * 60_000),
        ("Accept-Language", ";q=,,;;=1,zh-" + "A" * 500),
    ):
        thief = server.browser()
        fields = {"username": VICTIM.account, "password": VICTIM.password}
        answer = thief.post("/cas/login", fields, **FROM_OUR_PAGE, **{name: value})
        trial.safe(answer.status_code < 500, f"{name} breaks nothing")
        trial.safe(opens_nothing(thief), f"{name} skips nothing")


@attack("A22", bugs="fixation")
def every_proof_gives_another_token_and_ends_the_one_before(trial: Trial, server: Server) -> None:
    planted = "planted-by-mallory-0123456789-0123456789-01"
    browser = server.browser()
    browser.plant("session", planted)
    browser.plant("login", planted)
    browser.begin()
    at_password = browser.cookie("login")
    code = browser.ask("sms")
    trial.control(browser.gets_in(code), "the login works in a browser that brought a cookie along")
    trial.safe(
        at_password != planted and browser.cookie("session") not in (planted, at_password),
        "the tokens are new each time",
    )
    for dead in (planted, at_password):
        thief = server.browser()
        thief.plant("session", dead)
        thief.plant("login", dead)
        trial.safe(opens_nothing(thief), "the tokens of earlier steps open nothing")
        trial.safe(thief.get("/cas/login/code").status_code == 303, "nor do they go on with the login")


@attack("A23", bugs="logout_client_only")
def a_session_is_dead_after_logout_and_after_its_time(trial: Trial, server: Server) -> None:
    browser, copy = server.browser(), server.browser()
    browser.enter()
    copy.cookies = httpx.Cookies(browser.cookies)
    trial.control(copy.is_in(), "a copy of the cookie works while the session lives")
    browser.post("/cas/logout")
    trial.safe(not copy.is_in(), "and not after the logout")
    for idle, times in ((30 * 60, 1), (29 * 60, 25)):
        browser.enter()
        copy.cookies = httpx.Cookies(browser.cookies)
        for _ in range(times):
            server.clock.advance(idle)
            inside = copy.is_in()
        trial.safe(not inside, f"nor after {times} × {idle} s")


@attack("A23b", bugs="sessions_survive")
def a_reset_ends_every_session(trial: Trial, server: Server) -> None:
    phone, browser = server.bound_phone(), server.browser()
    assert phone.log_in().status_code == 201
    browser.enter()
    trial.control(browser.is_in() and phone.step() == "active", "browser and phone are logged in")
    elsewhere = server.browser()
    elsewhere.get(path_of(server.link()))
    answer = elsewhere.post("/iweb/password-reset", {"new_password": NEW, "new_password_again": NEW})
    trial.control("成功更改" in answer.text, "the password is reset in another browser")
    trial.safe(not browser.is_in(), "the browser's session is over")
    trial.safe(phone.call("GET", "/enrolment").status_code == 401, "and so is the phone's")


@attack("A23c", bugs="session_mix")
def two_customers_at_once_never_see_each_other(trial: Trial, server: Server) -> None:
    one, other = server.browser(), server.browser()
    one.give_code(one.up_to_the_code(VICTIM))
    other.give_code(other.up_to_the_code(MALLORY))
    pairs = [(one, VICTIM, MALLORY), (other, MALLORY, VICTIM)] * 20

    async def look(browser: Browser) -> httpx.Response:
        async with server.client(cookies=browser.cookies) as client:
            return await client.get("/iweb")

    answers = [*server.at_once(look(one)), *server.at_once(*(look(browser) for browser, _, _ in pairs[1:]))]
    shown = list(zip(pairs, answers, strict=True))
    trial.control(all("登出" in answer.text for answer in answers), "both see the page of somebody who is logged in")
    mixed = [answer for (_, _, foreign), answer in shown if foreign.account in answer.text]
    trial.safe(not mixed, "and each their own")


@attack("A23d", bugs="state_is_session")
def the_token_of_a_half_login_is_no_session(trial: Trial, server: Server) -> None:
    browser = server.browser()
    code = browser.up_to_the_code()
    half = browser.cookie("login")
    challenge = server.request("POST", "/phone-api/v1/challenges", json={}).json()
    thief = server.browser()
    results = []
    for state in (half, challenge["challenge_id"], challenge["challenge"]):
        thief.plant("session", state)
        results.append(thief.is_in())
        thief.cookies = httpx.Cookies()
        bearer = server.request("GET", "/phone-api/v1/enrolment", headers={"Authorization": f"Bearer {state}"})
        results.append(bearer.status_code != 401)
    trial.control(browser.gets_in(code), "the login goes on to a session")
    trial.safe(not any(results), "what stands for a half login opens nothing")


@attack("A23e", bugs="lock_not_rechecked")
def an_account_locked_between_password_and_code_stays_out(trial: Trial, server: Server) -> None:
    honest, caught = server.browser(), server.browser()
    trial.control(honest.gets_in(honest.up_to_the_code(MALLORY), MALLORY), "an account that is not locked gets in")
    code = caught.up_to_the_code()
    assert server.back_office("POST", f"/customers/{VICTIM.account}/lock").status_code == 204
    answer = caught.give_code(code)
    trial.safe("session" not in answer.cookies and not caught.is_in(), "one that was locked meanwhile does not")


@attack("A23f", bugs="csrf")
def forms_of_other_sites_are_refused(trial: Trial, server: Server) -> None:
    browser = server.browser()
    trial.control(browser.gets_in(browser.up_to_the_code()), "forms of the server's own pages log in")
    foreign = (
        {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Referer": "https://evil.example/"},
    )
    for headers in foreign:
        for path in ("/cas/logout", "/cas/login", "/cas/login/channel", "/cas/forgot-password", "/iweb/password-reset"):
            answer = browser.post(path, {"username": VICTIM.account}, **headers)
            trial.safe(answer.status_code == 403, f"a form for {path} with {headers} is refused")
    trial.safe(browser.is_in(), "nobody was logged out")
    browser.get("/cas/logout-everywhere")
    trial.safe(browser.is_in(), "nor by looking at pages")
