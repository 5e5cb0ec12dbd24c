"""The limits of a server: how often, how long, how many. docs/limits.md is written from here.

A docstring says what is limited, then what is seen of it, then how it ends.
"""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Seconds = Annotated[int, Field(gt=0)]
Tries = Annotated[int, Field(gt=0, le=100)]  # NIST SP 800-63B-4, 5.2.2: never more than 100 failures in a row


class Limits(BaseModel):
    """The limits of one server. Life times and waits are in seconds."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, defer_build=True)

    code_life_seconds: Seconds = 300
    """The life of a one-time code that was sent by mail or text message.

    Seen: the code is wrong. Ends: with another code.
    """
    code_tries: Tries = 5
    """Wrong tries of one code that was sent.

    Seen: the code is wrong, also if it is the right one. Ends: with another code.
    """
    code_resend_seconds: Seconds = 60
    """The time between two codes of one login or enrolment by one channel.

    Seen: how many seconds are left. Ends: by itself; another channel can be had at once.
    """
    code_sends_per_hour: Tries = 5
    """Codes by one channel for one account and purpose in an hour, and registration mails.

    Seen: how many minutes are left, and that there are other channels. Ends: an hour after the first of them.
    """
    code_failures_per_day: Tries = 50
    """Wrong codes of one account in 24 hours, over all its logins and enrolments; those of the token count apart.

    Seen: the code is wrong, also if it is the right one. Ends: 24 hours after the first of them, or when the back
    office unlocks the account. The token and the bound phone go on.
    """
    code_failures_told: Tries = 3
    """Wrong codes behind a right password, in 24 hours, after which the customer is told of them, once.

    Seen: a notice by mail. Ends: 24 hours after the first of them.
    """
    registration_code_life_seconds: Seconds = 8 * 3600
    """The life of a registration code (M16).

    Seen: the registration code is wrong or has expired. Ends: with another registration mail.
    """
    registration_code_tries: Tries = 10
    """Registration codes of one account that are wrong, in an hour.

    Seen: too many tries, and for how long. Ends: an hour after the first of them.
    """
    enrolment_life_seconds: Seconds = 24 * 3600
    """How long an interrupted enrolment can be taken up again (M19).

    Seen: the phone begins anew. Ends: with a new enrolment.
    """
    enrolment_login_seconds: Seconds = 20 * 60
    """How long after the login on the phone a token can be set up (NIST SP 800-63B-4, 6.1.2.1).

    Seen: the phone asks for the password again. Ends: with that login; the enrolment goes on where it was.
    """
    challenge_life_seconds: Seconds = 120
    """The life of a challenge that a device key signs.

    Seen: nothing; the phone asks for another. Ends: with another challenge.
    """
    reset_link_life_seconds: Seconds = 8 * 3600
    """The life of a mailed link to set a new password (M2).

    Seen: the link has ended, and where to have another. Ends: with another link.
    """
    resets_per_hour: Tries = 5
    """Links that are asked for with “forgot password” for one account in an hour (M7).

    Seen: the same answer as ever, and no mail. Ends: an hour after the first of them; the back office can send one.
    """
    password_life_seconds: Seconds = 90 * 86400
    """The life of a password (M8).

    Seen: after the second factor the password has to be changed. Ends: with that change.
    """
    password_reminder_seconds: Seconds = 7 * 86400
    """How long before its password expires a customer is reminded, once (M8).

    Seen: a mail, and a line on the first page. Ends: with a new password.
    """
    password_tries: Tries = 10
    """Wrong passwords of one account in `password_window_seconds`, over all its spellings, pages and phones.

    The phone that holds the account's token has a count of its own. Seen: on pages the account or the password is
    wrong, also if they are right; on the phone, for how long. Ends: when the window is over, with a password reset, or
    when the back office unlocks the account.
    """
    password_window_seconds: Seconds = 15 * 60
    """The window in which `password_tries` are counted, from the first of them.

    Seen: as above. Ends: by itself.
    """
    token_tries: Tries = 10
    """Wrong codes of one token in a row, that is, wrong PINs (NIST SP 800-63B-4, 5.2.11).

    Seen: the code is wrong, also if it is the right one. Ends: when the back office unlocks the account, or when the
    token is set up anew. Codes by mail and text message go on.
    """
    biometric_tries: Tries = 5
    """Biometric unlocks that fail in a row before each further one has to wait (NIST SP 800-63B-4, 5.2.3).

    Seen: for how long. Ends: with an unlock that succeeds; the PIN goes on.
    """
    biometric_wait_seconds: Seconds = 30
    """How long each further biometric unlock has to wait.

    Seen: for how long. Ends: by itself.
    """
    biometric_failures: Tries = 50
    """Biometric unlocks that fail in a row before biometrics are suspended (NIST SP 800-63B-4, 5.2.3).

    Seen: biometrics are suspended, and why. Ends: when they are registered anew with the PIN.
    """
    login_life_seconds: Seconds = 15 * 60
    """How long a web login may stand between the password and the second factor.

    Seen: the login has ended. Ends: with a new login.
    """
    session_idle_seconds: Seconds = 30 * 60
    """How long a session goes on without a request, on the web and on the phone (NIST SP 800-63B-4, AAL2).

    Seen: the login page. Ends: with a new login.
    """
    session_absolute_seconds: Seconds = 12 * 3600
    """How long after its login a session ends in any case (NIST SP 800-63B-4, AAL2).

    Seen: the login page. Ends: with a new login.
    """
    step_up_seconds: Seconds = 5 * 60
    """How long after the last second factor an order is taken without another (ASVS 5.0, 7.5.3).

    Seen: a second factor is asked for. Ends: with that factor.
    """
    ticket_life_seconds: Seconds = 30
    """The life of a CAS service ticket.

    Seen: the service sends the browser here again. Ends: with another ticket.
    """
    staff_idle_seconds: Seconds = 15 * 60
    """How long a session in the back office goes on without a request.

    Seen: the staff's login page. Ends: with a new login.
    """
    staff_absolute_seconds: Seconds = 8 * 3600
    """How long after its login a session in the back office ends in any case.

    Seen: the staff's login page. Ends: with a new login.
    """
