"""The command `synaptrial prior-check`: what the prior says before any fit, as one JSON file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from synaptrial.interfaces.options import Cores, Draws, Patients, Seed
from synaptrial.interfaces.terminal import progress_bar


def prior_check(
    out: Annotated[Path, typer.Option(help="File for the result.")] = Path("prior_check.json"),
    patients: Patients = 40,
    draws: Draws = 500,
    seed: Seed = 1,
    cores: Cores = None,
) -> None:
    """Check what the prior predicts against pooled results; status 1 if a criterion fails."""
    from synaptrial.exchange.store import check_file, to_json
    from synaptrial.execution.atomic import whole_file
    from synaptrial.execution.executor import cores_or_all
    from synaptrial.facade import simulation

    check_file(out)
    with progress_bar("Simulating", None) as advance:
        content = simulation.prior_check(
            patients=patients, draws=draws, seed=seed, cores=cores_or_all(cores), progress=advance
        )
    whole_file(out, to_json(content))
    for c in content["criteria"]:
        typer.echo(f"{'holds' if c['holds'] else 'FAILS'}: {c['what']}: {c['found']}")
    typer.echo(str(out))
    if not content["holds"]:
        raise typer.Exit(1)
