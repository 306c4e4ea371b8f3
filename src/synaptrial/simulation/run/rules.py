"""Rules that act at visits: titrate, stop, redose, on an observed score.

At each visit with a rule the score is taken, and the multipliers of what comes at that time or
later are set, patient by patient. The arm is then run again from its start: what lies before
the visit comes out the same to the last bit, since nothing downstream acts upstream and only
later inputs have changed. So a run with rules costs one run for each visit that has any.

Rules of one visit see the same scores and act in the order of the protocol. A stop is kept beside
the multipliers, so that no later rule undoes it; a multiplier titrated to 0 may rise again.
As-needed doses are given by a rule or not at all: they are not titrated.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from synaptrial.domain.protocol import Protocol
from synaptrial.domain.rules import RedoseIf, Rule, StopIf, Titrate
from synaptrial.engine.mesh import RESOLUTION_H
from synaptrial.simulation.plan.arm_plan import ArmPlan
from synaptrial.simulation.run.inputs import Given
from synaptrial.simulation.run.recording import SCORES

Run = Callable[[Given], tuple[dict[str, Any], dict[str, Any], np.ndarray]]


def as_declared(plan: ArmPlan, width: int) -> Given:
    """Everything as the protocol declares it; as-needed doses are not given."""
    doses = np.ones((len(plan.arrays["per_kg"]), width))
    for n, e in enumerate(plan.events):
        if e.as_needed:
            doses[n] = 0.0
    n = plan.slow.n_intervals
    return Given(doses, np.ones((n, 1)), np.ones((n, 1)))


def apply(
    protocol: Protocol, plan: ArmPlan, n: int, width: int, run: Run
) -> tuple[dict[str, Any], dict[str, Any], np.ndarray]:
    """Run an arm, deciding at each visit. `run(given)` returns latent courses, acute signals and
    scores in the order of SCORES, (10, V, n); `width` >= n is the padded number of patients."""
    given = as_declared(plan, width)
    out = run(given)
    if not protocol.rules:
        return out
    given = Given(
        given.doses, np.tile(given.daily, (1, width)), np.tile(given.sessions, (1, width))
    )
    stopped = {target: np.zeros(width, bool) for target in ("doses", "daily", "sessions")}
    days = (0.0, *(d for d in protocol.visits_days if d > 0))
    for day in sorted({d for rule in protocol.rules for d in rule.visits_days}):
        scores = out[2]
        for rule in protocol.rules:
            if day in rule.visits_days:
                seen = scores[SCORES.index(rule.scale)].astype(float)
                met = meets(rule, seen[0], seen[days.index(day)])
                met = np.pad(met, (0, width - n), mode="edge")
                _act(rule, met, stopped, given, plan, 24.0 * day)
        out = run(given)
    return out


def meets(rule: Rule, baseline: np.ndarray, score: np.ndarray) -> np.ndarray:
    """Which patients meet the test of a rule, (P,)."""
    if rule.test.startswith("score"):
        return score >= rule.value if rule.test == "score_at_least" else score < rule.value
    fall = (baseline - score) / np.maximum(baseline, 1e-9)
    return fall >= rule.value if rule.test == "fall_at_least" else fall < rule.value


def _act(
    rule: Rule,
    met: np.ndarray,
    stopped: dict[str, np.ndarray],
    given: Given,
    plan: ArmPlan,
    now_h: float,
) -> None:
    """Change the multipliers of what comes at `now_h` or later, in place.

    met: (width,) patients who meet the test; stopped: target -> (width,) stopped so far.
    """
    events = [k for k, e in enumerate(plan.events) if e.time_h >= now_h - RESOLUTION_H]
    starts = plan.slow.edges_h[:-1]
    later = np.flatnonzero(starts >= now_h - RESOLUTION_H)
    rows = {"doses": np.array(events, int), "daily": later, "sessions": later}
    if isinstance(rule, StopIf):
        for target in rule.stops:
            stopped[target] |= met
            getattr(given, target)[np.ix_(rows[target], met)] = 0.0
    elif isinstance(rule, Titrate):
        table = np.asarray(getattr(given, rule.target))
        own = rows[rule.target]
        if rule.target == "doses":
            own = own[[k for k, n in enumerate(own) if not plan.events[n].as_needed]]
        moves = np.ix_(own, met & ~stopped[rule.target])
        table[moves] = np.clip(table[moves] + rule.step, rule.minimum, rule.maximum)
    elif isinstance(rule, RedoseIf):
        slots = [k for k in events if plan.events[k].as_needed]
        if slots:
            given.doses[slots[0], met & ~stopped["doses"]] = 1.0
