"""Attacks by guessing, and on what counts the guesses: A10 to A15, A5d, A5e."""

from tests.auth_server.attacks.one_time_codes import WRONG, another
from tests.auth_server.attacks.people import MALLORY, VICTIM
from tests.auth_server.attacks.server import Server
from tests.auth_server.attacks.trial import Trial, attack


@attack("A10", bugs="no_limit")
def five_wrong_codes_end_a_code_and_ten_lock_a_token(trial: Trial, server: Server) -> None:
    browser = server.browser()
    code = browser.up_to_the_code()
    for _ in range(4):
        browser.give_code(another(code))
    trial.control(browser.gets_in(code), "the right code works after four wrong ones")
    thief = server.browser()
    code = thief.up_to_the_code(channel="mail")
    for _ in range(5):
        thief.give_code(another(code))
    trial.safe(not thief.gets_in(code), "the right code is refused after five wrong ones")
    phone = server.bound_phone()
    thief.up_to_the_code(channel="token")
    for _ in range(10):
        thief.give_code(WRONG)
    trial.safe(not thief.gets_in(phone.code()), "the right code of a token is refused after ten wrong ones")


@attack("A10b", bugs="limit_race")
def guesses_made_at_once_count_each(trial: Trial, server: Server) -> None:
    honest = server.browser()
    trial.control(honest.gets_in(honest.up_to_the_code()), "a code logs in")
    thief = server.browser()
    code = thief.up_to_the_code(channel="mail")
    guesses = [f"{number:06d}" for number in range(61) if number != int(code)][:60]
    answers = server.at_once(*(thief.sending_form("/cas/login/code", {"code": guess}) for guess in guesses))
    trial.control({answer.status_code for answer in answers} == {403}, "sixty wrong guesses are refused")
    trial.safe(not thief.gets_in(code), "after sixty guesses at once the right code is refused")


@attack("A11", bugs="limit_by_xff")
def a_forwarded_address_does_not_start_the_count_anew(trial: Trial, server: Server) -> None:
    honest = server.browser()
    trial.control(honest.gets_in(honest.up_to_the_code()), "a code logs in")
    thief = server.browser()
    code = thief.up_to_the_code(channel="mail")
    for number in range(6):
        address = f"198.51.100.{number}"
        said = {"X-Forwarded-For": address, "Forwarded": f"for={address}", "X-Real-IP": address}
        thief.post("/cas/login/code", {"code": another(code)}, **said, **{"Sec-Fetch-Site": "same-origin"})
    trial.safe(not thief.gets_in(code), "wrong codes count wherever they claim to come from")


@attack("A12", bugs="counter_per_session", code_failures_per_day="9")
def a_new_login_gives_no_new_tries(trial: Trial, server: Server) -> None:
    thief = server.browser()
    for channel in ("sms", "mail", "sms"):
        code = thief.up_to_the_code(channel=channel)
        for _ in range(3):
            thief.give_code(another(code))
        server.clock.advance(60)
    mallory = server.browser()
    trial.control(mallory.gets_in(mallory.up_to_the_code(MALLORY), MALLORY), "others log in as before")
    thief.begin()
    thief.choose("mail")
    trial.safe(
        not any(thief.gets_in(code) for code in server.codes()), "wrong codes of all logins count together for a day"
    )


@attack("A13", bugs="counter_per_code", code_failures_per_day="9")
def having_a_code_sent_again_gives_no_new_tries(trial: Trial, server: Server) -> None:
    mallory = server.browser()
    trial.control(mallory.gets_in(mallory.up_to_the_code(MALLORY), MALLORY), "a code logs in")
    thief = server.browser()
    code = thief.up_to_the_code(channel="mail")
    for _ in range(3):
        for _ in range(3):
            thief.give_code(another(code))
        server.clock.advance(60)
        server.forget_messages()
        thief.post("/cas/login/resend")
        code = server.code()
    trial.safe(not thief.gets_in(code), "wrong tries of all codes of a login count together")


@attack("A14", bugs="counter_by_alias")
def another_spelling_of_the_account_gives_no_new_tries(trial: Trial, server: Server) -> None:
    browser = server.browser()
    spellings = ("9999-9990", "99999990", " 9999-9990", "9999 9990")
    for spelling in spellings:
        answer = browser.log_in_with_password(spelling, VICTIM.password)
        trial.control(answer.status_code == 303, f"{spelling!r} is the same account")
    for number in range(12):
        browser.log_in_with_password(spellings[number % 4], "Wrong1Wrong")
    answer = browser.log_in_with_password(VICTIM.account, VICTIM.password)
    trial.safe(answer.status_code == 403, "ten wrong passwords close the login, however the account is written")


@attack("A15", bugs=("no_send_cap", "send_cap_race"))
def no_more_than_five_codes_an_hour_are_sent_to_anybody(trial: Trial, server: Server) -> None:
    patient = server.browser()
    trial.control(patient.up_to_the_code(), "a code is sent")
    for _ in range(7):
        server.clock.advance(61)
        patient.post("/cas/login/resend")
    trial.safe(len(server.codes()) <= 4, "seven more requests in a row send four more at the most")
    crowd = [server.browser() for _ in range(8)]
    for browser in crowd:
        browser.begin(MALLORY)
    trial.control(crowd.pop().choose("mail").status_code == 303, "a code is sent by mail")
    server.at_once(*(one.sending_form("/cas/login/channel", {"channel": "mail"}) for one in crowd))
    trial.safe(len(server.codes()) <= 5, "eight logins at once get five mails at the most")


@attack("A5d", bugs="lock_oracle")
def a_locked_token_answers_a_right_code_like_a_wrong_one(trial: Trial, server: Server) -> None:
    phone = server.bound_phone()
    honest = server.browser()
    honest.up_to_the_code(channel="token")
    trial.control(honest.gets_in(phone.code()), "a code of the token logs in")
    server.clock.advance(60)
    thief = server.browser()
    thief.up_to_the_code(channel="token")
    for _ in range(10):
        thief.give_code(WRONG)
    wrong, right = thief.give_code(another(phone.code())), thief.give_code(phone.code())
    trial.safe(not thief.is_in(), "a locked token lets nobody in")
    same = (wrong.status_code, wrong.text, wrong.headers) == (right.status_code, right.text, right.headers)
    trial.safe(same, "its answers do not tell a right code from a wrong one")


@attack("A5e", bugs="lock_expiry_open")
def a_lock_that_has_run_out_closes_again(trial: Trial, server: Server) -> None:
    mallory, thief = server.browser(), server.browser()
    for person, browser in ((MALLORY, mallory), (VICTIM, thief)):
        for _ in range(10):
            browser.log_in_with_password(person.account, "Wrong1Wrong")
    server.clock.advance(15 * 60)
    opened = mallory.log_in_with_password(MALLORY.account, MALLORY.password)
    trial.control(opened.status_code == 303, "a quarter of an hour after ten wrong passwords the right one works")
    for _ in range(10):
        thief.log_in_with_password(VICTIM.account, "Wrong1Wrong")
    answer = thief.log_in_with_password(VICTIM.account, VICTIM.password)
    trial.safe(answer.status_code == 403, "ten more close the login again")
