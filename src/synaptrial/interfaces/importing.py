"""The commands `synaptrial import`: from files of registries and data sets into waiting rows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from synaptrial.interfaces.terminal import NOTICE, tell

if TYPE_CHECKING:
    from synaptrial.exchange.evidence.awaiting import Imported

import_app = typer.Typer(
    help=f"Import numbers that await a person's confirmation; no network is used. {NOTICE}",
    no_args_is_help=True,
)
Folder = Annotated[Path, typer.Option("--out", help="New folder for the rows.")]
Json = Annotated[bool, typer.Option("--json", help="Print a summary as JSON.")]


@import_app.command("registry")
def registry(
    path: Annotated[Path, typer.Argument(help="JSON file, or a folder of them.")],
    out: Folder,
    as_json: Json = False,
) -> None:
    """Studies with results, as ClinicalTrials.gov API v2 gives them. Research tool."""
    from synaptrial.exchange.registry.record import import_registry

    _import(import_registry, path, out, as_json)


@import_app.command("metapsy")
def metapsy(
    file: Annotated[Path, typer.Argument(help="CSV file in the Metapsy data standard.")],
    out: Folder,
    as_json: Json = False,
) -> None:
    """A Metapsy data set: one row for each comparison of two arms. Research tool."""
    from synaptrial.exchange.metapsy.data_set import import_metapsy

    _import(import_metapsy, file, out, as_json)


@import_app.command("references")
def references(
    file: Annotated[Path, typer.Argument(help="References, .ris or .csv.")],
    out: Annotated[Path, typer.Option("--out", help="File to write, .ris or .csv.")],
    as_json: Json = False,
) -> None:
    """References from RIS or CSV to RIS or CSV, duplicates flagged. Research tool."""
    from synaptrial.exchange.references.table import read_references, references_text, summary
    from synaptrial.exchange.store import check_file
    from synaptrial.execution.atomic import whole_file

    check_file(out, file if file.exists() else None)
    found = read_references(file)
    whole_file(out, references_text(found.references, out))
    counts = summary(found)
    told = f"{out}: {counts['references']} references, {counts['duplicates']} repeat another"
    if found.left_out:
        lines = "line" if found.left_out == 1 else "lines"
        told += f", {found.left_out} {lines} between references not read"
    if counts["contradictory"]:
        told += f", {counts['contradictory']} with notes that say included and excluded"
    tell(counts, as_json, told)


def _import(read: Callable[[Path], Imported], path: Path, out: Path, as_json: bool) -> None:
    from synaptrial.exchange.evidence.awaiting import (
        import_summary,
        refuse_overwriting,
        write_import,
    )
    from synaptrial.exchange.store import result_folder

    refuse_overwriting(out)
    imported = read(path)
    with result_folder(out) as folder:
        write_import(folder, imported)
    counts = import_summary(imported)
    told = (
        f"{out}: {counts['numbers']} numbers, {counts['flagged']} flagged, {counts['not_placed']} "
        "in no table. Each awaits a person's confirmation in awaiting.csv"
    )
    if imported.unread:
        told += f". Columns with numbers that no rule reads: {', '.join(imported.unread)}"
    tell(counts, as_json, told)
