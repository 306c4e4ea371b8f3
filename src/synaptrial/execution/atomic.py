"""Files and folders that appear whole or not at all: written aside, then renamed."""

from __future__ import annotations

import os
import re
import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

MARKER = ".synaptrial"  # lists what we wrote; a folder with nothing else in it may be replaced


class Problem(NamedTuple):
    """Why a folder cannot be written."""

    found: str
    accepted: str
    advice: str


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
        foreign = _foreign(target) if target.is_dir() else ""
        if foreign:
            return Problem(
                f"a folder that holds {foreign}, which no earlier run wrote",
                "a new or empty folder, or one from an earlier run",
                "Name another folder; it would be replaced as a whole",
            )
        parent = next(p for p in target.parents if p.exists())
        _aside(target, parent).rmdir()  # the surest test of the right to write
    except OSError as error:
        found = f"a place that cannot be written ({error.strerror})"
        return Problem(found, "a writable folder", "Name another folder")
    return None


def _files(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if not p.is_dir())


def _foreign(folder: Path) -> str:
    """The first file that the folder's marker does not list; empty if there is none."""
    marker = folder / MARKER
    ours = marker.read_text(encoding="utf-8").splitlines() if marker.is_file() else []
    return min(set(_files(folder)) - {MARKER, *ours}, default="")


def _prefix(target: Path) -> str:
    return f".{target.name}-{socket.gethostname()}-"


def _aside(target: Path, parent: Path) -> Path:
    """A new hidden folder; its name tells the target, the machine and the process."""
    return Path(tempfile.mkdtemp(prefix=f"{_prefix(target)}{os.getpid()}-", dir=parent))


def _clear_left_over(target: Path) -> None:
    """Remove what runs on this machine that were killed left beside the target."""
    name = re.compile(re.escape(_prefix(target)) + r"(\d+)-\w{8}")
    for path in target.parent.iterdir():
        found = name.fullmatch(path.name)
        if found and not _is_running(int(found[1])):
            shutil.rmtree(path, ignore_errors=True)


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # of another user
        pass
    return True


@contextmanager
def whole_folder(folder: Path) -> Iterator[Path]:
    """A folder to write into; it becomes `folder` at the end, or disappears on an error.

    An earlier result there is replaced as a whole. Ask `problem_with` first.
    """
    target = folder.resolve()
    made = [p for p in target.parents if not p.exists()]
    target.parent.mkdir(parents=True, exist_ok=True)
    _clear_left_over(target)
    aside = _aside(target, target.parent)
    try:
        yield aside
        (aside / MARKER).write_text("".join(f"{name}\n" for name in _files(aside)), "utf-8")
        aside.chmod(0o755)
        _put_in_place(aside, target)
    except BaseException:
        shutil.rmtree(aside, ignore_errors=True)
        for parent in made:
            with suppress(OSError):  # another run may use it by now
                parent.rmdir()
        raise


def _put_in_place(aside: Path, target: Path) -> None:
    if not target.exists():
        os.rename(aside, target)
        return
    old = _aside(target, target.parent)
    try:
        os.rename(target, old / "old")
        try:
            os.rename(aside, target)
        except BaseException:
            os.rename(old / "old", target)
            raise
    finally:
        shutil.rmtree(old, ignore_errors=True)
