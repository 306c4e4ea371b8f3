"""The command `synaptrial pk`: exposure without effects, and the check of the pharmacology."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from synaptrial.domain.errors import InputError
from synaptrial.interfaces.options import Seed, whole

NOTICE = "Research tool; not for treating patients."


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
    from synaptrial import facade
    from synaptrial.exchange.store import check_target

    check_target(out)
    document: dict[str, Any]
    if check:
        from synaptrial.reporting.check_page import build_check_page

        document = facade.pk_check()
        page = build_check_page(document)
    else:
        from synaptrial.reporting.pk_page import build_pk_page

        result = facade.pk(protocols or [], weight_kg=weight, patients=patients, seed=seed)
        document, page = result.summary, build_pk_page(result)
    _write(out, "check.json" if check else "pk.json", document, page, as_json)


def _write(out: Path, name: str, document: dict[str, Any], page: Any, as_json: bool) -> None:
    from synaptrial.exchange.pk_store import write_document
    from synaptrial.exchange.store import to_json
    from synaptrial.execution.atomic import whole_folder

    with whole_folder(out) as folder:
        write_document(folder, name, document, page.save)
    if as_json:
        typer.echo(to_json(document), nl=False)
    else:
        typer.echo(f"{out / f'{page.name}.html'}. {NOTICE}")
