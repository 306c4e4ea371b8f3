"""Write results, whole or not at all: documents, trajectories, pages, every patient on request."""

from __future__ import annotations

import json
import math
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from synaptrial.domain.errors import InputError, NonFiniteOutput
from synaptrial.execution.atomic import ForeignFileError, problem_with, whole_folder

if TYPE_CHECKING:
    from synaptrial.simulation.run.arm import ArmResult

Page = Callable[[Callable[[str, bytes], None]], None]  # hands its files to write(name, content)
DIGITS = 6
ROWS_AT_ONCE = 2**19
PATIENTS = pa.schema(
    {
        "arm": pa.dictionary(pa.int32(), pa.string()),
        "draw": pa.int32(),
        "patient": pa.int32(),
        "day": pa.float64(),
        "scale": pa.dictionary(pa.int32(), pa.string()),
        "score": pa.int16(),
        "leaving_h": pa.float32(),
    }
)


# Line breaks inside strings are escaped: those that are not belong to the layout.
_INNERMOST = re.compile(r"[\[{]\n[^\[\]{}]*\n *[\]}]")
_BREAK = re.compile(r"\n *")


def to_json(value: Any) -> str:
    """JSON with stable keys and six digits. What holds no more levels stands on one line.

    Raises NonFiniteOutput, which names the key, for a number that is not finite."""
    text = json.dumps(_tidy(value, ""), indent=1, allow_nan=False, ensure_ascii=False)
    return _INNERMOST.sub(lambda found: _BREAK.sub(" ", found[0]), text) + "\n"


def _tidy(value: Any, path: str) -> Any:
    """The same with every number at six significant digits: below that lies rounding of sums."""
    if isinstance(value, dict):
        return {k: _tidy(v, f"{path}.{k}" if path else str(k)) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_tidy(v, f"{path}[{_named(i, v)}]") for i, v in enumerate(value)]
    if not isinstance(value, float):
        return value
    if not math.isfinite(value):
        raise NonFiniteOutput(path or "the document")
    return float(f"{value:.{DIGITS}g}")


def _named(index: int, member: Any) -> str:
    """The place of a member in its list, with the arm and the day that it is of."""
    found = member if isinstance(member, dict) else {}
    own = [str(found[k]) for k in ("label", "arm") if k in found]
    own += [f"day {found['day']}"] if "day" in found else []
    return ", ".join([str(index), *own])


@contextmanager
def result_folder(out: Path) -> Iterator[Path]:
    """A folder to write results into, which becomes `out` at the end or disappears on an error.

    Raises InputError for a folder that cannot or must not be written: before any work; and at the
    end, where a file of someone else has come into `out` meanwhile. The results are then kept
    beside it.
    """
    problem = problem_with(out)
    if problem:
        raise InputError(f"--out {out}", *problem)
    try:
        with whole_folder(out) as folder:
            yield folder
    except ForeignFileError as error:
        raise InputError(
            f"--out {out}",
            f"{error.name}, which came into the folder while the results were made",
            "a folder that holds nothing but results",
            f"Nothing in it was changed; the results are in {error.kept}",
        ) from error


def check_file(out: Path, read: Path | None = None) -> None:
    """Refuse, before any work, a file that cannot be written, and one that is read for it."""
    if read is not None and out.exists() and out.samefile(read):
        found, accepted = "the file that is read", "another file: this one is kept as it is"
        raise InputError(f"--out {out}", found, accepted, "Name a new file")
    folder = out.resolve().parent
    if out.is_dir():
        raise InputError(f"--out {out}", "a folder", "a file", "Name a file in it")
    if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
        found = f"no writable folder {folder}"
        raise InputError(f"--out {out}", found, "a file in a writable folder")


def write_document(folder: Path, name: str, document: dict[str, Any], page: Page) -> None:
    """A document as JSON and the files of its page, into a folder; NonFiniteOutput as `to_json`."""
    text = to_json(document)

    def write(name: str, content: bytes) -> None:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    page(write)
    write(name, text.encode())


def write_courses(folder: Path, courses: pd.DataFrame) -> None:
    """The tidy courses of a simulation, into a folder. Raises NonFiniteOutput, which names arm,
    variable, statistic and time, for a number that is not finite."""
    bad = np.flatnonzero(~np.isfinite(courses[["time_h", "value"]]).all(axis=1))
    if len(bad):
        row = courses.iloc[bad[0]]
        raise NonFiniteOutput(
            f"{row['arm']}: {row['statistic']} of {row['variable']} at {row['time_h']:g} h"
        )
    table = courses.assign(
        **{k: courses[k].astype("category") for k in ("arm", "variable", "unit", "statistic")}
    )
    arrow = pa.Table.from_pandas(table, preserve_index=False)
    pq.write_table(arrow, folder / "trajectories.parquet")


@contextmanager
def every_patient(path: Path) -> Iterator[Callable[[str, ArmResult], None]]:
    """A function that adds all patients of an arm to the file, some rows at a time.

    One row for each draw, patient, visit and scale, as if the patient had stayed; `leaving_h` is
    when he left the study, empty if he did not within the horizon.
    """
    with pq.ParquetWriter(path, PATIENTS, use_dictionary=True, compression="zstd") as writer:

        def add(label: str, arm: ArmResult) -> None:
            per_patient = len(arm.scores) * len(arm.visit_days)
            step = max(1, ROWS_AT_ONCE // per_patient)
            for start in range(0, len(arm.leaving_h), step):
                writer.write_table(_rows(label, arm, start, start + step))

        yield add


def _rows(label: str, arm: ArmResult, start: int, stop: int) -> pa.Table:
    """Rows of flat patients start..stop-1: by patient, then visit, then scale."""
    if np.isnan(arm.leaving_h[start:stop]).any():
        raise NonFiniteOutput(f"{label}: the time at which a patient leaves")
    names, days = list(arm.scores), np.array(arm.visit_days)
    scores = np.stack([arm.scores[k][start:stop] for k in names], axis=2)  # (P, V, scales)
    n_patients = len(arm.leaving_h) // arm.moments["caps5_total"].n_draws
    draw, patient = np.divmod(np.arange(start, start + len(scores), dtype=np.int32), n_patients)
    each = scores[0].size

    def by_patient(x: np.ndarray) -> np.ndarray:
        return np.repeat(x, each)

    leaving = by_patient(arm.leaving_h[start:stop])
    scale = np.tile(np.arange(len(names), dtype=np.int32), scores.shape[0] * len(days))
    columns = [
        pa.DictionaryArray.from_arrays(np.zeros(scores.size, np.int32), [label]),
        by_patient(draw),
        by_patient(patient),
        np.tile(np.repeat(days, len(names)), scores.shape[0]),
        pa.DictionaryArray.from_arrays(scale, names),
        scores.ravel(),
        pa.array(leaving, pa.float32(), mask=np.isinf(leaving)),
    ]
    return pa.table(columns, schema=PATIENTS)
