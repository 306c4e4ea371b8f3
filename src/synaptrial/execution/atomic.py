"""Files and folders that appear whole or not at all: written aside, then renamed."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from synaptrial.domain.errors import InputError

OWN = "summary.json"  # a folder that holds it was written by us and may be replaced


def check_target(folder: Path) -> None:
    """Refuse, before any work, a folder that cannot or must not be written."""
    if folder.exists() and not folder.is_dir():
        raise InputError(f"--out {folder}", "a file", "a folder", "Name a folder")
    if folder.is_dir() and any(folder.iterdir()) and not (folder / OWN).is_file():
        raise InputError(
            f"--out {folder}",
            "a folder with other files in it",
            "a new or empty folder, or one from an earlier run",
            "Name another folder; it would be replaced as a whole",
        )
    parent = _existing_parent(folder)
    if not os.access(parent, os.W_OK | os.X_OK):
        raise InputError(f"--out {folder}", f"no right to write in {parent}", "a writable folder")


def _existing_parent(folder: Path) -> Path:
    parent = folder.resolve().parent
    while not parent.exists():
        parent = parent.parent
    return parent


@contextmanager
def whole_folder(folder: Path) -> Iterator[Path]:
    """A folder to write into; it becomes `folder` at the end, or disappears on an error.

    An earlier result there is replaced as a whole.
    """
    check_target(folder)
    target = folder.resolve()
    target.parent.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        yield aside
        aside.chmod(0o755)
        if target.exists():
            old = Path(tempfile.mkdtemp(prefix=f".{target.name}-old-", dir=target.parent))
            os.rename(target, old / "old")
            os.rename(aside, target)
            shutil.rmtree(old)
        else:
            os.rename(aside, target)
    except BaseException:
        shutil.rmtree(aside, ignore_errors=True)
        raise
