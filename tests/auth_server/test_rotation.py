"""Replacing the master key: everything can still be read, used and recognised, and the old key can go."""

import base64
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import pytest
from argon2 import PasswordHasher
from sqlalchemy import insert, select, update

from auth_server import accounts
from auth_server.app import create_app
from auth_server.commands import rotate_key
from auth_server.database import UnusableDatabaseError
from auth_server.one_time_codes import Issued, Outcome, Purpose
from auth_server.passwords import Passwords
from auth_server.rotation import rotate, sealed_columns
from auth_server.sealing import SealBrokenError
from auth_server.tables import SEALED_FOR, metadata, soft_tokens, staff

if TYPE_CHECKING:
    from conftest import Phone, World

pytestmark = pytest.mark.on_both_databases

NEW = base64.urlsafe_b64encode(b"n" * 32).decode()


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a hash costs is not the point here."""
    made = Passwords.__init__

    def cheaply(passwords: Passwords, peppers: Mapping[str, bytes]) -> None:
        made(passwords, peppers)
        passwords._hasher = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)

    monkeypatch.setattr(Passwords, "__init__", cheaply)


@pytest.fixture
def with_keys(world: "World", settings: dict[str, str]) -> Callable[..., None]:
    """Start the server anew with other master keys, the one in use first."""

    def start(*keys: str) -> None:
        world.broker.database.close()
        settings["AUTH_SERVER_MASTER_KEY"], *older = keys
        settings["AUTH_SERVER_OLD_MASTER_KEYS"] = ",".join(older)
        world.app = create_app(settings, world.clock.now)
        world.broker.open()

    return start


def test_a_customer_notices_nothing_of_a_new_master_key(
    world: "World", settings: dict[str, str], new_phone: "Callable[..., Phone]", with_keys: Callable[..., None]
) -> None:
    old = settings["AUTH_SERVER_MASTER_KEY"]
    world.customer(password=None)
    with world.broker.database.writing() as tx:
        accounts.set_password(tx, "9999-9990", world.broker.passwords.hash_password("Tseung7Kwan"), at=world.clock.at)
    phone = new_phone()
    code = phone.enrol_until_binding()
    server = phone.call("GET", "/server").json()
    # The server gets a new key in the middle of an enrolment: what was mailed under the old one is good.
    with_keys(NEW, old)
    assert phone.bind(code).status_code == 200
    assert phone.bind(code).status_code == 200  # its answer was lost
    rotated = rotate(world.broker, batch=1)
    assert sum(column.values for column in rotated.columns) > 0
    assert sum(column.broken for column in rotated.columns) == 0
    assert phone.activate().status_code == 200
    assert phone.call("GET", "/server").json() == server
    assert rotated.passwords_waiting == 1
    assert phone.log_in().status_code == 201
    assert rotate(world.broker).passwords_waiting == 0
    # A day later the old key goes.
    with_keys(NEW)
    assert phone.call("GET", "/server").json() == server
    assert phone.log_in().json()["state"] == "logged-in"
    with world.broker.database.writing() as tx:
        world.clock.advance(30)
        assert world.broker.soft_tokens.accept_code(tx, "9999-9990", phone.code()) is Outcome.ACCEPTED


def test_codes_sessions_and_links_made_under_the_old_key_are_known_under_the_new_one(
    world: "World", settings: dict[str, str]
) -> None:
    old = settings["AUTH_SERVER_MASTER_KEY"]
    customer = world.customer(password=None)
    about = {"purpose": Purpose.LOGIN, "account": "9999-9990", "transaction": "t"}
    with world.broker.database.writing() as tx:
        issued = world.broker.one_time_codes.issue(tx, **about, channel="sms")
        session = world.broker.web.sessions.begin(tx, "9999-9990", "sms", previous_login_at=None)
        world.broker.web.resets.send(tx, customer, asked="back-office")
    assert isinstance(issued, Issued)
    [mail] = world.mails()
    token = re.findall(r"token=([A-Za-z0-9_-]{43})", mail.text)[0]
    for older, known in [("", False), (old, True)]:
        world.broker.database.close()
        keys = {"AUTH_SERVER_MASTER_KEY": NEW, "AUTH_SERVER_OLD_MASTER_KEYS": older}
        world.app = create_app({**settings, **keys}, world.clock.now)  # not opened: it would be refused
        with world.broker.database.writing() as tx:
            assert (world.broker.web.resets.account_of(tx, token) is not None) is known
            accepted = world.broker.one_time_codes.accept(tx, **about, text=issued.code)
            assert (accepted is Outcome.ACCEPTED) is known
            if known:
                assert world.broker.web.sessions.resume(tx, session) is not None
                assert world.broker.web.sessions.end(tx, session) == "9999-9990"


def test_everything_sealed_is_sealed_anew_and_opens_under_the_new_key_alone(
    world: "World", settings: dict[str, str], new_phone: "Callable[..., Phone]", with_keys: Callable[..., None]
) -> None:
    old = settings["AUTH_SERVER_MASTER_KEY"]
    world.customer(password=None)
    new_phone().be_bound()
    with world.broker.database.writing() as tx:
        world.broker.outbox.queue_text(tx, at=0, to="+852 5555 0101", text="a secret")
        sealed_seed = world.broker.seal.seal(b"of the staff", "staff", "sealed_seed", "may")
        tx.execute(
            insert(staff).values(name="may", password_hash="x$y", sealed_seed=sealed_seed, last_step=0, created_at=0)
        )
    with_keys(NEW, old)
    rotated = rotate(world.broker, batch=1)
    assert [column.broken for column in rotated.columns] == [0] * len(rotated.columns)
    anew = {column.column: column.values for column in rotated.columns}
    assert (anew["soft_tokens.sealed_seed"], anew["outbox.content"], anew["staff.sealed_seed"]) == (1, 1, 1)
    assert sum(column.values for column in rotate(world.broker).columns) == 0
    with_keys(NEW)
    opened = 0
    with world.broker.database.reading() as tx:
        for table, column in sealed_columns():
            place = [table.c[name] for name in column.info[SEALED_FOR]]
            for sealed, *where in tx.execute(select(column, *place).where(column.is_not(None))):
                world.broker.seal.unseal(sealed, table.name, column.name, *where)
                opened += 1
    assert opened == 4  # with the signing key, which outlives the key that it was made from


def test_a_value_that_no_key_opens_is_told_of_and_holds_nothing_up(
    world: "World", settings: dict[str, str], with_keys: Callable[..., None], new_phone: "Callable[..., Phone]"
) -> None:
    world.customer(password=None)
    new_phone().be_bound()
    with world.broker.database.writing() as tx:
        for number in range(3):
            world.broker.outbox.queue_text(tx, at=0, to="+852 5555 0101", text=f"{number}")
        tx.execute(update(soft_tokens).values(account=soft_tokens.c.account, token_id="another"))
    with_keys(NEW, settings["AUTH_SERVER_MASTER_KEY"])
    rotated = {column.column: column for column in rotate(world.broker, batch=1).columns}
    assert (rotated["soft_tokens.sealed_seed"].broken, rotated["outbox.content"].values) == (1, 3)


def test_a_seed_copied_to_another_account_does_not_open(world: "World", new_phone: "Callable[..., Phone]") -> None:
    for number in ("9999-9990", "9999-9991"):
        world.customer(number, password=None)
    victim, thief = new_phone("9999-9991"), new_phone("9999-9990")
    victim.be_bound()
    thief.be_bound()
    with world.broker.database.writing() as tx:
        seed = tx.execute(select(soft_tokens.c.sealed_seed).where(soft_tokens.c.account == "9999-9990")).scalar_one()
        tx.execute(update(soft_tokens).where(soft_tokens.c.account == "9999-9991").values(sealed_seed=seed))
    with pytest.raises(SealBrokenError), world.broker.database.writing() as tx:
        world.broker.soft_tokens.accept_code(tx, "9999-9991", thief.code())


def test_a_database_whose_key_is_not_given_is_refused(
    world: "World", settings: dict[str, str], with_keys: Callable[..., None]
) -> None:
    old = settings["AUTH_SERVER_MASTER_KEY"]
    with pytest.raises(UnusableDatabaseError, match="made under another master key"):
        with_keys(NEW)
    with_keys(NEW, old)
    rotate(world.broker)
    with pytest.raises(UnusableDatabaseError, match="made under another master key"):
        with_keys(old)
    with_keys(NEW)


def test_the_command_says_what_it_did(
    world: "World", settings: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    world.customer(password=None)
    with world.broker.database.writing() as tx:
        accounts.set_password(tx, "9999-9990", world.broker.passwords.hash_password("Tseung7Kwan"), at=0)
        world.broker.outbox.queue_text(tx, at=0, to="+852 5555 0101", text="a secret")
    settings["AUTH_SERVER_OLD_MASTER_KEYS"] = settings["AUTH_SERVER_MASTER_KEY"]
    settings["AUTH_SERVER_MASTER_KEY"] = NEW
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    assert rotate_key.run(rotate_key.argparse.Namespace()) == 0
    said = capsys.readouterr().out
    assert "outbox.content: 1 sealed anew\n" in said
    assert said.endswith("passwords: 1 move at their owners' next login; keep the old key for them\n")


def test_every_column_that_is_named_as_sealed_says_for_which_place() -> None:
    named = {f"{table.name}.{column.name}" for table, column in sealed_columns()}
    called = {
        f"{table.name}.{column.name}"
        for table in metadata.sorted_tables
        for column in table.columns
        if column.name.startswith("sealed_")
    }
    assert called | {"outbox.content"} == named
