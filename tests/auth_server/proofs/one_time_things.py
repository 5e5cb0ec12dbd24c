"""Everything that works once, by kind: how one is made, and how a client uses it, by the rules and without HTTP.

What is made is plain data, so that a client in another process can use it.
"""

import base64
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pyotp
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import insert, select, update

from auth_server import phone_challenges, token_setup
from auth_server.accounts import Account
from auth_server.back_office import staff, staff_login
from auth_server.broker import Broker
from auth_server.cas import Claim, Validated
from auth_server.channels import Channel
from auth_server.enrolment import Enrolment
from auth_server.one_time_codes import Issued, Outcome, Purpose
from auth_server.password_change import Changed
from auth_server.phone_challenges import Purpose as ChallengePurpose
from auth_server.phone_sessions import PhoneSession
from auth_server.registration_code import new_code
from auth_server.soft_token import BindingAnswer
from auth_server.tables import enrolments, reset_links
from auth_server.totp import code_of, step_at
from tests.auth_server.conftest import ORIGIN, fields, point

SERVICE = "https://orders.anue.example/app"

Item = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Thing:
    """How one is made for an account, and how a client uses it; the use says whether it worked."""

    make: Callable[[Broker, Account], Item]
    use: Callable[[Broker, Item], bool]


def _code(channel: Channel) -> Thing:
    def make(broker: Broker, account: Account) -> Item:
        of = {"account": account.account, "transaction": f"{channel} {account.account}"}
        with broker.database.writing() as tx:
            issued = broker.one_time_codes.issue(tx, purpose=Purpose.LOGIN, channel=channel, **of)
        assert isinstance(issued, Issued)
        return {**of, "text": issued.code}

    def use(broker: Broker, item: Item) -> bool:
        with broker.database.writing() as tx:
            return broker.one_time_codes.accept(tx, purpose=Purpose.LOGIN, **item) is Outcome.ACCEPTED

    return Thing(make, use)


def _make_link(broker: Broker, account: Account) -> Item:
    with broker.database.writing() as tx:
        broker.web.resets.send(tx, account, asked=Channel.WEB)
        mail = broker.outbox.read(broker.outbox.waiting(tx, "mail")[-1])
        broker.outbox.end(tx, broker.outbox.waiting(tx, "mail")[-1], "sent", at=broker.now())
    return {"token": re.findall("token=([A-Za-z0-9_-]{43})", mail.text)[0]}


def _use_link(broker: Broker, item: Item) -> bool:
    password = f"Tseung{secrets.randbelow(10**6):06d}"
    return isinstance(broker.web.resets.change(broker.database, item["token"], password, password, address=""), Changed)


def _make_registration_code(broker: Broker, account: Account) -> Item:
    key = ec.generate_private_key(ec.SECP256R1())
    enrolment = Enrolment(
        enrolment_id=secrets.token_hex(8), account=account.account, device_key=point(key), step="binding", token_id=None
    )
    code, at = new_code(), broker.now()
    with broker.database.writing() as tx:
        tx.execute(
            insert(enrolments).values(
                enrolment_id=enrolment.enrolment_id,
                account=account.account,
                device_key=point(key),
                device_name="A phone",
                step="binding",
                started_at=at,
                expires_at=at + 3600,
            )
        )
        token_setup._replace_code(broker, tx, enrolment, code, at=at, expires_at=at + 3600)
    return {"account": account.account, "code": code, "key": key.private_numbers().private_value}


def _use_registration_code(broker: Broker, item: Item) -> bool:
    key = ec.derive_private_key(item["key"], ec.SECP256R1())
    session = PhoneSession(
        token_hash=bytes(32),
        account=item["account"],
        device_key=point(key),
        device_name="A phone",
        state="set-up-token",
        created_at=broker.now(),
    )
    ephemeral = point(ec.generate_private_key(ec.SECP256R1()))
    message = fields("twofold-binding-v1", ORIGIN, item["account"], item["code"], ephemeral)
    with broker.database.writing() as tx:
        bound = token_setup.bind(
            broker,
            tx,
            session,
            code=item["code"],
            device_ephemeral_key=ephemeral,
            signature=key.sign(message, ec.ECDSA(hashes.SHA256())),
            address="",
        )
    return isinstance(bound, token_setup.Bound)


def _make_token_step(broker: Broker, account: Account) -> Item:
    seed, token_id = secrets.token_bytes(32), secrets.token_hex(8)
    answer = BindingAnswer(
        request_hash=bytes(32),
        server_ephemeral_key=bytes(65),
        server_confirmation=bytes(32),
        phone_confirmation_hash=bytes(32),
    )
    of = {"token_id": token_id, "account": account.account}
    step = step_at(broker.now())
    with broker.database.writing() as tx:
        broker.soft_tokens.add_pending(tx, **of, device_key=bytes(65), device_name="A phone", seed=seed, answer=answer)
        broker.soft_tokens.activate(tx, **of, confirmed=True, text=code_of(seed, step - 1))
    return {"account": account.account, "text": code_of(seed, step)}


def _use_token_step(broker: Broker, item: Item) -> bool:
    with broker.database.writing() as tx:
        return broker.soft_tokens.accept_code(tx, item["account"], item["text"]) is Outcome.ACCEPTED


def _make_ticket(broker: Broker, account: Account) -> Item:
    web = broker.web
    with broker.database.writing() as tx:
        session = web.sessions.resume(tx, web.sessions.begin(tx, account.account, Channel.SMS, previous_login_at=None))
        assert session is not None
        return {"ticket": web.tickets.issue(tx, session, SERVICE, from_new_login=True, address="")}


def _use_ticket(broker: Broker, item: Item) -> bool:
    with broker.database.writing() as tx:
        return isinstance(broker.web.tickets.validate(tx, Claim(ticket=item["ticket"], service=SERVICE)), Validated)


def _make_staff_step(broker: Broker, account: Account) -> Item:
    name = f"clerk.{account.account}"
    with broker.database.writing() as tx:
        seed = staff.add(broker, tx, name, "nobody logs in by it")
    assert seed
    return {"name": name, "code": pyotp.TOTP(base64.b32encode(seed).decode()).at(int(broker.now()))}


def _use_staff_step(broker: Broker, item: Item) -> bool:
    with broker.database.writing() as tx:
        member = staff_login._find(tx, item["name"])
        assert member is not None
        return staff_login._use_code(broker, tx, member, item["code"]) == ""


def _make_challenge(broker: Broker, account: Account) -> Item:
    challenge = phone_challenges.new_challenge(broker, ChallengePurpose.BIOMETRICS_UNLOCK, bound_to=account.account)
    return {"challenge_id": challenge.challenge_id, "bound_to": account.account}


def _use_challenge(broker: Broker, item: Item) -> bool:
    purpose = ChallengePurpose.BIOMETRICS_UNLOCK
    with broker.database.writing() as tx:
        return phone_challenges.use_up(tx, **item, at=broker.now(), purpose=purpose) is not None


def _use_link_by_halves(broker: Broker, item: Item) -> bool:
    """Look first and write then, as no rule may: what the race must notice."""
    of_link = broker.web.resets._is_of(item["token"])
    with broker.database.reading() as tx:
        state = tx.execute(select(reset_links.c.state).where(of_link)).scalar_one()
    with broker.database.writing() as tx:
        tx.execute(update(reset_links).where(of_link).values(state="used"))
    return state == "open"


THINGS = {
    "login code by mail": _code(Channel.MAIL),
    "login code by text message": _code(Channel.SMS),
    "reset link": Thing(_make_link, _use_link),
    "registration code": Thing(_make_registration_code, _use_registration_code),
    "code of the token": Thing(_make_token_step, _use_token_step),
    "service ticket": Thing(_make_ticket, _use_ticket),
    "staff member's code": Thing(_make_staff_step, _use_staff_step),
    "biometrics challenge": Thing(_make_challenge, _use_challenge),
}
BY_HALVES = {"reset link, by halves": Thing(_make_link, _use_link_by_halves)}
"""A rule that is none, for the race to notice."""
