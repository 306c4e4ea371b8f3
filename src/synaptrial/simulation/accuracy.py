"""The engine's own error in a run: the same patients again on a mesh of half the steps."""

from __future__ import annotations

from typing import Unpack

import numpy as np

from synaptrial.domain.arm import Arm
from synaptrial.simulation.cohort.enrol import Cohort
from synaptrial.simulation.options import CHUNK
from synaptrial.simulation.plan.arm_plan import Mesh, plan_for
from synaptrial.simulation.run.arm import latent_courses
from synaptrial.simulation.run.recording import COURSE_TOPS


def mesh_errors(arm: Arm, cohort: Cohort, **mesh: Unpack[Mesh]) -> dict[str, float]:
    """For each latent course the largest difference of the first patients, at any edge, as a
    share of the patient's largest value of that course.

    Both meshes are halved: twice the substeps of the fast one, two intervals for each of the
    slow one. At order four the finer result is about 16 times nearer to the truth. `mesh`: what
    `plan_arm` takes, for a mesh other than the usual one.
    """
    coarse = plan_for(arm, cohort, **mesh)
    finer: Mesh = {**mesh, "substeps": 2 * coarse.fast.substeps, "refine": 2}
    fine = plan_for(arm, cohort, **finer)
    n = min(CHUNK, cohort.size)
    a, b = (latent_courses(arm, plan, cohort, n) for plan in (coarse, fine))
    out = {}
    for name in COURSE_TOPS:
        x, y = a[name], b[name][::2]
        peak = np.abs(y).max(axis=0)
        out[name] = float((np.abs(x - y) / np.where(peak > 0, peak, 1.0)).max())
    return out
