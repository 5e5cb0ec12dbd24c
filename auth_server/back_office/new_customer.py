"""A new customer as staff or a program describes them, read strictly."""

import re
from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints

from auth_server import accounts
from auth_server.accounts import Account
from auth_server.languages import Language

# What is wrong with a field, for people.
WRONG: Final = {
    "account": "必須是客戶帳號，例如 9999-9990",
    "name": "必須是1至80個可顯示的字元，首尾沒有空格",
    "email": "必須是電郵地址，例如 chan@example.com",
    "phone": "必須是包括國家編號的電話號碼，例如 +852 5555 0101",
    "language": "必須是 zh-Hant 或 en",
}


def _account_number(text: str) -> str:
    number = accounts.read_account(text)
    if number is None:
        raise ValueError("must be an account number such as 9999-9990")
    return number


def _mail_address(text: str) -> str:
    # Stricter than RFC 5322: what this takes can stand in a header without being quoted.
    if not re.fullmatch(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+", text):
        raise ValueError("must be a mail address")
    return text


def _phone_number(text: str) -> str:
    if not re.fullmatch(r"\+[0-9]{1,3}( ?[0-9]){6,14}", text):
        raise ValueError("must be a phone number such as +852 5555 0101")
    return text


def _name(text: str) -> str:
    if not text.isprintable() or text != text.strip():
        raise ValueError("must be printable, without spaces at its ends")
    return text


class NewCustomer(BaseModel):
    """``POST /customers``. Without a password, which only a test world takes, the customer sets one by a reset."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, hide_input_in_errors=True)

    account: Annotated[str, AfterValidator(_account_number)]
    name: Annotated[str, StringConstraints(min_length=1, max_length=80), AfterValidator(_name)]
    email: Annotated[str, StringConstraints(max_length=254), AfterValidator(_mail_address)]
    phone: Annotated[str, StringConstraints(max_length=24), AfterValidator(_phone_number)]
    password: Annotated[str, StringConstraints(max_length=1024)] | None = None
    language: Language = "zh-Hant"

    def as_account(self) -> Account:
        """Give the account that is to be made, without a password."""
        return Account(account=self.account, name=self.name, email=self.email, phone=self.phone, language=self.language)
