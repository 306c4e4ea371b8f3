"""AMICI: SBML turned into C++ and compiled here (needs a compiler, CMake, SWIG >= 4.2), CVODES."""

import time

started = time.perf_counter()

import tempfile  # noqa: E402
from importlib.metadata import version  # noqa: E402

import numpy as np  # noqa: E402
from amici import MeasurementChannel, SbmlImporter, import_model_module  # noqa: E402
from amici.sim import sundials  # noqa: E402

from benchmarks import problem as pb  # noqa: E402
from benchmarks.measure import ATOL_SHARE, print_row  # noqa: E402
from benchmarks.peers import sbml  # noqa: E402

TIMES = pb.observation_times().tolist()
OBSERVED = [
    MeasurementChannel(id_=f"seen_{name}", formula=name) for name in ("concentration", "P", "S")
]


def build(folder):
    SbmlImporter(sbml.document(), from_file=False).sbml2amici(
        "course",
        folder,
        compute_conservation_laws=False,
        generate_sensitivity_code=False,
        observation_model=OBSERVED,
    )
    return import_model_module("course", folder).get_model()


def solver_of(model):
    def solve(patients, rtol):
        solver = model.create_solver()
        solver.set_relative_tolerance(rtol)
        solver.set_absolute_tolerance(ATOL_SHARE * rtol)
        solver.set_max_steps(100_000)
        solver.set_return_data_reporting_mode(sundials.RDataReporting.observables_likelihood)
        ids, base = list(model.get_free_parameter_ids()), np.array(model.get_free_parameters())
        where, trials = [ids.index(name) for name in pb.VARYING], []
        for patient in patients:
            base[where] = patient
            trial = sundials.ExpData(3, 0, 0, TIMES)
            trial.free_parameters = base.tolist()
            trials.append(trial)
        runs = sundials.run_simulations(model, solver, trials, num_threads=2, failfast=False)
        return np.array([run["y"] for run in runs])

    return solve


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        model = build(folder)
        model.set_timepoints(TIMES)
        print_row(
            "AMICI",
            version("amici"),
            solver_of(model),
            started=started,
            note="CVODES, SBML with time events, two OpenMP threads",
        )
