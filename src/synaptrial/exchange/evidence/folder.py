"""An evidence folder, the one that comes with the package or a user's, as it stands on disk."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Sequence
from functools import cache
from importlib import resources
from pathlib import Path

from synaptrial.domain.errors import InputError
from synaptrial.domain.protocol import Protocol
from synaptrial.domain.sources import Source
from synaptrial.evidence.base import EvidenceBase
from synaptrial.evidence.check import check
from synaptrial.evidence.problems import Problem
from synaptrial.evidence.raw import RawBase, RawTable
from synaptrial.evidence.release import Release
from synaptrial.evidence.schema import TABLES
from synaptrial.exchange import toml
from synaptrial.exchange.bibtex import read_sources
from synaptrial.exchange.bundled import bundled, load_protocol
from synaptrial.exchange.evidence.strict_table import file_text, read_csv

SOURCES, RELEASE, PROTOCOLS = "sources.bib", "release.toml", "protocols"


def shipped_folder() -> Path:
    """The evidence that comes with the package."""
    return Path(str(resources.files("synaptrial"))) / "evidence" / "data"


def read_folder(folder: Path, partial: bool = False) -> RawBase:
    """What a folder holds, and what is wrong with its files. partial: files may be absent.

    Raises InputError where there is no such folder.
    """
    if not folder.is_dir():
        found = "a file" if folder.exists() else "no such folder"
        raise InputError(str(folder), found, "a folder of evidence tables", "Check the path")
    problems = _foreign(folder)
    tables: dict[str, RawTable] = {}
    for name, table in TABLES.items():
        if partial and not (folder / f"{name}.csv").exists():
            continue
        raw, wrong = read_csv(folder / f"{name}.csv", table)
        problems += wrong
        if raw is not None:
            tables[name] = raw
    sources, wrong = _sources(folder, partial)
    release, more = _release(folder, partial)
    own = sorted((folder / PROTOCOLS).glob("*.toml"))
    protocols = frozenset(bundled("protocols")) | {path.stem for path in own}
    faulty = [problem for path in own if (problem := _protocol_problem(path)) is not None]
    return RawBase(tables, sources, release, protocols, tuple(problems + wrong + more + faulty))


def _protocol_problem(path: Path) -> Problem | None:
    try:
        load_protocol(path)
    except InputError as error:
        name = f"{PROTOCOLS}/{path.name}"
        key = error.where.removeprefix(str(path)).removeprefix(": ")
        return Problem(name, str(error.found), error.accepted, error.advice, column=key)
    return None


def _foreign(folder: Path) -> list[Problem]:
    """CSV files that are no table: a misspelt name would go unnoticed."""
    out = []
    for path in sorted(folder.glob("*.csv")):
        if path.stem not in TABLES and path.name != "awaiting.csv":
            near = difflib.get_close_matches(path.stem, TABLES, n=1, cutoff=0.6)
            advice = f"Did you mean {near[0]}.csv?" if near else "Remove it"
            out.append(Problem(path.name, "a file that is no table", ", ".join(TABLES), advice))
    return out


def _sources(folder: Path, partial: bool) -> tuple[dict[str, Source] | None, list[Problem]]:
    path = folder / SOURCES
    if partial and not path.exists():
        return {}, []
    text, problem = file_text(path)
    if problem is not None:
        return None, [problem]
    if text.startswith("\ufeff"):
        return None, [Problem(SOURCES, "a byte order mark", "plain UTF-8", "", 1)]
    return read_sources(text, SOURCES)


def _release(folder: Path, partial: bool) -> tuple[Release | None, list[Problem]]:
    path = folder / RELEASE
    if partial and not path.exists():
        return None, []
    text, problem = file_text(path)
    if problem is not None:
        return None, [problem]
    try:
        return toml.validate(Release, toml.parse_toml(text, RELEASE), RELEASE), []
    except InputError as error:
        key = error.where.removeprefix(f"{RELEASE}: ") if ": " in error.where else ""
        return None, [Problem(RELEASE, str(error.found), error.accepted, error.advice, 0, "", key)]


def load_protocols(folder: Path, names: Collection[str]) -> dict[str, Protocol]:
    """Protocols that arms of the folder state: its own ones, else those of the package."""
    out = {}
    for name in sorted(set(names) - {""}):
        own = folder / PROTOCOLS / f"{name}.toml"
        out[name] = load_protocol(own if own.exists() else name).protocol
    return out


def read_whole(folder: Path) -> RawBase:
    """What a folder holds. Raises InputError where a file cannot be read as it should be."""
    raw = read_folder(folder)
    if raw.problems:
        raise _refused(folder, raw.problems)
    return raw


def load_evidence(folder: Path | None = None) -> EvidenceBase:
    """The evidence base of a folder, checked; that of the package unless a folder is named.

    Raises InputError if `check` finds an error or asks something that nobody answered.
    """
    where = folder or shipped_folder()
    raw = read_folder(where)
    problems = check(raw)
    if problems:
        raise _refused(where, problems)
    return evidence_base(raw, where)


def _refused(folder: Path, problems: Sequence[Problem]) -> InputError:
    first, more = problems[0], len(problems) - 1
    found = f"{first.found}{f' (and {more} more problems)' if more else ''}"
    advice = f"All of them: synaptrial evidence check {folder}"
    return InputError(f"{folder}: {first.where}", found, first.accepted, advice)


def evidence_base(raw: RawBase, folder: Path) -> EvidenceBase:
    """The base of a folder that passed `check`."""
    names = [row["protocol"] for row in raw.rows("arms")]
    return EvidenceBase.of(raw, load_protocols(folder, names))


@cache
def shipped_evidence() -> EvidenceBase:
    """The evidence base of the package, read once."""
    return evidence_base(read_folder(shipped_folder()), shipped_folder())
