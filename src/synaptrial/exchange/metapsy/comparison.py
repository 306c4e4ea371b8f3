"""One row of a Metapsy data set: a comparison of two arms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from synaptrial.evidence.tables import Row
from synaptrial.exchange.delimited import decimal
from synaptrial.exchange.evidence.awaiting import slug
from synaptrial.exchange.metapsy.columns import ARM_KINDS, EFFECTS
from synaptrial.exchange.words.named import Named
from synaptrial.exchange.words.scales import instrument_of


@dataclass(frozen=True)
class Comparison:
    """One row of the file. key: of the data set; number: of the row, from 1.

    written: our name of a column -> its name in the file.
    """

    key: str
    number: int
    cells: Row
    where: str
    written: Mapping[str, str]

    @property
    def row_id(self) -> str:
        """The first part of the ids of its rows."""
        return f"{self.key}:r{self.number}"

    @property
    def study(self) -> str:
        """The key of its study."""
        return slug(self.cells["study"])

    @property
    def scale(self) -> Named:
        """The scale of its instrument, higher is worse; empty where it is not known."""
        return instrument_of(self.cells["instrument"])

    def arm(self, side: int) -> str:
        """The key of an arm, 1 or 2."""
        parts = (self.cells[f"condition_arm{side}"], self.cells.get(f"multi_arm{side}", ""))
        return slug(" ".join(filter(None, parts)))

    def number_of(self, column: str) -> float | None:
        """A number by column; None where the column or the cell is empty."""
        name = self.written.get(column, column)
        return decimal(self.cells.get(column, ""), f"{self.where}, column {name}")

    def numbers_of(self, kind: str, side: int) -> tuple[float | None, float | None, float | None]:
        """Value, SD and people of a kind of ARM_KINDS."""
        value, sd, n = (self.number_of(name.format(side)) for name in ARM_KINDS[kind])
        return value, sd, n

    def effect(self) -> tuple[str, str, str] | None:
        """Columns of the effect that the row gives, those with a spread first."""
        given = [e for e in EFFECTS if self.cells.get(e[0])]
        return next((e for e in given if self.cells.get(e[1])), given[0] if given else None)
