"""The command `synaptrial pk`: exposure without effects, and the check of the pharmacology."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from synaptrial.domain.errors import InputError
from synaptrial.interfaces.options import Seed, whole
from synaptrial.interfaces.terminal import progress_bar, stop_if_interrupted, tell


def pk(
    protocols: Annotated[
        list[str] | None, typer.Argument(help="TOML files or bundled names.")
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder for the results.")] = Path("out/pk"),
    check: Annotated[
        bool, typer.Option("--check", help="Score predicted against published exposure.")
    ] = False,
    weight: Annotated[float, typer.Option(help="Body weight of the typical patient, kg.")] = 75.0,
    patients: Annotated[
        int, whole("--patients", "Virtual patients, each with his own draw.")
    ] = 200,
    seed: Seed = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Concentration and occupancy of protocols; with --check, against published exposure."""
    if check == bool(protocols):
        raise InputError(
            "synaptrial pk",
            "protocols and --check together" if check else "neither a protocol nor --check",
            "one of the two",
            "Name protocols to see their exposure, or give --check alone",
        )
    from synaptrial.exchange import store
    from synaptrial.facade import exposure
    from synaptrial.reporting.exposure.check_page import build_check_page
    from synaptrial.reporting.exposure.page import build_pk_page

    with store.result_folder(out) as folder:
        what, total = ("Scoring", None) if check else ("Computing", len(protocols or []))
        with progress_bar(what, total) as advance:
            if check:
                document = exposure.pk_check()
            else:
                result = exposure.pk(
                    protocols or [], weight_kg=weight, patients=patients, seed=seed,
                    progress=advance,
                )  # fmt: skip
                document = result.summary
        with progress_bar("Drawing", None):
            page = build_check_page(document) if check else build_pk_page(result)
            name = "check.json" if check else "pk.json"
            store.write_document(folder, name, document, page.save)
        stop_if_interrupted()
    tell(document, as_json, str(out / f"{page.name}.html"))
