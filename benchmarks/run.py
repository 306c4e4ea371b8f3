"""Speed and accuracy side by side, in one run: a table, and bench.json.

``python benchmarks/run.py --out out/bench.json``. Each engine runs alone, in a process of its
own, at the loosest tolerance that keeps its worst error below the problem's.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[0] = str(ROOT)  # as `python -m` from the root would

from benchmarks import problem as pb  # noqa: E402
from synaptrial.execution.atomic import whole_file  # noqa: E402

Row = dict[str, Any]

PEERS = {  # module -> (engine, distribution, what it takes)
    "numbalsoda": ("numbalsoda", "numbalsoda", "pip install numba numbalsoda; a Fortran compiler"),
    "libroadrunner": ("libroadrunner", "libroadrunner", "pip install libroadrunner antimony"),
    "diffrax": ("diffrax", "diffrax", "pip install diffrax"),
    "amici": (
        "AMICI",
        "amici",
        "pip install amici antimony swig; C++ compiler, CMake, BLAS, HDF5",
    ),
    "scipy": ("SciPy", "scipy", "pip install scipy"),
}
OURS = ("Synaptrial", "synaptrial")
OUR_CLASS = "cascade (linear blocks + affine scalars)"
MEASURES = ("full_model", "slow_layer", "scaling")  # modules that print {"measures": [...]}
LIMIT_S = 600
FOOTNOTES = (
    f"Error: largest over {pb.CHECKED} patients, 60 times and 3 outputs, relative (floor 1% of "
    "the patient's largest value). A row counts below {tolerance:g}; its tolerance is the "
    "loosest of 1 and 3 x 10^-k that does.",
    "Model class: ours solves cascades only, where nothing downstream acts upstream. The peers "
    "solve general equations; for those we claim nothing.",
)


def run_module(module: str, cores: int) -> tuple[Row | None, str]:
    """The JSON that a module prints last, or None and the reason."""
    beside = str(Path(sys.executable).parent)  # build tools that pip installed
    environment = {**os.environ, "PATH": f"{beside}{os.pathsep}{os.environ.get('PATH', '')}"}
    environment |= {"OMP_NUM_THREADS": str(cores), "NUMBA_NUM_THREADS": str(cores)}
    try:
        done = subprocess.run(
            [sys.executable, "-m", f"benchmarks.{module}"],
            cwd=ROOT, env=environment, capture_output=True, text=True, timeout=LIMIT_S,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return None, f"no result within {LIMIT_S} s"
    if done.returncode:
        said = done.stderr.strip().splitlines() or ["no message"]
        return None, f"exit status {done.returncode}: {said[-1]}"
    return json.loads(done.stdout.strip().splitlines()[-1], parse_constant=lambda _: None), ""


def row_of(module: str, engine: str, distribution: str, model_class: str, needs: str) -> Row:
    """A measured row, or one that says why there is none."""
    row, reason = run_module(module, cores=2)
    if row is not None:
        return row
    try:
        found = version(distribution)
    except PackageNotFoundError:
        found, reason = None, f"{reason}. Not installed; needs: {needs}"
    return {
        "engine": engine,
        "version": found,
        "model_class": model_class,
        "cores": 2,
        "patients_per_s": None,
        "worst_error": None,
        "reason": reason,
    }


def counts(row: Row) -> bool:
    """Whether the row solved the problem: it has a speed, and its error is small enough."""
    error = row["worst_error"]
    return row["patients_per_s"] is not None and error is not None and error < pb.TOLERANCE


def ratio_to_fastest_peer(ours: Row, peers: list[Row]) -> float | None:
    """Our speed over the fastest peer's, among rows that count; None without such a pair."""
    speeds = [row["patients_per_s"] for row in peers if counts(row)]
    return ours["patients_per_s"] / max(speeds) if speeds and counts(ours) else None


def measures() -> list[Row]:
    """What only our own engine does: full model, slow layer, scaling."""
    found: list[Row] = []
    for module in MEASURES:
        part, reason = run_module(module, cores=2)
        missing = [{"name": module, "value": None, "unit": "", "reason": reason}]
        found += part["measures"] if part else missing
    return found


def meta_analysis() -> Row:
    """Refits of a meta-analysis, ours and its peers' on one core."""
    found, reason = run_module("meta_analysis", cores=1)
    return found or {"problem": "meta_analysis", "rows": [], "ratios": {}, "reason": reason}


def meta_lines(found: Row) -> list[str]:
    """The refits as lines of text."""
    lines = [f"\n{found['problem']}, one core"]
    for row in found["rows"]:
        head = f"{row['engine']} {row['version'] or ''} {row['method']}"
        if row["refits_per_s"] is None:
            lines.append(f"{head}: {row['reason']}")
        else:
            speed, error = f"{row['refits_per_s']:,.0f}", f"{row['worst_error']:.0e}"
            lines.append(f"{head}: {speed} refits/s, error of tau2 {error}")
    return lines + [f"Ratio to {name}: {ratio:.1f}" for name, ratio in found["ratios"].items()]


def processor() -> str:
    """The processor's name where the system tells it."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def table(rows: list[Row]) -> str:
    """The rows as text, fastest first, those without a figure last."""
    shown = [("engine", "version", "model class", "cores", "patients/s", "worst error", "first, s")]
    without = []
    for row in sorted(rows, key=lambda r: -(r["patients_per_s"] or 0)):
        if row["patients_per_s"] is None:
            without.append(f"{row['engine']} {row['version'] or ''}: {row['reason']}")
            continue
        error = "none" if row["worst_error"] is None else f"{row['worst_error']:.1e}"
        shown.append((
            row["engine"], row["version"], row["model_class"], str(row["cores"]),
            f"{row['patients_per_s']:,.0f}", error + ("" if counts(row) else " (fails)"),
            f"{row['first_result_s']:.1f}",
        ))  # fmt: skip
    widths = [max(map(len, column)) for column in zip(*shown, strict=True)]
    lines = ["  ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)) for line in shown]
    return "\n".join([lines[0], "-" * len(lines[0]), *lines[1:], *without])


def main() -> None:
    """Run every row, print the table, write the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "out" / "bench.json")
    args = parser.parse_args()

    def announced(module: str, *rest: str) -> Row:
        print(f"running {rest[0]} ...", file=sys.stderr, flush=True)
        return row_of(module, *rest)

    ours = announced("ours", *OURS, OUR_CLASS, "pip install .")
    peers = [
        announced(f"peers.{module}", engine, distribution, "general ODE", needs)
        for module, (engine, distribution, needs) in PEERS.items()
    ]
    document = {
        "problem": pb.NAME,
        "tolerance": pb.TOLERANCE,
        "rows": [ours, *peers],
        "ratio_to_fastest_peer": ratio_to_fastest_peer(ours, peers),
        "measures": measures(),
        "meta_analysis": meta_analysis(),
        "machine": {
            "processor": processor(),
            "cores": os.cpu_count() or 1,
            "python": platform.python_version(),
        },
    }
    print(f"\n{pb.NAME}\n\n{table(document['rows'])}")
    if document["ratio_to_fastest_peer"]:
        print(f"\nRatio to the fastest peer: {document['ratio_to_fastest_peer']:.1f}")
    for item in document["measures"]:
        value = item["reason"] if item["value"] is None else f"{item['value']:,.4g} {item['unit']}"
        print(f"{item['name']}: {value}")
    print(*meta_lines(document["meta_analysis"]), sep="\n")
    print("", *(note.format(tolerance=pb.TOLERANCE) for note in FOOTNOTES), sep="\n")
    whole_file(args.out, json.dumps(document, indent=1, allow_nan=False) + "\n")


if __name__ == "__main__":
    main()
