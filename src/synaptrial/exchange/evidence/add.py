"""Put a study into an evidence folder: checked first, whole or not at all."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

from synaptrial.domain.errors import InputError
from synaptrial.evidence.check import check
from synaptrial.evidence.merge import merge, new_sources, rows_added
from synaptrial.evidence.problems import Problem
from synaptrial.evidence.raw import RawBase
from synaptrial.evidence.schema import TABLES
from synaptrial.exchange.bibtex import write_sources
from synaptrial.exchange.delimited import csv_text
from synaptrial.exchange.evidence.awaiting import refuse_unconfirmed
from synaptrial.exchange.evidence.folder import PROTOCOLS, SOURCES, read_folder, shipped_folder
from synaptrial.exchange.evidence.study_toml import read_study
from synaptrial.execution.atomic import ChangedError, edited_copy


def add_study(study: Path, to: Path) -> tuple[Problem, ...]:
    """Add a study, a folder of CSV rows or a TOML file, to the evidence folder `to`.

    A folder `to` that is new or empty becomes a copy of the shipped evidence with the study in it.
    Returns what `check` finds wrong; then nothing is written. Raises InputError where a folder
    cannot be read or written, or where `to` has faults of its own.
    """
    if study.is_dir():
        refuse_unconfirmed(study)
    start = _start(to)
    base = read_folder(start)
    if faults := check(base):
        advice = f"synaptrial evidence check {start} lists them; correct them first"
        raise InputError(f"--to {to}", f"{len(faults)} problems", "a folder without", advice)
    added = read_folder(study, partial=True) if study.is_dir() else read_study(study)
    if not (added.tables.keys() & {"studies"} or added.problems):
        accepted = "a folder of evidence tables, or a TOML file"
        raise InputError(str(study), "no studies.csv", accepted)
    _refuse_known(study, base, added)
    protocols = sorted((study / PROTOCOLS).glob("*.toml")) if study.is_dir() else []
    merged = merge(base, added)
    problems = (*check(merged), *_protocols_known(protocols, base))
    if problems:
        return problems
    try:
        with edited_copy(start, to) as folder:
            _write(folder, base, added, merged)
            for path in protocols:
                (folder / PROTOCOLS).mkdir(exist_ok=True)
                shutil.copyfile(path, folder / PROTOCOLS / path.name)
            _reads_back(folder, study)
    except ChangedError:
        found = "a folder that changed while the study was added"
        raise InputError(f"--to {to}", found, "a folder at rest", "Add the study again") from None
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise
        found = f"a place that cannot be written ({error.strerror})"
        raise InputError(f"--to {to}", found, "a writable folder", "Name another folder") from None
    return ()


def _refuse_known(study: Path, base: RawBase, added: RawBase) -> None:
    """A study is added once; what is wrong with it then is mended in the folder itself."""
    names = {row.get("study", "") for row in base.rows("studies")}
    for row in added.rows("studies"):
        if row.get("study") in names:
            found, accepted = f"{row['study']}, which is there already", "a study that is new"
            raise InputError(str(study), found, accepted, "Edit its rows in the folder itself")


def _protocols_known(protocols: Iterable[Path], base: RawBase) -> Iterator[Problem]:
    """A protocol of the study would take the place of one of the same name."""
    for path in protocols:
        if path.stem in base.protocols:
            found, accepted = "a name that the base has", "a name of its own"
            yield Problem(f"{PROTOCOLS}/{path.name}", found, accepted, "Rename it")


def _reads_back(folder: Path, study: Path) -> None:
    """What was written must pass `check` as it stands on disk."""
    if faults := check(read_folder(folder)):
        p = faults[0]
        raise InputError(f"{study}: {p.where}", p.found, p.accepted, p.advice)


def _start(to: Path) -> Path:
    """The folder to start from: `to`, or the shipped evidence where there is nothing yet."""
    if to.exists() and not to.is_dir():
        raise InputError(f"--to {to}", "a file", "a folder", "Name a folder")
    if to.is_dir() and Path.cwd().is_relative_to(to.resolve()):
        advice = "Call the command from outside; the folder is replaced as a whole"
        raise InputError(f"--to {to}", "the folder you are in, or one above it", "another", advice)
    if to.resolve() == shipped_folder().resolve():
        advice = "Name a folder of your own; it starts as a copy of the shipped evidence"
        raise InputError(f"--to {to}", "the folder of the package", "another folder", advice)
    return to if to.is_dir() and any(to.iterdir()) else shipped_folder()


def _write(folder: Path, base: RawBase, study: RawBase, merged: RawBase) -> None:
    """Put the new rows and sources behind those that the files hold."""
    for name in TABLES:
        rows = rows_added(base, merged, name)
        if rows:
            text = csv_text(base.tables[name].header, rows, header=False)
            _append(folder / f"{name}.csv", text)
    new = [s for key, s in new_sources(study).items() if key not in (base.sources or {})]
    if new:
        _append(folder / SOURCES, "\n" + write_sources(new))


def _append(path: Path, text: str) -> None:
    old = path.read_text(encoding="utf-8")
    path.write_text(old.rstrip("\r\n") + "\n" + text, encoding="utf-8")
