"""Write results: summary.json, trajectories.parquet, the report and its figures."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from synaptrial.execution.atomic import whole_folder


def to_json(value: Any) -> str:
    """JSON with stable keys; NaN is refused."""
    return json.dumps(value, indent=1, allow_nan=False, ensure_ascii=False) + "\n"


def write_result(
    folder: Path,
    summary: dict[str, Any],
    courses: pd.DataFrame,
    report: Callable[[Callable[[str, bytes], None]], None],
) -> None:
    """The output folder of a simulation, whole or not at all. `report(write)` hands its files
    to write(name, content)."""
    with whole_folder(folder) as aside:

        def write(name: str, content: bytes) -> None:
            path = aside / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)

        report(write)
        table = courses.assign(
            **{k: courses[k].astype("category") for k in ("arm", "variable", "unit", "statistic")}
        )
        pq.write_table(pa.Table.from_pandas(table, preserve_index=False), aside / "trajectories.parquet")
        (aside / "summary.json").write_text(to_json(summary), encoding="utf-8")
