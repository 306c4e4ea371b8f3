"""The way of a protocol through the house: which files one run enters, in what order, how often.

    python tools/way.py FEDER2021_KET

A visit is a call of code in a file by code in another one; what Python does on importing is no
part of the way. A climb is a visit against the imports: the file that is called imports the one
that calls, itself or through others, as a function that was handed down and is called back.
"""

from __future__ import annotations

import argparse
import ast
import sys
import threading
from collections import Counter
from functools import cache
from importlib.util import resolve_name
from pathlib import Path
from types import FrameType
from typing import Any

import synaptrial
from synaptrial import facade
from synaptrial.domain.errors import InputError

ROOT = Path(synaptrial.__file__).parent


@cache
def file_of(code_file: str) -> str:
    """The path below the package, or '' for code of others."""
    path = Path(code_file)
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else ""


class Way:
    """Visits between files, counted while `follow` runs a function."""

    def __init__(self) -> None:
        self.visits: Counter[tuple[str, str]] = Counter()  # (from, to); from '' outside the package
        self._state = threading.local()

    def follow(self, function: Any, *given: Any, **named: Any) -> None:
        threading.setprofile(self._profile)
        sys.setprofile(self._profile)
        try:
            function(*given, **named)
        finally:
            sys.setprofile(None)
            threading.setprofile(None)

    def _profile(self, frame: FrameType, event: str, _: Any) -> None:
        if event not in ("call", "return"):
            return
        state = self._state.__dict__
        if frame.f_code.co_name == "<module>":
            state["importing"] = state.get("importing", 0) + (1 if event == "call" else -1)
        elif event == "call" and not state.get("importing", 0):
            here = file_of(frame.f_code.co_filename)
            if here and (caller := _caller(frame)) != here:
                self.visits[caller, here] += 1


def _caller(frame: FrameType) -> str:
    """The nearest file of the package that a call comes from, through code of others."""
    outer = frame.f_back
    while outer is not None:
        if found := file_of(outer.f_code.co_filename):
            return found
        outer = outer.f_back
    return ""


def imports_of(path: Path) -> set[str]:
    """Files of the package that a file imports when it runs."""
    package = ".".join((ROOT.name, *path.relative_to(ROOT).parent.parts))
    found: set[str] = set()
    waiting: list[ast.AST] = [ast.parse(path.read_text(encoding="utf-8"))]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            waiting += node.orelse
            continue
        waiting += ast.iter_child_nodes(node)
        if isinstance(node, ast.Import):
            found |= {a.name for a in node.names}
        elif isinstance(node, ast.ImportFrom):
            home = resolve_name("." * node.level + (node.module or ""), package)
            found |= {home, *(f"{home}.{a.name}" for a in node.names)}
    below = (Path(*m.split(".")[1:]) for m in found if m.split(".")[0] == ROOT.name)
    files = (
        f for p in below for f in (p.with_name(p.name + ".py") if p.name else p, p / "__init__.py")
    )
    return {str(f) for f in files if (ROOT / f).is_file()}


def lower_files() -> dict[str, set[str]]:
    """For each file all that it imports, through others too."""
    direct = {str(p.relative_to(ROOT)): imports_of(p) for p in ROOT.rglob("*.py")}
    out = {}
    for file in direct:
        reached: set[str] = set()
        waiting = [file]
        while waiting:
            new = direct[waiting.pop()] - reached
            reached |= new
            waiting += new
        out[file] = reached
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("protocol", help="a bundled name, or a TOML file")
    parser.add_argument("--patients", type=int, default=2)
    parser.add_argument("--draws", type=int, default=2)
    given = parser.parse_args()
    simulate = facade.simulate  # imports what it needs
    way = Way()
    try:
        way.follow(simulate, given.protocol, patients=given.patients, draws=given.draws, seed=1)
    except InputError as error:
        print(f"way: {error}", file=sys.stderr)
        sys.exit(2)
    lower = lower_files()
    climbs = {(a, b): n for (a, b), n in way.visits.items() if a in lower[b]}
    files: Counter[str] = Counter()
    for (_, to), n in way.visits.items():  # in order of first visit
        files[to] += n
    print(f"{given.protocol}: {given.patients} patients, {given.draws} draws\n\nvisits  file")
    print("\n".join(f"{n:6d}  {file}" for file, n in files.items()))
    print("\nclimbs  from -> to")
    print("\n".join(f"{n:6d}  {a} -> {b}" for (a, b), n in climbs.items()))
    print("\n files  visits  climbs  room")
    rooms = dict.fromkeys(str(Path(f).parent) for f in files)
    for room in rooms:
        own = [f for f in files if str(Path(f).parent) == room]
        up = sum(n for (_, to), n in climbs.items() if to in own)
        print(f"{len(own):6d}  {sum(files[f] for f in own):6d}  {up:6d}  {room}")
    print(f"{len(files):6d}  {files.total():6d}  {sum(climbs.values()):6d}  in all")


if __name__ == "__main__":
    main()
