"""The phone's storage: whole or not at all, damage told from nothing, one phone to a folder."""

import asyncio
import errno
import os
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from simulator.securities.app import AppRefusal, EnrolmentStep, FirstStart, TokenState
from simulator.storage import Storage, StorageDamaged, StorageFaulty, StorageFull, StorageInUse


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "phone"


def test_what_was_written_is_read_back_by_the_next_phone_on_the_folder(folder):
    with Storage(folder) as storage:
        storage.write("one.json", b"first")
        storage.write("one.json", b"second")
        storage.write("drawer/two.json", b"")
    with Storage(folder) as storage:
        assert storage.read("one.json") == b"second"
        assert storage.read("drawer/two.json") == b""
        assert storage.names("drawer") == ("drawer/two.json",)


def test_what_was_never_written_or_was_deleted_is_none(folder):
    with Storage(folder) as storage:
        assert storage.read("one.json") is None
        assert storage.names("drawer") == ()
        storage.write("one.json", b"x")
        storage.delete("one.json")
        storage.delete("one.json")
        assert storage.read("one.json") is None


@pytest.mark.parametrize("keep", [0, 1, 40, 80, 81, -1])
def test_a_file_cut_anywhere_is_damaged_and_not_none(folder, keep):
    with Storage(folder) as storage:
        storage.write("one.json", b'{"a": 1}')
        path = folder / "one.json"
        path.write_bytes(path.read_bytes()[:keep])
        with pytest.raises(StorageDamaged):
            storage.read("one.json")


def test_a_file_with_any_bit_flipped_is_damaged(folder):
    with Storage(folder) as storage:
        storage.write("one.json", b"content")
        path = folder / "one.json"
        whole = path.read_bytes()
        for at in range(len(whole)):
            path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
            with pytest.raises(StorageDamaged):
                storage.read("one.json")


@pytest.mark.parametrize("fails", ["open", "fsync", "replace"])
@pytest.mark.parametrize(("number", "error"), [(errno.ENOSPC, StorageFull), (errno.EIO, StorageFaulty)])
def test_a_write_that_fails_leaves_the_old_content_and_no_half_file(folder, monkeypatch, fails, number, error):
    def refuse(*_args, **_kwargs):
        raise OSError(number, os.strerror(number))

    with Storage(folder) as storage:
        storage.write("one.json", b"old")
        with monkeypatch.context() as patched:
            patched.setattr(Path if fails == "replace" else os, fails, refuse)
            with pytest.raises(error):
                storage.write("one.json", b"new")
        assert storage.read("one.json") == b"old"
        assert sorted(path.name for path in folder.iterdir()) == ["lock", "one.json"]


def test_when_the_kernel_gives_no_more_room_in_the_middle_of_a_write_the_old_content_stays(folder):
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    with Storage(folder, durable=False) as storage:
        storage.write("one.json", b"old")
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))
        try:
            with pytest.raises(StorageFull):
                storage.write("one.json", b"x" * 100_000)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert storage.read("one.json") == b"old"
        assert sorted(path.name for path in folder.iterdir()) == ["lock", "one.json"]


def test_a_draft_left_by_a_killed_phone_is_not_read_and_not_in_the_way(folder):
    with Storage(folder) as storage:
        storage.write("drawer/one.json", b"old")
        (folder / "drawer" / ".one.json.new").write_bytes(b"half of someth")
        assert storage.names("drawer") == ("drawer/one.json",)
        storage.write("drawer/one.json", b"new")
        assert storage.read("drawer/one.json") == b"new"


def test_two_phones_on_one_folder_are_refused_and_the_second_may_when_the_first_is_gone(folder):
    with Storage(folder), pytest.raises(StorageInUse, match="another phone"):
        Storage(folder)
    with Storage(folder):
        pass


def test_a_phone_of_another_process_holds_its_folder_until_it_is_killed(folder):
    program = f"""
from pathlib import Path
from simulator.storage import Storage
storage = Storage(Path({str(folder)!r}))
print("held", flush=True)
input()
"""
    with subprocess.Popen([sys.executable, "-c", program], stdin=-1, stdout=-1, cwd=Path(__file__).parents[2]) as other:
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(StorageInUse):
            Storage(folder)
        other.kill()
        other.wait()
        with Storage(folder):
            pass


@pytest.mark.parametrize(
    "name", ["../one.json", "/one.json", "a/b/c.json", "one", "One.json", "one.json\n", ".one.json", ""]
)
def test_a_name_that_leads_elsewhere_is_refused(folder, name):
    with Storage(folder) as storage:
        with pytest.raises(ValueError, match="not a name"):
            storage.write(name, b"")
        with pytest.raises(ValueError, match="not a name"):
            storage.read(name)


def test_a_closed_storage_is_not_written_to(folder):
    with Storage(folder) as storage:
        pass
    with pytest.raises(ValueError, match="closed"):
        storage.write("one.json", b"")


def test_nobody_else_on_the_machine_may_read_the_phones_files(folder):
    with Storage(folder) as storage:
        storage.write("hardware/x.keys", b"secret")
    assert (folder.stat().st_mode & 0o777) == 0o700
    assert ((folder / "hardware").stat().st_mode & 0o777) == 0o700
    assert ((folder / "hardware" / "x.keys").stat().st_mode & 0o777) == 0o600


def test_a_folder_that_cannot_be_made_says_so(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageFaulty, match="cannot be used"):
        Storage(tmp_path / "file" / "phone")


def test_the_apps_file_cut_in_half_is_damaged_and_clearing_it_is_the_way_out(world, kit):
    with world.opened() as app:
        asyncio.run(kit.to_the_end(world, app))
    path = world.folder / "securities.json"
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])

    async def play(app):
        assert app.progress is FirstStart.READY
        assert app.token is TokenState.DAMAGED
        assert app.enrolment_step is EnrolmentStep.NONE
        assert app.last_account == ""
        for ask in (app.log_in(kit.account, kit.password), app.token_code(kit.pin), app.finish_tutorial()):
            with pytest.raises(AppRefusal, match="已損毀"):
                await ask
        await app.clear_damaged()
        assert app.token is TokenState.NONE
        assert app.progress is FirstStart.PERMISSION
        await kit.to_the_end(world, app)
        assert len(world.server.active[kit.account]) == 1

    with world.opened() as app:
        asyncio.run(play(app))


@pytest.mark.parametrize("loss", ["keys lost", "keys of another phone", "keys cut"])
def test_a_copied_folder_without_the_phones_own_keys_gives_nothing(world, kit, tmp_path, loss):
    with world.opened() as app:
        asyncio.run(kit.to_the_end(world, app))
    world.folder = shutil.copytree(world.folder, tmp_path / "copy")
    keys = world.folder / "hardware" / "securities.keys"
    if loss == "keys lost":
        keys.unlink()
    elif loss == "keys cut":
        keys.write_bytes(keys.read_bytes()[:50])
    else:
        other = type(world)(folder=tmp_path / "other", clock=world.clock, server=world.server)
        with other.opened() as app:
            asyncio.run(app.log_in(kit.account, kit.password))
        shutil.copy(other.folder / "hardware" / "securities.keys", keys)

    async def play(app):
        assert app.token is TokenState.DAMAGED
        with pytest.raises(AppRefusal, match="已損毀"):
            await app.token_code(kit.pin)

    with world.opened() as app:
        asyncio.run(play(app))


def test_clearing_does_nothing_to_data_that_is_whole(world, kit):
    async def play(app):
        await kit.to_the_end(world, app)
        await app.clear_damaged()
        assert app.token is TokenState.ACTIVE

    with world.opened() as app:
        asyncio.run(play(app))


def test_the_keys_are_made_at_the_first_login_and_not_before(world, kit):
    with world.opened() as app:
        assert app.progress is FirstStart.PERMISSION
        assert app.token is TokenState.NONE
        assert sorted(path.name for path in world.folder.iterdir()) == ["lock"]
        asyncio.run(app.log_in(kit.account, kit.password))
        assert (world.folder / "hardware" / "securities.keys").exists()


def test_the_first_start_goes_on_where_it_stopped_and_no_step_is_taken_twice(world):
    with world.opened() as app:
        assert app.progress is FirstStart.PERMISSION
        asyncio.run(app.answer_permission(False))
        assert app.progress is FirstStart.DISCLAIMER
    with world.opened() as app:
        assert app.progress is FirstStart.DISCLAIMER
        asyncio.run(app.finish_tutorial())
        assert app.progress is FirstStart.DISCLAIMER
        asyncio.run(app.accept_disclaimer())
        asyncio.run(app.answer_permission(True))
        assert app.progress is FirstStart.TUTORIAL
        asyncio.run(app.finish_tutorial())
    with world.opened() as app:
        assert app.progress is FirstStart.READY
