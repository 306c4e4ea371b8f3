"""The fast mesh of an arm, and its inputs laid out on it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from synaptrial.engine.mesh import RESOLUTION_H, FastMesh, cut, fast_mesh, merge_breaks
from synaptrial.pharmacology.dosing import Doses, Input

FAST_TAIL_H = 240.0  # after this a dose has left: 30 half-lives of norketamine and more
LONGEST_SEGMENT_H = 400.0
Tables = dict[str, np.ndarray]  # "ketamine|rate|central:all" -> (n_segments, n_events)


def lay_fast(doses: Doses, horizon_h: float, substeps: int) -> tuple[FastMesh, Tables]:
    """The mesh breaks where an input starts or stops; without any input it is one hour long."""
    breaks = fast_breaks(doses.switches_h, horizon_h) if doses.switches_h else [0.0, 1.0]
    mesh = fast_mesh(breaks, substeps)
    tables: Tables = {}
    for drug, inputs in (("ketamine", doses.ketamine), ("midazolam", doses.midazolam)):
        tables |= input_tables(drug, inputs, mesh.breaks_h, (mesh.n_segments, doses.size))
    return mesh, tables


def fast_breaks(switches_h: Sequence[float], horizon_h: float) -> list[float]:
    """Breaks of a fast mesh from the first switch to FAST_TAIL_H after the last, or the horizon."""
    end = min(horizon_h, max(switches_h) + FAST_TAIL_H)
    return list(cut(merge_breaks([*[t for t in switches_h if t < end], end]), LONGEST_SEGMENT_H))


def input_tables(
    drug: str, inputs: Sequence[Input], seg_breaks_h: np.ndarray, shape: tuple[int, int]
) -> Tables:
    """Inputs of a drug over the segments of a fast mesh, each table (segments, events), padded.

    A rate is in 1/h per mg of the event in each segment; a bolus is per mg at the start of each.
    Raises ValueError for an input that starts where no segment does.
    """
    out: Tables = {}
    starts = seg_breaks_h[:-1]
    for i in inputs:
        opens = int(np.argmin(np.abs(starts - i.start_h)))
        if abs(starts[opens] - i.start_h) > RESOLUTION_H:
            raise ValueError(f"no segment starts at {i.start_h:g} h, when dose {i.event} does")
        kind = "rate" if i.duration_h > 0 else "bolus"
        table = out.setdefault(f"{drug}|{kind}|{i.state}:{i.share}", np.zeros(shape))
        if i.duration_h > 0:
            inside = (starts > i.start_h - 1e-6) & (starts < i.start_h + i.duration_h - 1e-6)
            table[np.flatnonzero(inside), i.event] += i.fraction / i.duration_h
        else:
            table[opens, i.event] += i.fraction
    return out
