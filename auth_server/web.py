"""The services of the web side, put together for one server."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

from auth_server.cas import Services, ServiceTickets
from auth_server.devices import Devices
from auth_server.notices import Notices
from auth_server.one_time_codes import OneTimeCodes
from auth_server.outbox import Outbox
from auth_server.own_password import OwnPasswords
from auth_server.password_change import PasswordChanges
from auth_server.password_reminder import PasswordReminders
from auth_server.password_reset import PasswordResets
from auth_server.passwords import Passwords
from auth_server.sealing import Mac
from auth_server.second_factor import SecondFactor
from auth_server.sessions import WebSessions
from auth_server.settings import Settings
from auth_server.soft_token import SoftTokens
from auth_server.web_login import WebLogins


@dataclass(frozen=True, slots=True, kw_only=True)
class Web:
    """Logins, sessions, resets and tickets of one server."""

    password_changes: PasswordChanges
    resets: PasswordResets
    logins: WebLogins
    second_factor: SecondFactor
    sessions: WebSessions
    services: Services
    tickets: ServiceTickets
    reminders: PasswordReminders
    devices: Devices
    own_passwords: OwnPasswords

    @classmethod
    def of(
        cls,
        settings: Settings,
        now: Callable[[], float],
        *,
        mac: Mac,
        passwords: Passwords,
        codes: OneTimeCodes,
        tokens: SoftTokens,
        outbox: Outbox,
        notices: Notices,
    ) -> Self:
        """Put the services together from those that the phone uses too."""
        changes = PasswordChanges(passwords, notices, now)
        sessions = WebSessions(settings, mac, outbox, now)
        logins = WebLogins(settings, mac, passwords, changes, now)
        return cls(
            password_changes=changes,
            resets=PasswordResets(settings, mac, outbox, changes, now),
            logins=logins,
            second_factor=SecondFactor(
                settings,
                now,
                logins=logins,
                codes=codes,
                tokens=tokens,
                sessions=sessions,
                outbox=outbox,
                notices=notices,
            ),
            sessions=sessions,
            services=Services(settings.services),
            tickets=ServiceTickets(settings, mac, outbox, now),
            reminders=PasswordReminders(settings, outbox, now),
            devices=Devices(settings, mac, outbox, now),
            own_passwords=OwnPasswords(settings, passwords, changes, sessions, now),
        )
