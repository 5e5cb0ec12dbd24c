"""Attacks on the reset of a password and on its rules: A17, A26 to A32."""

import sqlite3
from contextlib import closing
from dataclasses import replace

from tests.auth_server.attacks.people import MALLORY, VICTIM
from tests.auth_server.attacks.server import Browser, Server, link_in, path_of
from tests.auth_server.attacks.trial import Trial, attack
from tests.auth_server.conftest import ORIGIN
from tests.auth_server.web.conftest import FROM_OUR_PAGE

PAGE = "/iweb/password-reset"
NEW = "Sheung9Wan"
OTHER = "Kowloon8Bay"
DAY = 86400


def fields(password: str) -> dict[str, str]:
    """The form of a new password, typed twice."""
    return {"new_password": password, "new_password_again": password}


def follow(browser: Browser, link: str) -> bool:
    """Open a mailed link; whether the page asks for a new password."""
    browser.get(path_of(link))
    return "確認新密碼" in browser.get(PAGE).text


def set_by(browser: Browser, link: str, password: str) -> bool:
    """Open a mailed link and set a password with it; whether that is said to have worked."""
    browser.get(path_of(link))
    return "成功更改" in browser.post(PAGE, fields(password)).text


def works(server: Server, password: str, account: str = VICTIM.account) -> bool:
    """Whether an account has this password."""
    answer = server.browser().log_in_with_password(account, password)
    return answer.headers.get("location") == "/cas/login/channel"


@attack("A17", bugs="reset_autologin")
def a_reset_logs_nobody_in(trial: Trial, server: Server) -> None:
    browser = server.browser()
    trial.control(set_by(browser, server.link(), NEW), "a reset works")
    trial.safe(not browser.is_in() and not browser.cookie("session"), "and leaves the browser without a session")
    browser.begin(replace(VICTIM, password=NEW))
    trial.safe(not browser.is_in(), "the login that follows asks for a code")


@attack("A26", bugs="reset_skip_mail")
def a_password_cannot_be_set_without_the_mail(trial: Trial, server: Server) -> None:
    trial.control(set_by(server.browser(), server.link(MALLORY), NEW), "with the mail it can")
    thief = server.browser()
    thief.post("/cas/forgot-password", {"username": VICTIM.account})
    for step in (
        lambda: thief.post(PAGE, fields(OTHER)),
        lambda: thief.get(PAGE),
        lambda: thief.get(f"{PAGE}?token="),
        lambda: thief.get(f"{PAGE}?token={'A' * 43}"),
        lambda: thief.post(PAGE, {**fields(OTHER), "token": "A" * 43, "account": VICTIM.account}),
        lambda: thief.post(f"{PAGE}?account={VICTIM.account}", fields(OTHER)),
    ):
        answer = step()
        trial.safe(
            "成功更改" not in answer.text and "確認新密碼" not in answer.text, "the page is shut without the link"
        )
    trial.safe(not works(server, OTHER) and works(server, VICTIM.password), "the password is what it was")


@attack("A27", bugs=("link_reuse", "link_race"))
def a_link_sets_one_password(trial: Trial, server: Server) -> None:
    link = server.link()
    crowd = [server.browser() for _ in range(16)]
    for browser in crowd:
        browser.get(path_of(link))
    passwords = [f"Mongkok{number:02d}East" for number in range(16)]
    forms = [one.sending_form(PAGE, fields(new)) for one, new in zip(crowd, passwords, strict=True)]
    changed = sum("成功更改" in answer.text for answer in server.at_once(*forms))
    trial.control(changed, "a link works")
    trial.safe(changed == 1, "of sixteen uses at once one sets its password")
    trial.safe(not follow(server.browser(), link), "a used link opens no page")
    trial.safe(not set_by(server.browser(), link, OTHER), "and sets no other password")


@attack("A27b", bugs="old_links")
def older_links_end(trial: Trial, server: Server) -> None:
    older, newer = server.link(), server.link()
    early = set_by(server.browser(), older, OTHER)
    trial.control(early or set_by(server.browser(), newer, NEW), "the newest link works")
    trial.safe(not early, "a link ends when a newer one is sent")
    first = server.link()
    server.link()
    trial.safe(not set_by(server.browser(), first, OTHER), "so it is after a change of the password")


@attack("A27c", bugs="expiry_not_checked")
def a_link_works_for_eight_hours(trial: Trial, server: Server) -> None:
    link = server.link(MALLORY)
    server.clock.advance(8 * 3600 - 1)
    trial.control(set_by(server.browser(), link, NEW), "after 7:59:59 it works")
    link = server.link()
    server.clock.advance(8 * 3600)
    browser = server.browser()
    trial.safe(not follow(browser, link), "after eight hours its page is shut")
    trial.safe("成功更改" not in browser.post(PAGE, fields(OTHER)).text, "and no form opens it")
    trial.safe(not works(server, OTHER), "the password is what it was")


@attack("A27d", bugs="token_user_mismatch")
def a_link_is_for_its_own_account_whatever_the_form_says(trial: Trial, server: Server) -> None:
    trial.control(set_by(server.browser(), server.link(VICTIM), NEW), "a link works for its account")
    thief = server.browser()
    thief.get(path_of(server.link(MALLORY)))
    names = dict.fromkeys(("account", "username", "user", "id"), VICTIM.account)
    thief.post(f"{PAGE}?account={VICTIM.account}", {**fields(OTHER), **names})
    trial.safe(not works(server, OTHER), "Mallory's link does not set the victim's password")
    trial.safe(works(server, NEW), "which is what it was")


@attack("A28", bugs="link_on_get")
def a_scanner_that_opens_the_link_first_does_no_harm(trial: Trial, server: Server) -> None:
    trial.control(set_by(server.browser(), server.link(MALLORY), NEW), "a link works that nobody opened before")
    link = server.link()
    for agent in ("", "Barracuda Sentinel", "Microsoft Office Protected View", "Slackbot-LinkExpanding 1.0"):
        scanner = server.browser()
        scanner.get(path_of(link), method="HEAD", **{"User-Agent": agent})
        scanner.get(path_of(link), **{"User-Agent": agent})
        scanner.get(PAGE, **{"User-Agent": agent})
    trial.safe(set_by(server.browser(), link, NEW), "the customer's own click still works")


@attack("A29", bugs="host_poison")
def the_mailed_link_leads_to_the_configured_origin(trial: Trial, server: Server) -> None:
    trial.control(server.link().startswith(f"{ORIGIN}/iweb/"), "a link leads to the server")
    for headers in (
        {"Host": "evil.example"},
        {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http"},
        {"Forwarded": "host=evil.example;proto=http"},
        {"X-Original-URL": "https://evil.example/", "X-Host": "evil.example"},
    ):
        server.clock.advance(3600)
        server.forget_messages()
        browser = server.browser()
        browser.post(
            "/cas/forgot-password?origin=https://evil.example",
            {"username": VICTIM.account, "origin": "https://evil.example"},
            **{"Sec-Fetch-Site": "same-origin", **headers},
        )
        for mail in server.mails():
            trial.safe("evil.example" not in mail.text + mail.html, f"{headers} do not get into the mail")
            trial.safe(link_in(mail).startswith(f"{ORIGIN}/iweb/"), "its link leads where it should")


@attack("A30", bugs="two_recipients")
def the_mail_goes_to_the_address_on_file_alone(trial: Trial, server: Server) -> None:
    server.forget_messages()
    server.browser().post("/cas/forgot-password", {"username": VICTIM.account})
    [mail] = server.mails()
    trial.control(mail.recipients == (VICTIM.email,), "忘記密碼 sends the mail to the customer")
    evil = "mallory@evil.example"
    bodies = (
        f"username={VICTIM.account}&email={evil}",
        f"username={VICTIM.account}&email[]={VICTIM.email}&email[]={evil}",
        f"username={VICTIM.account}&username={evil}",
        f"username[]={VICTIM.account}&username[]={MALLORY.account}",
        f"username={VICTIM.account},{evil}",
        f"username={VICTIM.account}%0aBcc:{evil}",
    )
    for body in bodies:
        server.clock.advance(3600)
        server.forget_messages()
        form = {"Content-Type": "application/x-www-form-urlencoded", **FROM_OUR_PAGE}
        server.browser().send("POST", "/cas/forgot-password", content=body, headers=form)
        reached = {recipient for mail in server.mails() for recipient in mail.recipients}
        trial.safe(reached <= {VICTIM.email}, f"{body} reaches nobody else")


@attack("A30b", bugs="mass_assign")
def fields_that_a_form_does_not_have_change_nothing(trial: Trial, server: Server) -> None:
    path = f"/customers/{VICTIM.account}"
    before = server.back_office("GET", path).json()
    extra = {"email": "mallory@evil.example", "phone": "+852 5555 0177", "name": "M", "locked": "1", "attempts": "-9"}
    browser = server.browser()
    browser.get(path_of(server.link()))
    answer = browser.post(PAGE, {**fields(NEW), **extra, "role": "staff", "status": "active"})
    trial.control("成功更改" in answer.text, "the password is set")
    after = server.back_office("GET", path).json()
    same = all(before[name] == after[name] for name in ("account", "name", "email", "phone", "language", "locked"))
    trial.safe(same, "and nothing else")
    body = server.phone().login_body(NEW)
    refused = server.request("POST", "/phone-api/v1/sessions", json={**body, "state": "logged-in"})
    trial.safe(refused.status_code == 422, "the phone API takes no field that is not described")


@attack("A31", bugs="weak_token")
def links_cannot_be_guessed(trial: Trial, server: Server) -> None:
    tokens = [server.link(person).partition("token=")[2] for _ in range(12) for person in (VICTIM, MALLORY)]
    trial.control(set_by(server.browser(), server.link(), NEW), "a link works")
    trial.safe(len(set(tokens)) == len(tokens), "no two are alike")
    trial.safe(all(len(token) * 6 >= 128 for token in tokens), "each has room for 128 bits")
    # 22 characters of base64 hold 128 bits; 24 that are drawn show about 20 of 64 letters at each place.
    drawn = all(len({token[place] for token in tokens}) >= 10 for place in range(22))
    trial.safe(drawn, "every character is drawn anew in each")
    file = server.settings["AUTH_SERVER_DATABASE_URL"].removeprefix("sqlite:///")
    with closing(sqlite3.connect(file)) as database:
        dump = "\n".join(database.iterdump())
    trial.safe(not any(token in dump or token.encode().hex() in dump.lower() for token in tokens), "none is kept")


@attack("A31b", bugs="token_leak")
def the_token_leaves_the_address_at_once_and_goes_nowhere(trial: Trial, server: Server) -> None:
    browser, link = server.browser(), path_of(server.link())
    token = link.partition("token=")[2]
    first = browser.get(link)
    page = browser.get(PAGE)
    trial.control("確認新密碼" in page.text, "the link opens the page")
    trial.safe((first.status_code, first.headers["location"]) == (303, PAGE), "the token leaves the address")
    trial.safe(token not in page.text, "and is not in the page")
    for answer in (first, page):
        trial.safe(answer.headers["Referrer-Policy"] == "no-referrer", "no other site hears where one came from")
        trial.safe(answer.headers["Cache-Control"] == "no-store", "nothing is kept on the way")
    cookie = first.headers["set-cookie"].lower()
    trial.safe("httponly" in cookie and "samesite" in cookie, "no script and no other site gets at the cookie")
    trial.safe(token not in str(server.trail()), "the audit trail does not have it")


@attack("A32", bugs=("policy_unicode", "policy_client_only"))
def a_password_that_breaks_a_rule_is_refused_everywhere(trial: Trial, server: Server) -> None:
    trial.control(set_by(server.browser(), server.link(MALLORY), NEW), "a password that keeps them is taken")
    browser = server.browser()
    browser.get(path_of(server.link()))
    broken = (
        "Abcdef1", "Abcdéfg1", "Abcdefg²", "Ａbcdefg1", "Abcdefg1\n", "Abcdefgh", "12345678", "password1", "Abcdef g1",
        VICTIM.password, "x1" * 33, "Chan99999990", "Anue2027a",
    )  # fmt: skip
    for password in broken:
        answer = browser.post(PAGE, fields(password))
        trial.safe(answer.status_code == 422, f"{password!r} is refused")
        made = server.back_office(
            "POST",
            "/customers",
            json={
                "account": "6666-6660",
                "name": "N",
                "email": "n@example.com",
                "phone": "+852 5555 0166",
                "password": password,
            },
        )
        own = password in (VICTIM.password, "Chan99999990")  # the old one and the number of another account
        trial.safe(own or made.status_code == 422, f"{password!r} is refused by the back office too")
        if made.status_code == 201:
            break
    trial.safe(browser.post(PAGE, fields("a1" * 500_000)).status_code == 413, "a million characters are refused")
    trial.safe(works(server, VICTIM.password), "the password is what it was")


@attack("A32b", bugs="expiry_bypass")
def an_expired_password_leads_to_its_change_and_nowhere_else(trial: Trial, server: Server) -> None:
    server.clock.advance(90 * DAY - 1)
    honest = server.browser()
    trial.control(honest.gets_in(honest.up_to_the_code(MALLORY), MALLORY), "a second before ninety days it logs in")
    server.clock.advance(1)
    browser = server.browser()
    code = browser.up_to_the_code()
    trial.safe(browser.get("/cas/login/password").status_code == 303, "the code comes before the change")
    answer = browser.give_code(code)
    trial.safe(answer.headers.get("location") == "/cas/login/password", "at ninety days it leads to a change")
    trial.safe(not browser.is_in(), "and to no session")
    trial.safe(server.phone().log_in().status_code == 403, "nor on the phone")
    answer = browser.post("/cas/login/password", fields(NEW))
    trial.safe("成功更改" in answer.text and not browser.is_in(), "the change does not log in either")


@attack("A32c", bugs="dos_lockout")
def wrong_passwords_of_a_stranger_do_not_lock_the_owner_out(trial: Trial, server: Server) -> None:
    phone = server.bound_phone()
    trial.control(phone.log_in().status_code == 201, "the owner's phone logs in")
    thief = server.browser()
    stranger = server.phone()
    for number in range(30):
        thief.log_in_with_password(VICTIM.account, "Wrong1Wrong")
        if number % 10 == 0:
            stranger.log_in("Wrong1Wrong")
    trial.safe(phone.log_in().status_code == 201, "after thirty wrong passwords the owner's phone logs in")
    trial.safe(set_by(server.browser(), server.link(), NEW), "a reset works")
    honest = server.browser()
    trial.safe(works(server, NEW), "and opens the door on the web at once")
    server.clock.advance(15 * 60)
    trial.safe(honest.log_in_with_password(VICTIM.account, NEW).status_code == 303, "as does a quarter of an hour")
