"""Attacks with one-time codes that were not meant for it: A1 to A9, A16, A17b, A5b, A5c."""

from tests.auth_server.attacks.people import MALLORY, VICTIM
from tests.auth_server.attacks.server import Server
from tests.auth_server.attacks.trial import Trial, attack

WRONG = "000001"


def another(code: str) -> str:
    """A code that is not this one."""
    return f"{(int(code) + 1) % 10**6:06d}"


@attack("A1", bugs="otp_reuse")
def a_token_code_is_refused_the_second_time_and_looks_wrong(trial: Trial, server: Server) -> None:
    phone = server.bound_phone()
    first, second = server.browser(), server.browser()
    first.up_to_the_code(channel="token")
    second.up_to_the_code(channel="token")
    code = phone.code()
    trial.control(first.gets_in(code), "a code of the token logs in")
    again = second.give_code(code)
    trial.safe(not second.is_in(), "the same code does not log in twice")
    wrong = second.give_code(another(code))
    trial.safe((again.status_code, again.text) == (wrong.status_code, wrong.text), "a used code looks like a wrong one")


@attack("A2", bugs="otp_reuse_window")
def a_token_code_is_refused_one_step_after_it_was_used(trial: Trial, server: Server) -> None:
    phone = server.bound_phone()
    first, second = server.browser(), server.browser()
    first.up_to_the_code(channel="token")
    second.up_to_the_code(channel="token")
    code = phone.code()
    trial.control(first.gets_in(code), "a code of the token logs in")
    server.clock.advance(30)
    trial.safe(not second.gets_in(code), "it stays used while the window still reaches it")


@attack("A3", bugs="otp_older_ok")
def a_token_code_of_an_earlier_step_is_refused_after_a_newer_one(trial: Trial, server: Server) -> None:
    phone = server.bound_phone()
    first, second = server.browser(), server.browser()
    older, newer = phone.code(steps=-1), phone.code()
    first.up_to_the_code(channel="token")
    trial.control(first.gets_in(newer), "the newer code logs in")
    second.up_to_the_code(channel="token")
    trial.safe(not second.gets_in(older), "the code of the step before does not")


@attack("A4", bugs="otp_race")
def a_token_code_used_in_many_logins_at_once_opens_one(trial: Trial, server: Server) -> None:
    phone = server.bound_phone()
    browsers = [server.browser() for _ in range(8)]
    for browser in browsers:
        browser.up_to_the_code(channel="token")
    code = phone.code()
    forms = [one.sending_form("/cas/login/code", {"code": code}) for one in browsers for _ in range(4)]
    inside = len({answer.cookies["session"] for answer in server.at_once(*forms) if "session" in answer.cookies})
    trial.control(inside, "the code logs in")
    trial.safe(inside == 1, "32 requests at once with one code make one session")


@attack("A5", bugs="otp_client_time")
def the_time_that_a_request_claims_changes_nothing(trial: Trial, server: Server) -> None:
    phone = server.bound_phone()
    browser = server.browser()
    browser.up_to_the_code(channel="token")
    trial.control(browser.gets_in(phone.code(steps=1)), "a code of the next step logs in")
    server.clock.advance(90)
    other = server.browser()
    other.up_to_the_code(channel="token")
    for steps in (-10, -2, 2, 10):
        claimed = str(int(server.clock.at + 30 * steps))
        other.post(f"/cas/login/code?time={claimed}", {"code": phone.code(steps=steps), "time": claimed})
        trial.safe(not other.is_in(), f"a code of {steps} steps from now is refused, whatever time is claimed")


@attack("A6", bugs="code_not_bound_user")
def a_code_of_one_customer_does_not_log_another_in(trial: Trial, server: Server) -> None:
    thief, mine = server.browser(), server.browser()
    thief.up_to_the_code(VICTIM)
    code = mine.up_to_the_code(MALLORY)
    thief.give_code(code)
    stolen = thief.is_in(VICTIM)
    trial.control(stolen or mine.gets_in(code, MALLORY), "the code works for the one who got it")
    trial.safe(not stolen, "a code that Mallory got does not open the victim's account")


@attack("A7", bugs="code_not_bound_txn")
def a_code_of_one_login_does_not_finish_another(trial: Trial, server: Server) -> None:
    one, other = server.browser(), server.browser()
    code = one.up_to_the_code()
    other.up_to_the_code(channel="mail")
    other.give_code(code)
    crossed = other.is_in()
    trial.control(crossed or one.gets_in(code), "the code works in its own login")
    trial.safe(not crossed, "a code of one login does not finish another of the same customer")


@attack("A8", bugs="code_no_purpose")
def a_code_for_the_soft_token_does_not_log_in(trial: Trial, server: Server) -> None:
    phone, browser = server.phone(), server.browser()
    assert phone.log_in().status_code == 201
    server.forget_messages()
    activation = phone.start()
    login = browser.up_to_the_code()
    browser.give_code(activation)
    trial.control(browser.is_in() or browser.gets_in(login), "the code for the login logs in")
    for_login = server.browser().up_to_the_code(channel="mail")
    refused = phone.call("POST", "/enrolment/sms-code", {"code": for_login})
    trial.safe(refused.status_code == 403, "a code for a login does not enable the token")
    other = server.browser()
    other.begin()
    other.choose("token")
    fresh = server.browser()
    fresh.up_to_the_code(channel="mail")
    trial.safe(not fresh.gets_in(activation), "a code that enables the token does not log in on the web")
    trial.safe(phone.step() == "sms-code", "and is still good for what it was sent for")


@attack("A9", bugs="id_from_body")
def an_account_named_in_the_body_does_not_change_whose_session_it_is(trial: Trial, server: Server) -> None:
    browser = server.browser()
    trial.control(browser.gets_in(browser.up_to_the_code(MALLORY), MALLORY), "Mallory logs in as Mallory")
    thief = server.browser()
    code = thief.up_to_the_code(MALLORY)
    fields = {"code": code, "account": VICTIM.account, "username": VICTIM.account, "user": VICTIM.account}
    thief.post(f"/cas/login/code?account={VICTIM.account}", fields)
    trial.safe(not thief.is_in(VICTIM), "naming the victim in the form gives no session of the victim")


@attack("A16", bugs="old_code_valid")
def a_code_ends_when_a_newer_one_is_sent(trial: Trial, server: Server) -> None:
    browser = server.browser()
    first = browser.up_to_the_code()
    server.clock.advance(61)
    server.forget_messages()
    browser.post("/cas/login/resend")
    second = server.code()
    browser.give_code(first)
    early = browser.is_in()
    trial.control(early or browser.gets_in(second), "the newer code logs in")
    trial.safe(not early, "the older one does not")


@attack("A17b", bugs="code_leaked")
def no_answer_holds_the_code(trial: Trial, server: Server) -> None:
    browser, phone = server.browser(), server.phone()
    server.forget_messages()
    answers = [browser.log_in_with_password(), browser.choose("mail"), browser.get("/cas/login/code")]
    code = server.code()
    assert phone.log_in().status_code == 201
    answers.append(phone.call("POST", "/enrolment", {"consent": True}))
    activation = server.code()
    trial.control(browser.gets_in(code), "the code came by mail and logs in")
    for answer in answers:
        said = f"{answer.text} {answer.headers} {answer.cookies}"
        trial.safe(code not in said and activation not in said, f"{answer.request.url.path} does not give it away")


@attack("A5b", bugs="loose_code")
def only_six_ascii_digits_are_a_code(trial: Trial, server: Server) -> None:
    browser, phone = server.browser(), server.phone()
    code = browser.up_to_the_code()
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in code)
    arabic = "".join(chr(ord(digit) - ord("0") + 0x0660) for digit in code)
    for shape in (wide, arabic, f" {code}", f"{code}\n"):
        browser.give_code(shape)
        if browser.is_in():
            break
    early = browser.is_in()
    trial.control(early or browser.gets_in(code), "the code as it was sent logs in")
    trial.safe(not early, "digits of other scripts and blanks are not a code")
    other = server.browser()
    code = other.up_to_the_code(channel="mail")
    for shape in (f"+{code}", f"{code[:3]}_{code[3:]}", f"0{code}", ""):
        other.give_code(shape)
        trial.safe(not other.is_in(), "a sign, a blank, a seventh digit and nothing are not a code")
    large = other.post("/cas/login/code", {"code": "1" * 10_000_000})
    trial.safe(large.status_code == 413, "ten megabytes are refused")
    assert phone.log_in().status_code == 201
    activation = phone.start()
    for value in (int(activation), True, [activation], None, {"$ne": ""}, f"{activation}\n"):
        answer = phone.call("POST", "/enrolment/sms-code", {"code": value})
        trial.safe(answer.status_code == 422, "JSON of another type is refused before anybody looks at it")
    trial.safe(phone.step() == "sms-code", "and nothing came of it")


@attack("A5c", bugs=("magic_code", "late_code_valid"))
def no_code_works_but_the_one_that_was_sent_and_only_for_five_minutes(trial: Trial, server: Server) -> None:
    honest = server.browser()
    code = honest.up_to_the_code()
    server.clock.advance(299)
    trial.control(honest.gets_in(code), "a second before its end the code that was sent logs in")
    for magic, channel in (("000000", "sms"), ("123456", "mail"), ("999999", "sms"), ("", "mail")):
        thief = server.browser()
        code = thief.up_to_the_code(MALLORY, channel)
        trial.safe(not thief.gets_in(magic, MALLORY), f"{magic!r} is no code")
        server.clock.advance(300)
        trial.safe(not thief.gets_in(magic, MALLORY), f"nor is {magic!r} when the code has expired")
        trial.safe(not thief.gets_in(code, MALLORY), "after five minutes the code itself is none")
