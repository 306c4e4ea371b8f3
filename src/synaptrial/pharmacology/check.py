"""Score predicted against published exposure.

Pure: takes observations, claims, predictions and notes that are already loaded. Bands are set
before any result: parent 0.67 to 1.5, metabolite norketamine 0.5 to 2.0. Hydroxynorketamine and
recalled values are listed with their ratio, but not asserted.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from synaptrial.domain.sources import Mark
from synaptrial.pharmacology.observation import Claim, Observation, Use

BANDS: Mapping[str, tuple[float, float]] = {
    "ketamine": (0.67, 1.5),
    "norketamine": (0.5, 2.0),
    "hydroxynorketamine": (0.5, 2.0),
}
USES: tuple[Use, ...] = ("held_out", "self_consistency", "calibrated")


@dataclass(frozen=True)
class Score:
    """One observation against one model. ``explanation`` says why a row misses its band."""

    row_id: str
    study: str
    model: str
    use: Use
    analyte: str
    quantity: str
    unit: str
    mark: Mark
    predicted: float
    observed: float
    asserted: bool
    inside: bool
    claim_note: str
    explanation: str

    @property
    def ratio(self) -> float:
        """Predicted over observed."""
        return self.predicted / self.observed

    @property
    def missed(self) -> bool:
        """Asserted and outside its band."""
        return self.asserted and not self.inside


@dataclass(frozen=True)
class Summary:
    """The rows of one study against one model in one use."""

    use: Use
    model: str
    study: str
    n: int
    n_asserted: int
    n_missed: int
    geometric_mean_ratio: float
    lowest_ratio: float
    highest_ratio: float


def score(
    observations: Iterable[Observation],
    claims: Sequence[Claim],
    predictions: Mapping[str, Mapping[str, float]],
    explanations: Mapping[tuple[str, str], str],
) -> tuple[Score, ...]:
    """Every claimed row against every model that claims it, held-out rows first.

    predictions: model -> row_id -> value in the canonical unit; explanations: (row_id, model) ->
    why it misses. Raises KeyError if a claimed row has no prediction.
    """
    by_id = {o.row_id: o for o in observations}
    scores = [
        _score(
            by_id[c.row_id],
            c,
            predictions[c.model][c.row_id],
            explanations.get((c.row_id, c.model), ""),
        )
        for c in claims
        if c.use != "unclaimed"
    ]
    return tuple(sorted(scores, key=lambda s: (USES.index(s.use), s.model, s.study)))


def unclaimed(claims: Iterable[Claim]) -> tuple[Claim, ...]:
    """Rows that no model answers for; ``note`` is the reason."""
    return tuple(c for c in claims if c.use == "unclaimed")


def misses(scores: Iterable[Score]) -> tuple[Score, ...]:
    """Asserted rows outside their band."""
    return tuple(s for s in scores if s.missed)


def summaries(scores: Iterable[Score]) -> tuple[Summary, ...]:
    """One line per use, model and study, in the order of the scores."""
    groups: dict[tuple[Use, str, str], list[Score]] = {}
    for s in scores:
        groups.setdefault((s.use, s.model, s.study), []).append(s)
    return tuple(_summary(*key, rows) for key, rows in groups.items())


def _score(o: Observation, c: Claim, predicted: float, explanation: str) -> Score:
    low, high = BANDS[o.analyte]
    return Score(
        row_id=o.row_id,
        study=o.study,
        model=c.model,
        use=c.use,
        analyte=o.analyte,
        quantity=o.quantity,
        unit=o.unit,
        mark=o.mark,
        predicted=predicted,
        observed=o.observed,
        asserted=o.analyte != "hydroxynorketamine" and o.mark is not Mark.RECALLED,
        inside=low <= predicted / o.observed <= high,
        claim_note=c.note,
        explanation=explanation,
    )


def _summary(use: Use, model: str, study: str, rows: Sequence[Score]) -> Summary:
    ratios = [s.ratio for s in rows]
    return Summary(
        use=use,
        model=model,
        study=study,
        n=len(rows),
        n_asserted=sum(s.asserted for s in rows),
        n_missed=sum(s.missed for s in rows),
        geometric_mean_ratio=math.exp(sum(map(math.log, ratios)) / len(ratios)),
        lowest_ratio=min(ratios),
        highest_ratio=max(ratios),
    )
