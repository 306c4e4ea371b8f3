"""The command `synaptrial prior-check`: what the prior says before any fit, as one JSON file."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from synaptrial import __version__
from synaptrial.domain.errors import InputError
from synaptrial.interfaces.options import Cores, Draws, Patients, Seed


def prior_check(
    out: Annotated[Path, typer.Option(help="File for the result.")] = Path("prior_check.json"),
    patients: Patients = 40,
    draws: Draws = 500,
    seed: Seed = 1,
    cores: Cores = None,
) -> None:
    """Check what the prior predicts against pooled results; status 1 if a criterion fails."""
    _refuse(out)
    from synaptrial import facade
    from synaptrial.engine.backend import keep_compiled_code
    from synaptrial.exchange.store import to_json
    from synaptrial.execution.executor import cores_or_all
    from synaptrial.simulation import prior_check as check
    from synaptrial.simulation.study import Options

    keep_compiled_code()
    arms = {name: facade.load_arm(name) for name in check.PROTOCOLS}
    populations = {a.setting.population for a in arms.values()}
    content = check.prior_check(
        arms,
        {p: facade.load_models(p) for p in sorted(populations)},
        facade.load_evidence().outcomes,
        Options(patients, draws, seed, cores_or_all(cores)),
        __version__,
    )
    _write_whole(out, to_json(content))
    for c in content["criteria"]:
        typer.echo(f"{'holds' if c['holds'] else 'FAILS'}: {c['what']}: {c['found']}")
    typer.echo(str(out))
    if not content["holds"]:
        raise typer.Exit(1)


def _refuse(out: Path) -> None:
    """Refuse, before any work, a file that cannot be written."""
    folder = out.resolve().parent
    if out.is_dir():
        raise InputError(f"--out {out}", "a folder", "a file", "Name a file in it")
    if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
        found = f"no writable folder {folder}"
        raise InputError(f"--out {out}", found, "a file in a writable folder")


def _write_whole(out: Path, text: str) -> None:
    """Write aside, then rename: the file appears whole or not at all."""
    handle, aside = tempfile.mkstemp(prefix=f".{out.name}-", dir=out.resolve().parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(aside, 0o644)
        os.replace(aside, out)
    except BaseException:
        Path(aside).unlink(missing_ok=True)
        raise
