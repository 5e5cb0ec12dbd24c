"""The Authenticator without a screen: its accounts, and the codes they give."""

from dataclasses import dataclass, field, replace
from typing import Final

from simulator.authenticator.accounts import Account, Accounts, AccountsFile
from simulator.authenticator.otpauth import Key
from simulator.phone import Phone
from simulator.securities.soft_token import one_time_password
from simulator.storage import StorageDamaged

ACCOUNTS_AT_MOST: Final = 100


class TooManyAccounts(ValueError):
    """It holds a hundred already."""


class AlreadyThere(ValueError):
    """An account with this very key is there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Codes:
    """A TOTP account's code and the one after it; when they change is in seconds since 1970 on this phone's clock."""

    code: str = field(repr=False)
    following: str = field(repr=False)
    valid_from: float
    valid_until: float


class Authenticator:
    """The app on one phone. What changes something writes to the storage and raises its errors."""

    def __init__(self, phone: Phone) -> None:
        self._phone = phone
        self._file = AccountsFile(phone.storage)
        self._accounts: Accounts | None = None

    @property
    def accounts(self) -> tuple[Account, ...]:
        """All accounts, the one added first at the front. Raises `StorageDamaged`."""
        return self._kept.listed

    @property
    def damaged(self) -> bool:
        """Whether accounts are stored and cannot be opened, which is not the same as having none."""
        try:
            _ = self._kept
        except StorageDamaged:
            return True
        return False

    def clear_damaged(self) -> None:
        """Remove what cannot be opened: the way out of damage. Nothing happens when nothing is damaged."""
        if self.damaged:
            self._file.clear()
            self._accounts = None
            self._phone.announce_change()

    def account(self, number: int) -> Account | None:
        """The account with that number, if it is there."""
        return next((account for account in self.accounts if account.number == number), None)

    def add(self, key: Key) -> Account:
        """Add an account. Raises `AlreadyThere` or `TooManyAccounts`."""
        kept = self._kept
        if any(account.key.secret == key.secret and account.key.kind is key.kind for account in kept.listed):
            raise AlreadyThere("this key is there already")
        if len(kept.listed) >= ACCOUNTS_AT_MOST:
            raise TooManyAccounts(f"there are {ACCOUNTS_AT_MOST} accounts")
        account = Account(number=kept.last_number + 1, key=key)
        self._keep(Accounts(listed=(*kept.listed, account), last_number=account.number))
        return account

    def rename(self, account: Account, name: str) -> Account:
        """Call an account otherwise. Raises `OtpauthError` when the name is empty, too long or cannot be shown."""
        return self._replace(account, replace(account.key, name=name.strip()))

    def remove(self, account: Account) -> None:
        """Forget an account and its key."""
        left = tuple(one for one in self.accounts if one.number != account.number)
        self._keep(replace(self._kept, listed=left))

    def codes(self, account: Account) -> Codes:
        """The codes of a TOTP account at this moment (RFC 6238)."""
        period = account.key.period_seconds
        step = int(self._phone.now() // period)
        return Codes(
            code=_code(account.key, step),
            following=_code(account.key, step + 1),
            valid_from=float(step * period),
            valid_until=float((step + 1) * period),
        )

    def next_code(self, account: Account) -> tuple[Account, str]:
        """The next code of a HOTP account (RFC 4226), and the account after it.

        It is counted before it is told, so that none is given twice, even by a phone that is killed meanwhile. Raises
        `OtpauthError` when the counter has come to its end.
        """
        counted = self._replace(account, replace(account.key, counter=account.key.counter + 1))
        return counted, _code(account.key, account.key.counter)

    @property
    def _kept(self) -> Accounts:
        if self._accounts is None:
            self._accounts = self._file.read()
        return self._accounts

    def _keep(self, accounts: Accounts) -> None:
        self._file.write(accounts)
        self._accounts = accounts
        self._phone.announce_change()

    def _replace(self, account: Account, key: Key) -> Account:
        changed = replace(account, key=key)
        listed = tuple(changed if one.number == account.number else one for one in self.accounts)
        self._keep(replace(self._kept, listed=listed))
        return changed


def _code(key: Key, counter: int) -> str:
    return one_time_password(key.secret, counter, digits=key.digits, digest=key.algorithm.value)
