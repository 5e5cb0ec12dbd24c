"""What 設定 › 帳戶設定 of the app shows: the account, its token, its biometrics, its password (M20)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from sqlalchemy import Connection

from auth_server import biometrics
from auth_server.biometrics import BiometricsState, Reason
from auth_server.enrolment import account_of
from auth_server.phone_sessions import PhoneSession

if TYPE_CHECKING:
    from auth_server.broker import Broker


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountSettings:
    """The settings as one phone sees them; times are unix seconds.

    `device_name` and `activated_at` are those of this phone's token; of another phone's it is only told that it is
    there (`elsewhere`).
    """

    account: str
    name: str
    token_state: Literal["none", "active", "locked", "elsewhere"]
    device_name: str | None
    activated_at: float | None
    biometrics_state: Literal["none"] | BiometricsState
    biometrics_reason: Reason | None
    biometrics_registered_at: float | None
    password_changed_at: float
    password_expires_at: float


def account_settings(broker: "Broker", tx: Connection, session: PhoneSession) -> AccountSettings:
    """Collect the settings of the session's account, as its phone may see them."""
    account = account_of(tx, session)
    assert account.password_changed_at is not None  # who is logged in has a password
    token = broker.soft_tokens.active(tx, session.account)
    own = broker.soft_tokens.active_on(tx, session.account, session.device_key)
    registration = biometrics.of_token(tx, own.token_id) if own is not None and own.token_id is not None else None
    state = "elsewhere" if token is not None and own is None else "none"
    if own is not None:
        state = "locked" if own.state == "locked" else "active"
    return AccountSettings(
        account=account.account,
        name=account.name,
        token_state=state,
        device_name=own.device_name if own is not None else None,
        activated_at=own.activated_at if own is not None else None,
        biometrics_state=registration.state if registration is not None else "none",
        biometrics_reason=registration.reason if registration is not None else None,
        biometrics_registered_at=registration.registered_at if registration is not None else None,
        password_changed_at=account.password_changed_at,
        password_expires_at=account.password_changed_at + broker.settings.password_life_seconds,
    )
