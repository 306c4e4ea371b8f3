"""What an arm's drugs did to people in published trials, and how much of a daily drug is taken."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from synaptrial.domain.protocol import Protocol
from synaptrial.evidence.harms import Drug, harms
from synaptrial.simulation.basis import Evidence
from synaptrial.simulation.cohort.enrol import BLOCK, Cohort
from synaptrial.simulation.summary.shared import PATIENT, said_share, score_means, tidy_number

ADHERENCE = "ssri_adherence"


def adverse_events(protocol: Protocol, evidence: Evidence) -> list[dict[str, Any]]:
    """Of each drug that is given, term by term; published counts, nothing is simulated."""
    return [
        row
        for drug in dict.fromkeys(_given(protocol))
        for row in harms(drug, evidence.adverse_events, evidence.arms)
    ]


def sources(arm_rows: Iterable[dict[str, Any]]) -> list[str]:
    """Of the adverse events of all arms."""
    trials = (t for a in arm_rows for e in a["adverse_events"] for t in e["trials"])
    return [source for trial in trials for source in trial["sources"]]


def adherence(protocol: Protocol, cohort: Cohort, n: int) -> dict[str, Any] | None:
    """Share of the declared doses of a daily drug that patients take, as single patients and as
    the mean of an arm of n; None without such a drug."""
    drugs = [s.drug for s in protocol.daily_segments() if s.mg_per_day > 0]
    if not drugs:
        return None
    starts = range(0, cohort.size, BLOCK)
    parts = [cohort.chunk(a, min(a + BLOCK, cohort.size))[1][ADHERENCE] for a in starts]
    taken = np.concatenate(parts)
    quantiles = np.quantile(taken, list(PATIENT.values()))
    return {
        "drug": " and ".join(dict.fromkeys(drugs)),
        "patient": {k: tidy_number(q) for k, q in zip(PATIENT, quantiles, strict=True)},
    } | said_share(score_means(taken, cohort), n)


def _given(protocol: Protocol) -> Iterator[Drug]:
    for e in protocol.dose_events():
        if e.drug == "ketamine":
            yield Drug(e.drug, e.route, e.enantiomer)
    for s in protocol.daily_segments():
        if s.mg_per_day > 0:
            yield Drug(s.drug, "oral")
