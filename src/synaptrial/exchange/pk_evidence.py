"""Published exposure, who claims it, and why a model misses a row: bundled tables, loaded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from synaptrial.exchange.bundled import load_table
from synaptrial.pharmacology.observation import Claim, Observation, claim, observation


@dataclass(frozen=True)
class PkEvidence:
    """observations and rows (as read) by row_id; explanations: (row_id, model) -> why it misses."""

    observations: Mapping[str, Observation]
    rows: Mapping[str, Mapping[str, str]]
    claims: tuple[Claim, ...]
    explanations: Mapping[tuple[str, str], str]

    def claimed_by(self, model: str) -> tuple[Observation, ...]:
        """The observations that a model answers for."""
        return tuple(self.observations[c.row_id] for c in self.claims if c.model == model)


def load_pk_evidence() -> PkEvidence:
    """The bundled tables of published exposure."""
    rows = {r["row_id"]: r for r in load_table("pk_observations")}
    return PkEvidence(
        observations={key: observation(r) for key, r in rows.items()},
        rows=rows,
        claims=tuple(claim(r) for r in load_table("pk_claims")),
        explanations={
            (r["row_id"], r["model"]): r["explanation"] for r in load_table("pk_miss_notes")
        },
    )
