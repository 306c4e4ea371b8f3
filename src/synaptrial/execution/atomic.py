"""Files and folders that appear whole or not at all: written aside, then renamed."""

from __future__ import annotations

import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, NamedTuple

if sys.platform != "win32":
    import fcntl

MARKER = ".synaptrial"  # lists what we wrote; a folder with nothing else in it may be replaced
LOCK, NEW, OLD = "lock", "new", "old"  # what a hidden folder beside the target holds


class Problem(NamedTuple):
    """Why a folder cannot be written."""

    found: str
    accepted: str
    advice: str


class ForeignFileError(Exception):
    """A file that is not ours came into the folder while we worked; `kept` holds the results."""

    def __init__(self, name: str, kept: Path) -> None:
        super().__init__(f"{name} came into the folder; the results are in {kept}")
        self.name, self.kept = name, kept


class ChangedError(Exception):
    """A file changed, came or went in a folder while a copy of it was edited."""


def problem_with(folder: Path) -> Problem | None:
    """What speaks against writing a folder, asked before any work; None if nothing does."""
    try:
        if folder.exists() and not folder.is_dir():
            return Problem("a file", "a folder", "Name a folder")
        target = folder.resolve()
        if Path.cwd().is_relative_to(target):
            return Problem(
                "the folder you are in, or one above it",
                "a folder of its own",
                "Name another folder; it would be replaced as a whole",
            )
        foreign = _foreign(target) if target.exists() else ""
        if foreign:
            return Problem(
                f"a folder that holds {foreign}, which no earlier run wrote",
                "a new or empty folder, or one from an earlier run",
                "Name another folder; it would be replaced as a whole",
            )
        parent = next(p for p in target.parents if p.exists())
        with tempfile.TemporaryDirectory(prefix=f"{_prefix(target)}.", dir=parent):
            pass  # the surest test of the right to write
    except OSError as error:
        found = f"a place that cannot be written ({error.strerror})"
        return Problem(found, "a writable folder", "Name another folder")
    return None


def _files(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if not p.is_dir())


def _foreign(folder: Path) -> str:
    """The first file that the folder's marker does not list; empty if there is none."""
    if not folder.is_dir():
        return folder.name
    marker = folder / MARKER
    ours = marker.read_text(encoding="utf-8").splitlines() if marker.is_file() else []
    return min(set(_files(folder)) - {MARKER, *ours}, default="")


def _prefix(target: Path) -> str:
    return f".synaptrial-{target.name}-"


def _aside(target: Path) -> tuple[Path, IO[str]]:
    """A new hidden folder beside the target, and its lock, held until it is closed.

    Another run may take the folder for a left-over before it is locked: then we try again.
    """
    while True:
        aside = Path(tempfile.mkdtemp(prefix=_prefix(target), dir=target.parent))
        with suppress(FileNotFoundError):
            lock = (aside / LOCK).open("w")
            if _locked(lock) is not False and (aside / LOCK).exists():
                return aside, lock
            lock.close()


def _locked(file: IO[str]) -> bool | None:
    """Lock a file; False if another run holds it, None where nothing can be locked.

    The system drops the lock when a process ends, whatever ends it, and knows it in every
    container that shares the folder; a process number would mean another process there.
    """
    if sys.platform == "win32":
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return None
    return True


def _clear_left_over(target: Path) -> None:
    """Remove what runs that were killed left beside the target."""
    name = re.compile(re.escape(_prefix(target)) + r"\w{8}")
    for path in target.parent.iterdir():
        if name.fullmatch(path.name):
            with suppress(OSError), (path / LOCK).open("a") as lock:
                if _locked(lock):
                    _clear(path, target)


def _clear(aside: Path, target: Path) -> None:
    """Remove a hidden folder; an earlier result that was moved into it gets its place back."""
    if (aside / OLD).exists() and not target.exists():
        os.rename(aside / OLD, target)
    shutil.rmtree(aside, ignore_errors=True)


@contextmanager
def _workplace(folder: Path) -> Iterator[tuple[Path, Path]]:
    """A hidden folder beside the target, and the target. On an error nothing of it is left, not
    even parents that were made, and the target is what it was."""
    target = folder.resolve()
    made = [p for p in target.parents if not p.exists()]
    target.parent.mkdir(parents=True, exist_ok=True)
    _clear_left_over(target)
    aside, lock = _aside(target)
    try:
        yield aside, target
    except BaseException:
        _clear(aside, target)
        for parent in made:
            with suppress(OSError):  # another run may use it by now
                parent.rmdir()
        raise
    else:
        shutil.rmtree(aside, ignore_errors=True)
    finally:
        lock.close()


@contextmanager
def whole_folder(folder: Path) -> Iterator[Path]:
    """A folder to write into; it becomes `folder` at the end, or disappears on an error.

    An earlier result there is replaced as a whole. Ask `problem_with` first. Where a file that is
    not ours has come into `folder` meanwhile, it stays as it is, and ForeignFileError tells in
    which new folder beside it the results are.
    """
    with _workplace(folder) as (aside, target):
        new = aside / NEW
        new.mkdir()
        yield new
        (new / MARKER).write_text("".join(f"{name}\n" for name in _files(new)), "utf-8")
        _put_in_place(new, aside / OLD, target)


@contextmanager
def edited_copy(source: Path, folder: Path) -> Iterator[Path]:
    """A copy of `source` to edit; it becomes `folder` at the end, or disappears on an error.

    `folder` is new or empty, or is `source` itself: then all its files are in the copy, and
    ChangedError tells that one of them changed meanwhile; it stays as it is.
    """
    with _workplace(folder) as (aside, target):
        before = _state(target)
        shutil.copytree(source, aside / NEW)
        yield aside / NEW
        if _state(target) != before:
            raise ChangedError(str(folder))
        if target.exists():
            os.rename(target, aside / OLD)
        os.rename(aside / NEW, target)


def _state(folder: Path) -> set[tuple[str, int, int]]:
    """Name, size and time of each file."""
    stats = ((name, (folder / name).lstat()) for name in _files(folder)) if folder.exists() else ()
    return {(name, stat.st_size, stat.st_mtime_ns) for name, stat in stats}


def _put_in_place(new: Path, old: Path, target: Path) -> None:
    """A kill between the two steps leaves the earlier result in `old`: the next run finds it."""
    if target.exists():
        os.rename(target, old)
        if foreign := _foreign(old):
            kept = Path(tempfile.mkdtemp(prefix=f"{target.name}-", dir=target.parent))
            os.rename(new, kept)
            raise ForeignFileError(foreign, kept)
    os.rename(new, target)


def whole_file(path: Path, text: str) -> None:
    """Write a text file that appears whole or not at all; its folder is made where it lacks."""
    target = path.resolve()
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=_prefix(target), dir=target.parent) as aside:
        new = Path(aside) / target.name
        new.write_text(text, encoding="utf-8")
        os.replace(new, target)
