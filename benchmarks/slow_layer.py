"""Value and gradient of the slow layer: 60 arms x 32 patients, for calibration."""

import os
import time

os.environ["JAX_PLATFORMS"] = "cpu"

import jax  # noqa: E402
import jax.numpy as jnp  # noqa: E402
import numpy as np  # noqa: E402

from synaptrial import facade  # noqa: E402
from synaptrial.simulation import slow  # noqa: E402
from synaptrial.simulation.run import build_cohort  # noqa: E402

ARMS, PATIENTS = 60, 32
PROTOCOLS = ("FEDER2021_KET", "FEDER2021_MDZ", "ABDALLAH2022_KET05", "ABDALLAH2022_KET02",
             "ABDALLAH2022_PBO", "DUEK2023_KET")  # fmt: skip
FITTED = ("fast_on", "fast_half_life", "slow_on", "slow_half_life", "fast_weight", "potency_r",
          "drug_effect", "learning_effect", "w_drug_amygdala", "w_drug_prefrontal",
          "circuit_half_life", "severity_half_life", "nonspecific_change",
          "nonspecific_half_life", "expectancy", "expectancy_half_life", "mood_drug_effect",
          "turnover_occupancy", "drive_attenuation", "learn_exposure")  # fmt: skip


def setup() -> tuple[slow.Lanes, dict[str, jax.Array]]:
    arms = [facade.load_arm(p) for p in PROTOCOLS]
    cohort = build_cohort(
        facade.load_models(arms[0].setting.population), arms[0].setting, PATIENTS, 1, 1
    )
    lanes = slow.prepare([arms[i % len(arms)] for i in range(ARMS)], cohort)
    scale = {k: jnp.ones(()) for k in FITTED}
    return lanes, scale


def loss(scale: dict[str, jax.Array], lanes: slow.Lanes) -> jax.Array:
    """Sum of squares of arm means of severity and mood, each fitted parameter scaled."""
    par = {k: lanes.parameters[k] * v for k, v in scale.items()}
    out = slow.latent(lanes, par, ("caps5_total", "mood"))
    means = [v.mean(axis=1) for v in out.values()]
    return sum(((m / 10.0) ** 2).mean() for m in means)


def main() -> None:
    from benchmarks.measure import print_measures

    lanes, scale = setup()
    gradient = jax.jit(jax.value_and_grad(loss))
    began = time.perf_counter()
    value, slopes = jax.block_until_ready(gradient(scale, lanes))
    first_s = time.perf_counter() - began
    if not all(np.isfinite(float(g)) for g in slopes.values()):
        raise SystemExit("a gradient of the slow layer is not finite")
    core_s = []
    for _ in range(10):
        began = time.process_time()
        jax.block_until_ready(gradient(scale, lanes))
        core_s.append(time.process_time() - began)
    print_measures(
        [
            {
                "measure": f"slow layer, value and gradient, {ARMS} arms x {PATIENTS} patients, "
                f"{len(FITTED)} parameters, {slow.MOST_INTERVALS} intervals",
                "value": round(1e3 * min(core_s), 1),
                "unit": "core ms",
                "note": f"first call {first_s:.1f} s",
            }
        ]
    )


if __name__ == "__main__":
    main()
