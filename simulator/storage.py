"""The phone's flash memory: small files that are written whole or not at all.

Every file begins with the SHA-256 of what follows, so that a file cut short or touched is told from one that was never
written: "damaged" must not read as "nothing there" (a customer would lose a bound token without a word).
"""

import errno
import fcntl
import hashlib
import hmac
import os
import re
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

_LOCK_FILE = "lock"
_NAME = re.compile(r"(?:[a-z0-9][a-z0-9-]{0,31}/)?[a-z0-9][a-z0-9-]{0,47}\.[a-z]{1,8}")
_HEADER = re.compile(rb"twofold-phone-1 ([0-9a-f]{64})\n")
_HEADER_LENGTH = len(b"twofold-phone-1 \n") + 64
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class StorageError(Exception):
    """The phone's storage cannot do what it was asked to. Its subclasses say what the trouble is."""


class StorageFull(StorageError):
    """There is no room left; what was stored before is unchanged."""


class StorageFaulty(StorageError):
    """The folder cannot be read or written (rights, a read-only disk, an input/output error)."""


class StorageDamaged(StorageError):
    """A file is there, and it is not what was written."""


class StorageInUse(StorageError):
    """Another phone, in this process or another, lives in this folder."""


class Storage:
    """One phone's folder, held for one phone at a time: from construction until `close` or the end of its `with` block.

    Names are `file.kind` or `folder/file.kind` in small letters, digits and hyphens. The lock is the kernel's
    (`flock`), so a phone that was killed leaves none behind. With `durable=False` nothing waits for the disk (`fsync`):
    files are still written whole or not at all if the process dies, though not if the machine does; that is for
    throw-away worlds.

    Raises `StorageInUse` when another phone holds the folder and `StorageFaulty` when it cannot be made or locked.
    """

    def __init__(self, folder: Path, *, durable: bool = True) -> None:
        self.folder = folder
        self.full = False
        """Whether to do as if there were no room left: every `write` is then refused."""
        self.ran_out_of_room = False
        """Whether the last `write` found no room."""
        self._durable = durable
        with _in_our_words(f"the phone's folder {folder} cannot be used"):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock: int | None = os.open(folder / _LOCK_FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            with _in_our_words(f"the phone's folder {folder} cannot be locked"):
                fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except StorageFaulty as error:
            self.close()
            if isinstance(error.__cause__, BlockingIOError):
                raise StorageInUse(f"another phone is using {folder}; close it, or choose another folder") from error
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the folder. A second call does nothing."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def write(self, name: str, data: bytes) -> None:
        """Replace the file by `data`, atomically: a reader sees the old content or the new, never a part of either.

        Raises `StorageFull` or `StorageFaulty`; the old content is then still there.
        """
        path = self._path(name)
        try:
            with _in_our_words(f"{name} cannot be written"):
                self._write_whole(path, data)
        except StorageFull:
            self.ran_out_of_room = True
            raise
        self.ran_out_of_room = False

    def read(self, name: str) -> bytes | None:
        """The file's content, or None when it was never written or has been deleted.

        Raises `StorageDamaged` when it is there but not as it was written, and `StorageFaulty` when it cannot be read.
        """
        path = self._path(name)
        with _in_our_words(f"{name} cannot be read"):
            try:
                stored = path.read_bytes()
            except FileNotFoundError:
                return None
        header = _HEADER.match(stored)
        data = stored[_HEADER_LENGTH:]
        if header is None or not hmac.compare_digest(header[1], hashlib.sha256(data).hexdigest().encode()):
            raise StorageDamaged(f"{path} is damaged: its content is not what was written")
        return data

    def delete(self, name: str) -> None:
        """Remove the file; nothing happens when there is none. Raises `StorageFaulty`."""
        path = self._path(name)
        with _in_our_words(f"{name} cannot be deleted"):
            path.unlink(missing_ok=True)
            if path.parent.exists():
                self._settle_folder(path.parent)

    def names(self, folder: str) -> tuple[str, ...]:
        """The names of the files in one of the storage's folders, sorted, each as `read` takes it."""
        with _in_our_words(f"{folder} cannot be listed"):
            try:
                found = sorted(path.name for path in (self.folder / folder).iterdir())
            except FileNotFoundError:
                return ()
        return tuple(name for entry in found if _NAME.fullmatch(name := f"{folder}/{entry}"))

    @property
    def used_bytes(self) -> int:
        """How much the phone's files hold together."""
        with _in_our_words("the phone's folder cannot be listed"):
            return sum(path.stat().st_size for path in self.folder.rglob("*") if path.is_file())

    def _path(self, name: str) -> Path:
        if self._lock is None:
            raise ValueError("this storage is closed")
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name!r} is not a name for a file on the phone")
        return self.folder / name

    def _write_whole(self, path: Path, data: bytes) -> None:
        if path.parent != self.folder:
            path.parent.mkdir(mode=0o700, exist_ok=True)
        draft = path.with_name(f".{path.name}.new")
        try:
            self._write_draft(draft, data)
            draft.replace(path)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise
        self._settle_folder(path.parent)

    def _write_draft(self, draft: Path, data: bytes) -> None:
        if self.full:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW
        with os.fdopen(os.open(draft, flags, 0o600), "wb") as file:
            file.write(b"twofold-phone-1 " + hashlib.sha256(data).hexdigest().encode() + b"\n" + data)
            if self._durable:
                file.flush()
                os.fsync(file.fileno())

    def _settle_folder(self, folder: Path) -> None:
        """Make a rename or a removal survive a power cut: the folder itself is a file that must reach the disk."""
        if not self._durable:
            return
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@contextmanager
def _in_our_words(what_failed: str) -> Generator[None]:
    try:
        yield
    except OSError as error:
        trouble = f"{what_failed}: {error.strerror or error}"
        raise (StorageFull(trouble) if error.errno in _NO_ROOM else StorageFaulty(trouble)) from error
