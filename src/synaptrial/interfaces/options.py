"""Options that several commands take."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import typer

from synaptrial.domain.errors import InputError


def whole(name: str, help: str) -> Any:
    """An option that takes a whole number; anything else is told as every other bad input."""

    def parse(text: str) -> int:
        try:
            return int(text)
        except ValueError:
            raise InputError(name, repr(text), "a whole number") from None

    parser: Callable[[str], int] = parse
    return typer.Option(name, help=help, parser=parser, metavar="INTEGER")


Patients = Annotated[int, whole("--patients", "Patients in each draw, per arm.")]
Draws = Annotated[int, whole("--draws", "Draws of the parameters.")]
Seed = Annotated[int, whole("--seed", "Seed: the same seed gives the same patients.")]
Cores = Annotated[int | None, whole("--cores", "Threads; all cores unless said.")]
