"""A tidy table of courses, built from pieces without a frame for each."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

LABELS = ("arm", "variable", "unit", "statistic")
Piece = tuple[str, str, str, str, np.ndarray, np.ndarray]  # LABELS, time_h, value


def table(pieces: Sequence[Piece]) -> pd.DataFrame:
    """Columns arm, variable, unit, statistic (categories), time_h, value."""
    sizes = [len(p[4]) for p in pieces]
    columns = {}
    for i, name in enumerate(LABELS):
        categories = list(dict.fromkeys(p[i] for p in pieces))
        code = {c: k for k, c in enumerate(categories)}
        codes = np.repeat([code[p[i]] for p in pieces], sizes)
        columns[name] = pd.Categorical.from_codes(codes.tolist(), pd.Index(categories))
    return pd.DataFrame(
        {
            **columns,
            "time_h": np.concatenate([p[4] for p in pieces]),
            "value": np.concatenate([p[5] for p in pieces]).astype(float),
        }
    )
