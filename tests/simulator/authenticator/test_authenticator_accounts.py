"""The Authenticator's accounts and codes, held to the vectors of RFC 4226 and RFC 6238."""

from pathlib import Path

import pytest

from simulator.authenticator.app import AlreadyThere, Authenticator, TooManyAccounts
from simulator.authenticator.otpauth import COUNTER_AT_MOST, Algorithm, Fault, Key, Kind, OtpauthError
from simulator.phone import Phone
from simulator.storage import Storage, StorageDamaged, StorageFull

SEED_20 = b"12345678901234567890"
SEEDS = {
    Algorithm.SHA1: SEED_20,
    Algorithm.SHA256: b"12345678901234567890123456789012",
    Algorithm.SHA512: b"1234567890123456789012345678901234567890123456789012345678901234",
}
"""RFC 6238, appendix B; its errata give each algorithm a seed of its own length."""


@pytest.fixture
def storage(tmp_path: Path):
    with Storage(tmp_path / "phone", durable=False) as storage:
        yield storage


@pytest.fixture
def open_app(storage, clock):
    return lambda: Authenticator(Phone(storage, now=clock.now))


def _key(**changed: object) -> Key:
    return Key(**({"kind": Kind.TOTP, "issuer": "GitHub", "name": "chan", "secret": SEED_20} | changed))


@pytest.mark.parametrize(
    ("moment", "codes"),
    [
        (59, ("94287082", "46119246", "90693936")),
        (1111111109, ("07081804", "68084774", "25091201")),
        (1111111111, ("14050471", "67062674", "99943326")),
        (1234567890, ("89005924", "91819424", "93441116")),
        (2000000000, ("69279037", "90698825", "38618901")),
        (20000000000, ("65353130", "77737706", "47863826")),
    ],
)
def test_the_codes_are_those_of_rfc_6238(open_app, clock, moment, codes):
    app = open_app()
    clock.at = moment
    for algorithm, code in zip(Algorithm, codes, strict=True):
        account = app.add(_key(algorithm=algorithm, secret=SEEDS[algorithm], digits=8))
        assert app.codes(account).code == code


def test_counted_codes_are_those_of_rfc_4226_and_each_is_given_once_even_after_a_restart(open_app):
    # RFC 4226, appendix D
    expected = ["755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"]
    number = open_app().add(_key(kind=Kind.HOTP)).number
    given = []
    for _ in expected:
        app = open_app()
        _, code = app.next_code(app.account(number))
        given.append(code)
    assert given == expected


def test_a_counted_code_that_could_not_be_written_down_is_not_told(open_app, storage):
    app = open_app()
    account = app.add(_key(kind=Kind.HOTP))
    storage.full = True
    with pytest.raises(StorageFull):
        app.next_code(account)
    storage.full = False
    assert app.next_code(app.accounts[0])[1] == "755224"


def test_a_counter_at_its_end_gives_no_more_codes(open_app):
    app = open_app()
    account = app.add(_key(kind=Kind.HOTP, counter=COUNTER_AT_MOST))
    with pytest.raises(OtpauthError) as refused:
        app.next_code(account)
    assert refused.value.fault is Fault.COUNTER


def test_the_following_code_is_the_next_steps_and_the_period_is_the_accounts_own(open_app, clock):
    app = open_app()
    account = app.add(_key(digits=7, period_seconds=60))
    clock.at = 1111111109.5
    codes = app.codes(account)
    assert (codes.valid_from, codes.valid_until) == (1111111080, 1111111140)
    clock.at = 1111111140
    assert app.codes(account).code == codes.following != codes.code
    assert len(codes.code) == 7


def test_accounts_outlive_a_restart_and_are_renamed_and_removed(open_app):
    app = open_app()
    first, second = app.add(_key()), app.add(_key(secret=SEED_20[::-1], name="wong"))
    app.rename(first, " 陳大文 ")
    again = open_app()
    assert [account.key.name for account in again.accounts] == ["陳大文", "wong"]
    again.remove(second)
    assert [account.number for account in open_app().accounts] == [first.number]
    assert open_app().add(_key(secret=SEED_20[::-1])).number not in (first.number, second.number)
    with pytest.raises(OtpauthError):
        again.rename(first, " ")


def test_the_same_key_twice_and_too_many_accounts_are_refused(open_app, monkeypatch):
    app = open_app()
    app.add(_key())
    with pytest.raises(AlreadyThere):
        app.add(_key(name="another"))
    app.add(_key(kind=Kind.HOTP))
    monkeypatch.setattr("simulator.authenticator.app.ACCOUNTS_AT_MOST", 2)
    with pytest.raises(TooManyAccounts):
        app.add(_key(secret=SEED_20[::-1]))


def test_no_key_lies_in_the_storage_in_clear_nor_prints(open_app, storage):
    account = open_app().add(_key())
    kept = b"".join(path.read_bytes() for path in storage.folder.rglob("*") if path.is_file())
    assert SEED_20 not in kept
    assert b"chan" not in kept
    assert "1234567890" not in repr(account)


@pytest.mark.parametrize("spoil", ["accounts", "key", "no key", "another phone's key"])
def test_damaged_accounts_are_not_taken_for_none_and_can_be_cleared(open_app, storage, tmp_path, spoil):
    open_app().add(_key())
    accounts, keys = storage.folder / "authenticator.json", storage.folder / "hardware" / "authenticator.keys"
    match spoil:
        case "accounts":
            accounts.write_bytes(accounts.read_bytes()[:-1])
        case "key":
            storage.write("hardware/authenticator.keys", b"{}")
        case "no key":
            keys.unlink()
        case "another phone's key":
            with Storage(tmp_path / "other", durable=False) as other:
                Authenticator(Phone(other, now=lambda: 0.0)).add(_key())
                storage.write("hardware/authenticator.keys", other.read("hardware/authenticator.keys"))
    app = open_app()
    assert app.damaged
    with pytest.raises(StorageDamaged):
        _ = app.accounts
    app.clear_damaged()
    assert (app.damaged, app.accounts) == (False, ())
    app.add(_key())
    assert len(open_app().accounts) == 1


def test_clearing_what_is_not_damaged_does_nothing(open_app):
    app = open_app()
    app.add(_key())
    app.clear_damaged()
    assert len(open_app().accounts) == 1
