"""What failing on an SSRI says of a patient: the numbers of `populations/ssri_failed_ptsd.toml`.

    python tools/failed_response.py

Simulates a bundled SSRI arm and keeps the patients without a response (CAPS-5, `response_30`) at
its last visit. For each parameter that differs between patients it prints how far their mean lies
from that of all patients, and the SD that is left among them: both on the transformed scale,
within draws, each draw with the same weight. In every draw there are people whom the drug failed,
so that how many there are does not decide how likely the draw is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from synaptrial.domain.scales import SCALES
from synaptrial.engine.backend import keep_compiled_code
from synaptrial.facade import load_arm, load_models
from synaptrial.simulation.cohort.enrol import build_cohort
from synaptrial.simulation.run.arm import simulate_scores

ARMS = {"sertraline": "BRADY2000_SERTRALINE", "paroxetine": "MARSHALL2001_PAROXETINE20"}
RESPONSE = next(d for d in SCALES["CAPS5"].response if d.key == "response_30")
# How much of a patient's deviation in nonspecific change he keeps in the next study. None and all
# are both possible: half, and the uncertainty of the population's value reaches to either.
LASTING = 0.5
BLOCKS = 8  # of patients, for Monte Carlo errors; draws share their patients
_TO_SCALE = {"lognormal": np.log, "logit_normal": lambda x: np.log(x / (1 - x))}


@dataclass(frozen=True)
class Shift:
    """One parameter among those whom the drug failed, on its transformed scale."""

    centre: float  # of all patients
    patient_sd: float  # of all patients
    mean: float  # of the non-responders, less that of all
    sd: float  # of the non-responders
    mean_se: float  # Monte Carlo errors
    sd_se: float

    def lasting(self, share: float) -> tuple[float, float]:
        """Centre and SD where a share of the deviation is kept and the rest is drawn anew."""
        variance = self.patient_sd**2 - share**2 * (self.patient_sd**2 - self.sd**2)
        return self.centre + share * self.mean, float(np.sqrt(variance))


def failed(drug: str, patients: int, draws: int, seed: int) -> tuple[float, Mapping[str, Shift]]:
    """The share without a response, and the shift of each parameter that differs between
    patients."""
    arm = load_arm(ARMS[drug])
    cohort = build_cohort(load_models(arm.setting.population), arm.setting, patients, draws, seed)
    scores = simulate_scores(arm, cohort, cores=2)["CAPS5"].astype(float)
    without = ~RESPONSE.holds(scores[:, 0], scores[:, -1]).reshape(draws, patients)
    draw, values = cohort.chunk(0, cohort.size)
    out = {}
    for name in cohort.draws.patient_names:
        p, level = cohort.draws.parameters[name], cohort.draws.level[name]
        x = _TO_SCALE.get(p.distribution, np.asarray)(values[name])
        x = (x - (level[draw] if len(level) > 1 else level)).reshape(draws, patients)
        by_draw = _moments(x, without)
        blocks = np.array([
            _moments(x[:, own], without[:, own]).mean(axis=1)
            for own in np.array_split(np.arange(patients), BLOCKS)
        ])  # fmt: skip
        se = np.hypot(
            blocks.std(axis=0, ddof=1) / np.sqrt(BLOCKS),
            by_draw.std(axis=1, ddof=1) / np.sqrt(draws),
        )
        out[name] = Shift(p.centre, p.patient_sd, *by_draw.mean(axis=1), *se)
    return float(without.mean()), out


def _moments(x: np.ndarray, kept: np.ndarray) -> np.ndarray:
    """Mean and SD over the kept patients of each draw, (2, S); x, kept: (S, N)."""
    n = kept.sum(axis=1)
    mean = np.where(kept, x, 0.0).sum(axis=1) / n
    square = np.where(kept, (x - mean[:, None]) ** 2, 0.0).sum(axis=1)
    return np.stack([mean, np.sqrt(square / (n - 1))])


def main() -> None:
    keep_compiled_code()
    for drug in ARMS:
        share, shifts = failed(drug, 2048, 512, 1)
        print(f"{drug}: {share:.1%} without a response")
        for name, s in sorted(shifts.items(), key=lambda i: -abs(i[1].mean / i[1].patient_sd)):
            if abs(s.mean) > 0.1 * s.patient_sd:
                print(
                    f"  {name}: {s.centre:.4f} {s.mean:+.4f} (se {s.mean_se:.4f}),"
                    f" SD {s.patient_sd:.4f} -> {s.sd:.4f} (se {s.sd_se:.4f})"
                )
        centre, sd = shifts["nonspecific_change"].lasting(LASTING)
        print(f"  nonspecific_change, {LASTING:g} of it lasting: {centre:.4f}, SD {sd:.4f}")


if __name__ == "__main__":
    main()
