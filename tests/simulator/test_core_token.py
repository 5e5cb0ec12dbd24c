"""Codes, seals, keys and PINs, held to their standards."""

import hashlib

import pytest
from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from hypothesis import given
from hypothesis import strategies as st

from simulator.securities.binding import EphemeralKey, agree
from simulator.securities.keys import DeviceKeys, SealBroken, fields, hkdf_sha256, read_public_key, verify
from simulator.securities.pins import PinWeakness, weakness
from simulator.securities.soft_token import SealedToken, check_seal, code_at, one_time_password, seal, unseal
from simulator.strict_json import NotAsDescribed

SEED = bytes(range(32))


# RFC 4226, appendix D: the secret is the ASCII text 12345678901234567890.
@pytest.mark.parametrize(
    ("counter", "code"),
    [*enumerate(["755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"])],
)
def test_rfc_4226_appendix_d(counter, code):
    assert one_time_password(b"12345678901234567890", counter, digest="sha1") == code


# RFC 6238, appendix B: the secrets are the same digits, repeated to the length of the hash.
@pytest.mark.parametrize(
    ("unix_time", "sha1", "sha256", "sha512"),
    [
        (59, "94287082", "46119246", "90693936"),
        (1111111109, "07081804", "68084774", "25091201"),
        (1111111111, "14050471", "67062674", "99943326"),
        (1234567890, "89005924", "91819424", "93441116"),
        (2000000000, "69279037", "90698825", "38618901"),
        (20000000000, "65353130", "77737706", "47863826"),
    ],
)
def test_rfc_6238_appendix_b(unix_time, sha1, sha256, sha512):
    digits, step = b"1234567890" * 7, unix_time // 30
    assert one_time_password(digits[:20], step, digits=8, digest="sha1") == sha1
    assert one_time_password(digits[:32], step, digits=8) == sha256
    assert one_time_password(digits[:64], step, digits=8, digest="sha512") == sha512
    assert code_at(digits[:32], unix_time).code == sha256[-6:]


@pytest.mark.parametrize(("at", "step"), [(0.0, 0), (29.999, 0), (30.0, 1), (59.9, 1)])
def test_a_code_lives_from_the_start_of_its_step_to_the_start_of_the_next(at, step):
    code = code_at(SEED, at)
    assert (code.step, code.valid_from, code.valid_until) == (step, step * 30, step * 30 + 30)


def test_a_code_does_not_print():
    assert code_at(SEED, 59).code not in repr(code_at(SEED, 59))


# RFC 5869, appendix A.1, A.2 and A.3: the three cases with SHA-256.
@pytest.mark.parametrize(
    ("key_material", "salt", "info", "length", "okm"),
    [
        (
            "0b" * 22,
            "000102030405060708090a0b0c",
            "f0f1f2f3f4f5f6f7f8f9",
            42,
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
        ),
        (
            bytes(range(0x50)).hex(),
            bytes(range(0x60, 0xB0)).hex(),
            bytes(range(0xB0, 0x100)).hex(),
            82,
            (
                "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09"
                "da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87"
            ),
        ),
        (
            "0b" * 22,
            "",
            "",
            42,
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8",
        ),
    ],
)
def test_rfc_5869_appendix_a(key_material, salt, info, length, okm):
    derived = hkdf_sha256(
        bytes.fromhex(key_material), salt=bytes.fromhex(salt), info=bytes.fromhex(info), length=length
    )
    assert derived.hex() == okm


def test_fields_are_each_preceded_by_their_length_in_four_bytes():
    assert fields("ab", b"", "券") == b"\0\0\0\2ab" + b"\0\0\0\0" + b"\0\0\0\3" + "券".encode()


@given(st.lists(st.binary(max_size=4), max_size=4), st.lists(st.binary(max_size=4), max_size=4))
def test_no_two_lists_of_fields_read_alike(one, other):
    assert (fields(*one) == fields(*other)) is (one == other)


def test_both_sides_agree_on_the_seed_and_confirm_it_and_no_third_does():
    phone, server, stranger = EphemeralKey.make(), EphemeralKey.make(), EphemeralKey.make()
    shared = {"code": "A" * 20, "account": "9999-9990", "token_id": "t"}
    ours = agree(ephemeral=phone, server_ephemeral_key=server.public_key, **shared)
    secret = server.private.exchange(ec.ECDH(), phone.private.public_key())
    context = fields(phone.public_key, server.public_key, "9999-9990", "t")
    salt = hashlib.sha256(b"A" * 20).digest()
    assert ours.seed == hkdf_sha256(secret, salt=salt, info=b"twofold-seed-v1" + context, length=32)
    assert ours.seed not in (ours.confirm_key, ours.phone_confirmation)
    assert not ours.confirms(ours.phone_confirmation)
    others = [
        agree(ephemeral=phone, server_ephemeral_key=stranger.public_key, **shared),
        *(
            agree(ephemeral=phone, server_ephemeral_key=server.public_key, **(shared | {name: "B" * 20}))
            for name in shared
        ),
    ]
    assert len({ours.seed, *(other.seed for other in others)}) == 5
    assert "seed=" not in repr(ours)


@pytest.mark.parametrize("point", [b"", b"\4" + b"\0" * 64, b"\2" + b"\1" * 32, b"\4" + b"\1" * 64, b"\4" * 66])
def test_a_point_that_is_not_on_the_curve_is_refused(point):
    with pytest.raises(ValueError, match=r"."):
        read_public_key(point)


def test_the_device_key_signs_and_only_its_own_signature_of_the_same_data_verifies():
    keys, others = DeviceKeys.make(), DeviceKeys.make()
    signature = keys.sign(b"data")
    ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), keys.public_key).verify(
        signature, b"data", ec.ECDSA(SHA256())
    )
    assert verify(keys.public_key, signature, b"data")
    assert not verify(keys.public_key, signature, b"dat a")
    assert not verify(others.public_key, signature, b"data")
    assert not verify(keys.public_key, signature[:-1], b"data")
    assert not verify(keys.public_key, b"", b"data")
    with pytest.raises(InvalidSignature):
        read_public_key(others.public_key).verify(signature, b"data", ec.ECDSA(SHA256()))


def test_keys_come_back_the_same_and_do_not_print():
    keys = DeviceKeys.make()
    again = DeviceKeys.from_bytes(keys.to_bytes())
    assert again.public_key == keys.public_key
    assert again.open(keys.seal(b"x", purpose=b"p"), purpose=b"p") == b"x"
    assert "0x" in repr(keys)
    with pytest.raises(NotAsDescribed):
        DeviceKeys.from_bytes(keys.to_bytes().replace(b'"version": 1', b'"version": 2'))
    with pytest.raises(NotAsDescribed):
        DeviceKeys.from_bytes(b'{"version": 1, "device_key": "AAAA", "storage_key": "AAAA"}')


def test_what_is_sealed_opens_only_with_the_same_keys_for_the_same_purpose_and_untouched():
    keys = DeviceKeys.make()
    sealed = keys.seal(b"secret", purpose=b"one")
    assert keys.seal(b"secret", purpose=b"one") != sealed
    assert keys.open(sealed, purpose=b"one") == b"secret"
    for at in range(len(sealed)):
        with pytest.raises(SealBroken):
            keys.open(sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :], purpose=b"one")
    for keys_, sealed_, purpose in (
        (keys, sealed, b"two"),
        (DeviceKeys.make(), sealed, b"one"),
        (keys, b"", b"one"),
        (keys, sealed[:12], b"one"),
    ):
        with pytest.raises(SealBroken):
            keys_.open(sealed_, purpose=purpose)


@pytest.fixture(scope="module")
def keys() -> DeviceKeys:
    return DeviceKeys.make()


@pytest.fixture(scope="module")
def token(keys: DeviceKeys) -> SealedToken:
    return seal(SEED, pin="240719", account="9999-9990", token_id="t-1", keys=keys)


def test_the_right_pin_gives_the_seed_and_a_wrong_one_32_other_bytes_without_complaint(keys, token):
    assert unseal(token, pin="240719", keys=keys) == SEED
    wrong = unseal(token, pin="240718", keys=keys)
    assert len(wrong) == 32
    assert wrong != SEED


def test_the_inner_layer_is_seed_xor_argon2id_and_holds_nothing_to_test_a_pin_with(keys, token):
    # docs/phone-api.md and RFC 9106: m = 46 MiB, t = 1, p = 1, 32 bytes; the outer layer is undone with the raw key.
    stored = DeviceKeys.from_bytes(keys.to_bytes())
    purpose = fields("twofold-soft-token-v1", token.account, token.token_id, token.salt)
    inner = AESGCM(stored._storage_key).decrypt(token.box[:12], token.box[12:], purpose)
    mask = hash_secret_raw(b"240719", token.salt, 1, 46 * 1024, 1, 32, Type.ID)
    assert bytes(one ^ other for one, other in zip(inner, mask, strict=True)) == SEED
    assert len(inner) == len(SEED)


def test_each_sealing_has_a_salt_of_its_own(keys, token):
    again = seal(SEED, pin="240719", account="9999-9990", token_id="t-1", keys=keys)
    assert again.salt != token.salt
    assert again.box != token.box


@pytest.mark.parametrize("change", [{"account": "1234-5678"}, {"token_id": "t-2"}, {"salt": b"\0" * 16}])
def test_a_token_moved_to_another_account_or_id_is_damaged(keys, token, change):
    moved = SealedToken(
        **({"account": token.account, "token_id": token.token_id, "salt": token.salt, "box": token.box} | change)
    )
    with pytest.raises(SealBroken):
        check_seal(moved, keys=keys)
    with pytest.raises(SealBroken):
        unseal(moved, pin="240719", keys=keys)


def test_another_phones_keys_do_not_open_a_token(token):
    with pytest.raises(SealBroken):
        unseal(token, pin="240719", keys=DeviceKeys.make())


@pytest.mark.parametrize(
    ("pin", "why"),
    [
        ("", PinWeakness.FORM),
        ("24071", PinWeakness.FORM),
        ("2407190", PinWeakness.FORM),
        ("24o719", PinWeakness.FORM),
        ("２４０７１９", PinWeakness.FORM),
        ("240719\n", PinWeakness.FORM),
        ("000000", PinWeakness.REPEATS),
        ("121212", PinWeakness.REPEATS),
        ("377773", PinWeakness.REPEATS),
        ("583583", PinWeakness.REPEATS),
        ("448822", PinWeakness.REPEATS),
        ("123456", PinWeakness.RUN),
        ("456789", PinWeakness.RUN),
        ("987654", PinWeakness.RUN),
        ("890123", PinWeakness.RUN),
        ("321098", PinWeakness.RUN),
        ("520131", PinWeakness.COMMON),
        ("159753", PinWeakness.COMMON),
        ("345678", PinWeakness.RUN),
        ("294017", PinWeakness.ACCOUNT),
        ("940175", PinWeakness.ACCOUNT),
        ("571049", PinWeakness.ACCOUNT),
        ("150384", PinWeakness.BIRTHDAY),
        ("840315", PinWeakness.BIRTHDAY),
        ("031584", PinWeakness.BIRTHDAY),
        ("290204", PinWeakness.BIRTHDAY),
    ],
)
def test_a_guessable_pin_is_refused_and_why(pin, why):
    assert weakness(pin, account="2940-1758") is why


@pytest.mark.parametrize("pin", ["240719", "583920", "906172", "300284", "290203", "013579"])
def test_other_pins_may_be_chosen(pin):
    # 30 February is no birthday, 29 February 2003 neither; nobody who trades was born in July 2019.
    assert weakness(pin, account="2940-1758") is None


def test_at_least_four_in_five_pins_are_left_to_choose_from():
    refused = sum(weakness(f"{pin:06}", account="9999-9990") is not None for pin in range(0, 1_000_000, 97))
    assert refused < (1_000_000 / 97) / 5
