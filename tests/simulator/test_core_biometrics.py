"""The enrolled fingers and faces, the id of their set, and the sensor's lock."""

from pathlib import Path

import pytest

from simulator.biometrics import PASSCODE, BiometricKind, SensorResult
from simulator.phone import Phone
from simulator.storage import Storage

FINGER, FACE = BiometricKind.FINGERPRINT, BiometricKind.FACE


@pytest.fixture
def storage(tmp_path: Path):
    with Storage(tmp_path / "phone", durable=False) as storage:
        yield storage


@pytest.fixture
def open_phone(storage, clock):
    return lambda: Phone(storage, now=clock.now)


def _fail(phone: Phone, times: int) -> list[SensorResult]:
    phone.biometrics.next_result = SensorResult.NO_MATCH
    return [phone.biometrics.scan() for _ in range(times)]


def test_a_new_phone_has_nothing_enrolled_and_no_set(open_phone):
    biometrics = open_phone().biometrics
    assert (biometrics.enrolled, biometrics.set_id) == ((), None)
    with pytest.raises(ValueError, match="nothing is enrolled"):
        biometrics.scan()


def test_the_sets_id_changes_with_every_change_and_never_returns(open_phone):
    biometrics, seen = open_phone().biometrics, []
    first = biometrics.add(FINGER)
    seen.append(biometrics.set_id)
    second = biometrics.add(FINGER)
    seen.append(biometrics.set_id)
    biometrics.remove(second)
    assert biometrics.enrolled == (first,)
    seen.append(biometrics.set_id)
    biometrics.remove(first)
    assert biometrics.set_id is None
    biometrics.add(FACE)
    seen.append(biometrics.set_id)
    assert len(set(seen)) == 4
    assert all(len(one) == 32 for one in seen)


def test_set_and_id_outlive_a_restart_and_a_number_is_never_given_again(open_phone):
    phone = open_phone()
    finger = phone.biometrics.add(FINGER)
    face = phone.biometrics.add(FACE)
    phone.biometrics.remove(finger)
    again = open_phone()
    assert again.biometrics.enrolled == (face,)
    assert again.biometrics.set_id == phone.biometrics.set_id
    assert again.biometrics.add(FINGER).number not in (finger.number, face.number)


def test_the_set_stays_as_it_is_when_one_that_is_not_in_it_is_removed(open_phone):
    biometrics = open_phone().biometrics
    finger = biometrics.add(FINGER)
    biometrics.remove(finger)
    biometrics.add(FACE)
    before = biometrics.set_id
    biometrics.remove(finger)
    assert biometrics.set_id == before


def test_a_phone_takes_five(open_phone):
    biometrics = open_phone().biometrics
    for _ in range(5):
        biometrics.add(FINGER)
    with pytest.raises(ValueError, match="takes 5"):
        biometrics.add(FACE)


def test_the_fifth_no_match_in_a_row_locks_the_sensor_for_thirty_seconds(open_phone, clock):
    phone = open_phone()
    phone.biometrics.add(FINGER)
    assert _fail(phone, 5) == [SensorResult.NO_MATCH] * 4 + [SensorResult.LOCKED_OUT]
    phone.biometrics.next_result = SensorResult.MATCH
    clock.at += 29
    assert phone.biometrics.scan() is SensorResult.LOCKED_OUT
    clock.at += 1
    assert phone.biometrics.scan() is SensorResult.MATCH


def test_each_no_match_after_the_fifth_locks_it_again_until_a_match(open_phone, clock):
    phone = open_phone()
    phone.biometrics.add(FINGER)
    _fail(phone, 5)
    clock.at += 30
    assert _fail(phone, 1) == [SensorResult.LOCKED_OUT]
    clock.at += 30
    phone.biometrics.next_result = SensorResult.MATCH
    assert phone.biometrics.scan() is SensorResult.MATCH
    assert _fail(phone, 1) == [SensorResult.NO_MATCH]


def test_tries_and_lock_outlive_a_restart_and_do_not_follow_the_phones_own_clock(open_phone):
    phone = open_phone()
    phone.biometrics.add(FINGER)
    _fail(phone, 4)
    phone = open_phone()
    assert _fail(phone, 1) == [SensorResult.LOCKED_OUT]
    phone.clock_offset_seconds = 3600
    assert open_phone().biometrics.locked_seconds == 30


def test_the_passcode_unlocks_it_and_no_other_text_does(open_phone):
    phone = open_phone()
    phone.biometrics.add(FINGER)
    _fail(phone, 5)
    for wrong in ("", "1234", "００００", PASSCODE + "\n"):
        assert not phone.biometrics.unlock(wrong)
    assert phone.biometrics.unlock(PASSCODE)
    assert phone.biometrics.locked_seconds == 0
    phone.biometrics.next_result = SensorResult.MATCH
    assert phone.biometrics.scan() is SensorResult.MATCH


def test_a_cancelled_scan_is_no_failure_and_a_lock_can_be_asked_for(open_phone):
    phone = open_phone()
    phone.biometrics.add(FINGER)
    _fail(phone, 4)
    phone.biometrics.next_result = SensorResult.CANCELLED
    assert phone.biometrics.scan() is SensorResult.CANCELLED
    phone.biometrics.next_result = SensorResult.MATCH
    phone.biometrics.scan()
    phone.biometrics.next_result = SensorResult.LOCKED_OUT
    assert phone.biometrics.scan() is SensorResult.LOCKED_OUT
    assert phone.biometrics.locked_seconds == 30
