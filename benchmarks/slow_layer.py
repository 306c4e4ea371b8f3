"""Value and gradient of the slow layer: 60 arms x 32 patients, for calibration."""

import json
import os
import time
from collections.abc import Callable
from typing import Any

os.environ["JAX_PLATFORMS"] = "cpu"

import jax  # noqa: E402
import jax.numpy as jnp  # noqa: E402
import numpy as np  # noqa: E402

from synaptrial import facade  # noqa: E402
from synaptrial.engine.backend import keep_scratch_memory  # noqa: E402
from synaptrial.simulation.cohort.build import build_cohort  # noqa: E402
from synaptrial.simulation.run.lanes import MOST_INTERVALS, Lanes, latent, prepare  # noqa: E402

ARMS, PATIENTS, REPEATS = 60, 32, 20
PROTOCOLS = ("FEDER2021_KET", "FEDER2021_MDZ", "ABDALLAH2022_KET05", "ABDALLAH2022_KET02",
             "ABDALLAH2022_PBO", "DUEK2023_KET")  # fmt: skip
FITTED = ("fast_on", "fast_half_life", "slow_on", "slow_half_life", "fast_weight", "potency_r",
          "drug_effect", "learning_effect", "w_drug_amygdala", "w_drug_prefrontal",
          "circuit_half_life", "severity_half_life", "nonspecific_change",
          "nonspecific_half_life", "expectancy", "expectancy_half_life", "mood_drug_effect",
          "turnover_occupancy", "drive_tolerance", "learn_exposure")  # fmt: skip


def setup() -> tuple[tuple[Lanes, ...], dict[str, jax.Array]]:
    """The arms, and a factor of 1 for each fitted parameter."""
    arms = [facade.load_arm(p) for p in PROTOCOLS]
    models = facade.load_models(arms[0].setting.population)
    cohort = build_cohort(models, arms[0].setting, PATIENTS, 1, 1)
    lanes = prepare([arms[i % len(arms)] for i in range(ARMS)], cohort)
    return lanes, {k: jnp.ones(()) for k in FITTED}


def loss(scale: dict[str, jax.Array], groups: tuple[Lanes, ...]) -> jax.Array:
    """Mean square of arm means of severity and mood, each fitted parameter scaled."""
    total = jnp.zeros(())
    for lanes in groups:
        par = {k: lanes.parameters[k] * v for k, v in scale.items()}
        out = latent(lanes, par, ("caps5_total", "mood"))
        total += sum(((v.mean(axis=1) / 10.0) ** 2).mean() * len(lanes.arms) for v in out.values())
    return total / ARMS


def core_ms(function: Callable[..., Any], *given: object) -> tuple[float, float]:
    """Processor time of a call, ms, the least of several, and of the first call, s."""
    spent = []
    for _ in range(REPEATS + 1):
        began = time.process_time()
        jax.block_until_ready(function(*given))
        spent.append(time.process_time() - began)
    return 1e3 * min(spent[1:]), spent[0]


def main() -> None:
    keep_scratch_memory()
    lanes, scale = setup()
    gradient = jax.jit(jax.value_and_grad(loss))
    most = max(len(group.length_h) for group in lanes)
    measures = []
    for name, function in (("value", jax.jit(loss)), ("value and gradient", gradient)):
        ms, first_s = core_ms(function, scale, lanes)
        measures.append(
            {
                "name": f"slow layer, {name}, {ARMS} arms x {PATIENTS} patients",
                "value": ms,
                "unit": "core ms",
                "note": f"{len(FITTED)} parameters, {len(lanes)} groups of arms, {most} intervals "
                f"(at most {MOST_INTERVALS}); first call {first_s:.1f} s",
            }
        )
    if not all(np.isfinite(float(g)) for g in gradient(scale, lanes)[1].values()):
        raise SystemExit("a gradient of the slow layer is not finite")
    measures[-1]["target"] = "at most 40"
    print(json.dumps({"measures": measures}))


if __name__ == "__main__":
    main()
