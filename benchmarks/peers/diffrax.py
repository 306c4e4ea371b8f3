"""diffrax: Tsit5 under vmap, one half of the patients on each of two host devices."""

import os
import time

os.environ["XLA_FLAGS"] = (
    "--xla_force_host_platform_device_count=2 --xla_cpu_multi_thread_eigen=false"
)
os.environ["JAX_PLATFORMS"] = "cpu"
started = time.perf_counter()

from concurrent.futures import ThreadPoolExecutor  # noqa: E402
from importlib.metadata import version  # noqa: E402

import diffrax as dfx  # noqa: E402
import jax  # noqa: E402
import jax.numpy as jnp  # noqa: E402
import numpy as np  # noqa: E402

from benchmarks import problem as pb  # noqa: E402
from benchmarks.measure import ATOL_SHARE, GRID, print_row  # noqa: E402

jax.config.update("jax_enable_x64", True)
BATCH = 500  # patients solved together on one device; solvers walk in lock-step
SWITCHES = jnp.array([seg.stop for seg in pb.segments()[:-1]])
TIMES = jnp.array(pb.observation_times())
Y = pb.TYPICAL


def derivatives(t, state, patient):
    cl, v1, ec50, kout = patient
    a1, a2, ce, p, s = state
    # The infusion runs after an even number of switches. The solver stops at each switch.
    rate = jnp.where(jnp.searchsorted(SWITCHES, t, side="right") % 2 == 0, pb.RATE, 0.0)
    conc, back = a1 / v1, Y.Q / Y.V2 * a2
    drive = ce**2 / (ec50**2 + ce**2)
    return jnp.stack(
        [
            rate - (cl + Y.Q) * conc + back,
            Y.Q * conc - back,
            Y.KE0 * (conc - ce),
            Y.KON * drive * (1 - p) - kout * p,
            Y.KS * (Y.S0 * (1 - Y.SMAX * p) - s),
        ]
    )


def one(patient, rtol):
    steps = dfx.ClipStepSizeController(
        dfx.PIDController(rtol=rtol, atol=ATOL_SHARE * rtol), jump_ts=SWITCHES
    )
    course = dfx.diffeqsolve(
        dfx.ODETerm(derivatives), dfx.Tsit5(), 0.0, pb.HORIZON, 0.01,
        jnp.array(pb.initial_state()), args=patient, saveat=dfx.SaveAt(ts=TIMES),
        stepsize_controller=steps, max_steps=200_000, throw=False,
    ).ys  # fmt: skip
    return jnp.stack([course[:, 0] / patient[1], course[:, 3], course[:, 4]], axis=-1)


batch = jax.jit(jax.vmap(one, in_axes=(0, None)))
DEVICES = jax.devices()


def half(patients, rtol, device):
    """(n, 60, 3) in batches of one shape, so that nothing compiles anew."""
    padded = np.resize(patients, (-len(patients) % BATCH + len(patients), 4))
    found = [batch(jax.device_put(part, device), rtol) for part in padded.reshape(-1, BATCH, 4)]
    return np.concatenate([np.asarray(part) for part in found])[: len(patients)]


def solve(patients, rtol):
    with ThreadPoolExecutor(2) as threads:
        parts = threads.map(half, np.array_split(patients, 2), (rtol, rtol), DEVICES)
        return np.concatenate(list(parts))


if __name__ == "__main__":
    print_row(
        "diffrax",
        version("diffrax"),
        solve,
        started=started,
        note=f"Tsit5, vmap over {BATCH}, two host devices, stopped at each switch",
        tolerances=GRID[2:],
        batch=2 * BATCH,
    )
