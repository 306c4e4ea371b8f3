"""Documents that come with the package, by name; a path is taken as well.

A name without ``/`` and without the ending ``.toml`` is a bundled document.
"""

from __future__ import annotations

import difflib
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Literal

from synaptrial.domain.errors import InputError
from synaptrial.domain.parameters import ParameterSet
from synaptrial.domain.population import Population
from synaptrial.domain.sources import Source
from synaptrial.exchange import toml
from synaptrial.exchange.bibtex import read_sources
from synaptrial.exchange.delimited import records
from synaptrial.exchange.toml import ProtocolFile

Kind = Literal["protocols", "parameter_sets", "priors", "populations"]


def _data() -> Traversable:
    return resources.files("synaptrial") / "data"


@cache
def bundled(kind: Kind) -> tuple[str, ...]:
    """Names of the bundled documents of one kind, sorted."""
    folder = _data() / kind
    if not folder.is_dir():
        return ()
    names = (entry.name for entry in folder.iterdir())
    return tuple(sorted(name[:-5] for name in names if name.endswith(".toml")))


def load_protocol(name_or_path: str | Path) -> ProtocolFile:
    """A protocol with its setting, if stated. Raises InputError for anything unfit."""
    return toml.protocol_file(*_text("protocols", name_or_path))


def load_parameter_set(name_or_path: str | Path, kind: Kind = "parameter_sets") -> ParameterSet:
    """A parameter set, or with ``kind="priors"`` a prior document."""
    return toml.parameter_set(*_text(kind, name_or_path))


def load_population(name_or_path: str | Path) -> Population:
    """A population."""
    return toml.population(*_text("populations", name_or_path))


@cache
def load_sources() -> dict[str, Source]:
    """All bundled sources by key."""
    path = resources.files("synaptrial") / "evidence" / "data" / "sources.bib"
    sources, problems = read_sources(path.read_text(encoding="utf-8"), path.name)
    if problems:
        p = problems[0]
        raise InputError(p.where, p.found, p.accepted, p.advice)
    return sources


def _text(kind: Kind, name_or_path: str | Path) -> tuple[str, str]:
    """The text of a document, and how to call it in a message."""
    given = str(name_or_path)
    if isinstance(name_or_path, str) and given in bundled(kind):
        return (_data() / kind / f"{given}.toml").read_text(encoding="utf-8"), given
    path = Path(name_or_path)
    is_name = isinstance(name_or_path, str) and "/" not in given and path.suffix != ".toml"
    if is_name and not path.exists():
        near = difflib.get_close_matches(given, bundled(kind), n=1, cutoff=0.4)
        raise InputError(
            given,
            "no file and no bundled document of this name",
            f"a path to a TOML file, or one of {', '.join(bundled(kind))}",
            f"Did you mean {near[0]}?" if near else "",
        )
    return toml.read_text(path), given


@cache
def load_table(name: str) -> tuple[dict[str, str], ...]:
    """A table of the evidence base by name, as rows of text."""
    path = resources.files("synaptrial") / "evidence" / "data" / f"{name}.csv"
    (_, header), *rows = records(path.read_text(encoding="utf-8"))
    return tuple(dict(zip(header, cells, strict=True)) for _, cells in rows)


def text_of(kind: Kind, name: str) -> str:
    """The TOML text of a document."""
    return _text(kind, name)[0]
