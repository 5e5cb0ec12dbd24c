"""The server's codes against the vectors of RFC 4226 and RFC 6238."""
# ruff: noqa: S303 - the vectors are for SHA-1 too

import pytest
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, SHA512

from auth_server.totp import code_of, matching_step, step_at

KEY = b"12345678901234567890"
KEY_32 = b"12345678901234567890123456789012"
KEY_64 = b"1234567890123456789012345678901234567890123456789012345678901234"


def test_the_ten_codes_of_rfc_4226_appendix_d() -> None:
    codes = [code_of(KEY, counter, algorithm=SHA1()) for counter in range(10)]
    assert codes == ["755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"]


@pytest.mark.parametrize(
    ("at", "step", "sha1", "sha256", "sha512"),
    [
        (59, 0x1, "94287082", "46119246", "90693936"),
        (1111111109, 0x23523EC, "07081804", "68084774", "25091201"),
        (1111111111, 0x23523ED, "14050471", "67062674", "99943326"),
        (1234567890, 0x273EF07, "89005924", "91819424", "93441116"),
        (2000000000, 0x3F940AA, "69279037", "90698825", "38618901"),
        (20000000000, 0x27BC86AA, "65353130", "77737706", "47863826"),
    ],
)
def test_the_codes_of_rfc_6238_appendix_b(at: int, step: int, sha1: str, sha256: str, sha512: str) -> None:
    assert step_at(at) == step
    assert code_of(KEY, step, digits=8, algorithm=SHA1()) == sha1
    assert code_of(KEY_32, step, digits=8, algorithm=SHA256()) == sha256
    assert code_of(KEY_64, step, digits=8, algorithm=SHA512()) == sha512


def test_a_code_is_found_in_the_steps_that_are_looked_at_and_in_no_other() -> None:
    code = code_of(KEY_32, 1000)
    assert matching_step(KEY_32, code, range(998, 1003)) == 1000
    assert matching_step(KEY_32, code, range(1001, 1004)) is None
    assert matching_step(KEY_32, code, range(-3, 0)) is None
