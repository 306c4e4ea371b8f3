"""The command `synaptrial`. Each command reads, calls one public function, and writes."""

from __future__ import annotations

import errno
import os
import signal
import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Any

import typer

from synaptrial import __version__
from synaptrial.domain.errors import InputError, NonFinite
from synaptrial.interfaces import evidence, review
from synaptrial.interfaces.importing import import_app
from synaptrial.interfaces.options import Cores, Draws, Patients, Seed, whole
from synaptrial.interfaces.pk import pk
from synaptrial.interfaces.prior_check import prior_check
from synaptrial.interfaces.terminal import (
    NOTICE,
    interrupt,
    progress_bar,
    stop_if_interrupted,
    tell,
)

INTERRUPTED = 130  # how typer ends when the user interrupts
app = typer.Typer(
    help=f"From a ketamine protocol for PTSD to virtual patients, every number sourced. {NOTICE}",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
protocols_app = typer.Typer(help="Bundled protocols and their form.", no_args_is_help=True)
app.add_typer(protocols_app, name="protocols")
app.add_typer(evidence.app, name="evidence")
app.add_typer(import_app, name="import")
app.add_typer(review.app, name="review")
app.command("pk")(pk)
app.command("prior-check")(prior_check)

DEMO = (
    "FEDER2021_KET", "FEDER2021_MDZ",
    "ABDALLAH2022_KET05", "ABDALLAH2022_KET02", "ABDALLAH2022_PBO",
)  # fmt: skip
DEMO_TITLE = "Repeated ketamine for PTSD: FEDER2021 and ABDALLAH2022 side by side"

Json = Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")]
Figures = Annotated[bool, typer.Option(help="Write the report and its figures.")]


def main() -> None:
    """Run the command; bad input ends with one message and status 2, never a traceback."""
    signal.signal(signal.SIGINT, interrupt)
    try:
        app(standalone_mode=True)
    except InputError as error:
        typer.echo(f"synaptrial: {error}", err=True)
        sys.exit(2)
    except NonFinite as error:
        typer.echo(f"synaptrial: {error}", err=True)
        sys.exit(1)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115  else the exit would try again
        typer.echo("synaptrial: no space left where the output goes", err=True)
        sys.exit(1)
    except SystemExit as end:
        if end.code != INTERRUPTED:
            raise
        typer.echo("synaptrial: interrupted; nothing was written", err=True)
        sys.exit(1)


@app.callback(invoke_without_command=True)
def _version(
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    if version:
        typer.echo(__version__)
        raise typer.Exit


@app.command()
def simulate(
    protocols: Annotated[list[str], typer.Argument(help="TOML files or bundled names.")],
    out: Annotated[Path, typer.Option(help="Folder for the results.")] = Path("out/simulation"),
    patients: Patients = 40,
    draws: Draws = 500,
    seed: Seed = 1,
    cores: Cores = None,
    courses: Annotated[
        int | None,
        whole("--courses", "Sampled courses in the table, 0 to 200; 200 unless said."),
    ] = None,
    unblinding: Annotated[bool, typer.Option(help="Belief may follow what is felt.")] = True,
    chunk: Annotated[
        int | None, whole("--chunk", "Patients computed together; no result changes.")
    ] = None,
    everything: Annotated[
        bool, typer.Option("--everything", help="Write patients.parquet, each patient's scores.")
    ] = False,
    figures: Figures = True,
    as_json: Json = False,
) -> None:
    """Simulate protocols side by side; write summary, trajectories and report."""
    _simulate(
        protocols, out, cores, as_json, figures=figures, everything=everything, patients=patients,
        draws=draws, seed=seed, sampled=courses, unblinding=unblinding, chunk=chunk,
    )  # fmt: skip


@app.command()
def demo(
    out: Annotated[Path, typer.Option(help="Folder for the results.")] = Path("out/demo"),
    patients: Patients = 40,
    draws: Draws = 500,
    seed: Seed = 1,
    cores: Cores = None,
    as_json: Json = False,
) -> None:
    """The main job: FEDER2021 and ABDALLAH2022 from protocol to report."""
    _simulate(
        list(DEMO), out, cores, as_json, title=DEMO_TITLE, patients=patients, draws=draws,
        seed=seed,
    )  # fmt: skip


def _simulate(
    protocols: list[str],
    out: Path,
    cores: int | None,
    as_json: bool,
    figures: bool = True,
    everything: bool = False,
    **options: Any,
) -> None:
    """Simulate, draw and write; `options` as `simulate` takes them, None for its default."""
    from synaptrial.exchange import store
    from synaptrial.execution.executor import cores_or_all
    from synaptrial.facade import simulation

    options = {k: v for k, v in options.items() if v is not None}
    with store.result_folder(out) as folder, ExitStack() as stack:
        if everything:
            options["keep"] = stack.enter_context(store.every_patient(folder / "patients.parquet"))
        total = options["patients"] * options["draws"] * len(protocols)
        with progress_bar("Simulating", total) as advance:
            result = simulation.simulate(
                protocols, cores=cores_or_all(cores), progress=advance, **options
            )

        def files(write: Callable[[str, bytes], None]) -> None:
            if figures:
                with progress_bar("Drawing", None):
                    simulation.report(result).save(write)

        store.write_document(folder, "summary.json", result.summary, files)
        store.write_courses(folder, result.courses)
        stop_if_interrupted()
    main_file = out / ("report.html" if figures else "summary.json")
    seconds = result.summary["run"]["seconds"]
    tell(result.summary, as_json, f"{main_file} ({seconds:g} s)")


@app.command("mesh-error")
def mesh_error(
    protocols: Annotated[list[str], typer.Argument(help="TOML files or bundled names.")],
    seed: Seed = 1,
) -> None:
    """Print the engine's own error as JSON: both meshes halved, the worst course of each arm."""
    from synaptrial.exchange.store import to_json
    from synaptrial.facade import simulation

    typer.echo(to_json(simulation.mesh_error(protocols, seed=seed)), nl=False)


@protocols_app.command("list")
def protocols_list() -> None:
    """Bundled protocols, one a line."""
    from synaptrial.exchange.bundled import bundled, load_protocol

    for name in bundled("protocols"):
        p = load_protocol(name).protocol
        lacks = p.missing() or p.no_model
        typer.echo(f"{name}\t{p.arm}{'' if not lacks else '  (described only; it does not run)'}")


@protocols_app.command("show")
def protocols_show(name: Annotated[str, typer.Argument(help="A bundled name.")]) -> None:
    """Print a bundled protocol as TOML, to copy and change."""
    from synaptrial.exchange.bundled import text_of

    typer.echo(text_of("protocols", name), nl=False)


@protocols_app.command("schema")
def protocols_schema() -> None:
    """Print the JSON Schema of a protocol file."""
    from synaptrial.exchange.schema import protocol_schema
    from synaptrial.exchange.store import to_json

    typer.echo(to_json(protocol_schema()), nl=False)
