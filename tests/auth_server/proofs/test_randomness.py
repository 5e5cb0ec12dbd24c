"""What is drawn by chance cannot be guessed: long enough, evenly spread, never twice (ASVS 5.0, 6.5.4 and 7.2.3)."""

import ast
import importlib
import secrets
from collections import Counter
from collections.abc import Callable, Iterator

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from auth_server import one_time_codes
from auth_server.sealing import KeyRing, MasterKey
from tests.auth_server.conftest import fields
from tests.auth_server.proofs.test_source_rules import ROOT, sources

DRAWS = 100_000
# Of 9 degrees of freedom; of a million series of fair draws, two are above it (chi-square distribution).
FAR_FROM_EVEN = 45.0
SHORTEST_SECRET_BYTES = 16  # 128 bits, ASVS 7.2.3 and 11.5.1
SHORTER = {
    "registration_code.py": "80 bits, which open nothing without the customer's own session",
    "token_setup.py": "the name of a token, which is no secret",
    "sealing.py": "a nonce of 96 bits (NIST SP 800-38D, 8.2)",
    "staff.py": "a password of 100 bits, which is hashed slowly and opens nothing without a code",
}


def unevenness(codes: list[str]) -> float:
    """The chi-square statistic of the digits at each place, the largest of the six."""
    expected = len(codes) / 10
    places = [Counter(code[place] for code in codes) for place in range(6)]
    return max(sum((count[digit] - expected) ** 2 / expected for digit in "0123456789") for count in places)


def test_one_time_codes_are_evenly_spread_over_the_million_leading_zeros_included() -> None:
    codes = [one_time_codes.new_code() for _ in range(DRAWS)]
    assert all(len(code) == 6 and code.isascii() and code.isdigit() for code in codes)
    assert unevenness(codes) < FAR_FROM_EVEN


@pytest.mark.parametrize(
    "draw",
    [
        pytest.param(lambda: str(100_000 + secrets.randbelow(900_000)), id="without leading zeros"),
        pytest.param(lambda: f"{secrets.randbelow(2**20) % 10**6:06d}", id="by a remainder"),
        pytest.param(lambda: f"{secrets.randbelow(10**5):06d}", id="of five digits"),
    ],
)
def test_codes_that_are_not_are_noticed(draw: Callable[[], str]) -> None:
    assert unevenness([draw() for _ in range(DRAWS)]) > FAR_FROM_EVEN


def drawn() -> Iterator[tuple[str, str, Callable[[], object]]]:
    """Every place in the source that draws bytes: its file, its words, and a way to draw just so."""
    for path, module in sources():
        for node in ast.walk(module):
            if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("secrets.token_"):
                name = ".".join(("auth_server", *path.relative_to(ROOT).with_suffix("").parts))
                code = compile(ast.Expression(node), str(path), "eval")
                names = importlib.import_module(name).__dict__
                yield path.name, ast.unparse(node), lambda code=code, names=names: eval(code, names)  # noqa: S307


PLACES = list(drawn())


def test_every_token_that_the_source_draws_has_128_bits_or_a_reason() -> None:
    sizes = {(file, words): _bytes_in(draw()) for file, words, draw in PLACES}
    assert len(sizes) > 15
    short = {file for (file, _), size in sizes.items() if size < SHORTEST_SECRET_BYTES}
    assert short == set(SHORTER)


def test_a_hundred_thousand_of_them_are_all_different() -> None:
    each = DRAWS // len(PLACES) + 1
    for file, words, draw in PLACES:
        values = {draw() for _ in range(each)}
        assert len(values) == each, f"{file}: {words}"


def test_no_nonce_is_used_twice_in_a_hundred_thousand_seals() -> None:
    """ASVS 11.3.4; the nonce stands behind format and key id, five bytes (NIST SP 800-38D)."""
    seal = KeyRing(MasterKey(bytes(32))).seal()
    nonces = {seal.seal(b"", "a", "place")[5:17] for _ in range(DRAWS)}
    assert len(nonces) == DRAWS


def test_what_is_sealed_is_sealed_by_aes_256_gcm() -> None:
    """ASVS 11.3.2, read without the server's own code: format and key id, nonce, ciphertext and tag."""
    keys = KeyRing(MasterKey(bytes(32)))
    sealed = keys.seal().seal(b"a seed", "soft_tokens", "sealed_seed", "t", "9999-9990")
    place = fields(sealed[:5], "soft_tokens", "sealed_seed", "t", "9999-9990")
    key = keys.current.derive("seal")
    assert len(key) == 32
    assert AESGCM(key).decrypt(sealed[5:17], sealed[17:], place) == b"a seed"


def _bytes_in(value: object) -> int:
    if isinstance(value, bytes):
        return len(value)
    assert isinstance(value, str)
    is_hex = set(value) <= set("0123456789abcdef")
    return len(value) // 2 if is_hex else len(value) * 3 // 4
