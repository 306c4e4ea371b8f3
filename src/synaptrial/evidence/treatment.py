"""What a published arm was given: a protocol that runs, or one that is described only."""

from __future__ import annotations

from dataclasses import dataclass

from synaptrial.domain.protocol import Protocol
from synaptrial.evidence.tables import Row


@dataclass(frozen=True)
class Treatment:
    """A protocol, where one was written, and what is unknown or has no model.

    Nothing is filled in to make it run. words: the row of the arms table in one line.
    """

    words: str
    protocol: Protocol | None
    unknown: tuple[str, ...]

    @property
    def runnable(self) -> bool:
        """Whether a simulation can run it as it stands."""
        return self.protocol is not None and not lacks(self.protocol)


def treatment(row: Row, protocol: Protocol | None) -> Treatment:
    """The treatment of a row of the arms table."""
    stated = tuple(part for part in row["unknown"].split(";") if part)
    known_lacks = lacks(protocol) if protocol is not None else ()
    return Treatment(_words(row), protocol, tuple(dict.fromkeys((*known_lacks, *stated))))


def lacks(protocol: Protocol) -> tuple[str, ...]:
    """What keeps a protocol from running."""
    return (*protocol.missing(), *(f"a model of {part}" for part in protocol.no_model))


def _words(row: Row) -> str:
    """For example: racemic ketamine 0.5 mg/kg iv over 40 min, 6 doses; exposure."""
    drug = " + ".join(row["drug"].split(";"))
    given = [row["enantiomer"], drug, row["dose"], row["dose_unit"]]
    given.append(" and ".join(row["route"].split(";")))
    text = " ".join(part for part in given if part)
    text += f" over {row['infusion_min']} min" if row["infusion_min"] else ""
    text += (
        f", {row['n_doses']} {'dose' if row['n_doses'] == '1' else 'doses'}"
        if row["n_doses"]
        else ""
    )
    therapy = row["psychotherapy_note"] or " and ".join(row["psychotherapy"].split(";"))
    return text if therapy in ("", "none") else f"{text}; {therapy}"
