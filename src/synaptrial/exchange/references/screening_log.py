"""Read a screening log and count its PRISMA flow."""

from __future__ import annotations

from pathlib import Path

from synaptrial.evidence.screening import COLUMNS, PrismaFlow, prisma_flow
from synaptrial.exchange.delimited import read_delimited


def screening_flow(path: Path) -> PrismaFlow:
    """The flow of a CSV log with the columns of `evidence.screening`. Raises InputError."""
    return prisma_flow(read_delimited(path, COLUMNS), str(path))
