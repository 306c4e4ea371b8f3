"""The command `synaptrial review`: the claims of the starting text, judged by the evidence."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from synaptrial.interfaces.terminal import NOTICE, progress_bar, stop_if_interrupted


def review(
    out: Annotated[Path, typer.Option(help="Folder for the results.")] = Path("out/review"),
    evidence: Annotated[
        Path | None, typer.Option(help="Folder of an evidence base; the shipped one unless given.")
    ] = None,
    include_recalled: Annotated[
        bool, typer.Option("--include-recalled", help="Use numbers from memory too, marked.")
    ] = False,
    force_bias_tests: Annotated[
        bool,
        typer.Option("--force-bias-tests", help="Funnel and its tests below ten studies, marked."),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Judge each claim of the starting text by the evidence, as of 2019 and as of now."""
    from synaptrial import facade
    from synaptrial.exchange import store
    from synaptrial.exchange.csv_sheets import csv_text
    from synaptrial.review.sheets import sheets

    with store.result_folder(out) as folder:
        with progress_bar("Judging", None):
            found = facade.review(
                evidence, force_bias_tests=force_bias_tests, include_recalled=include_recalled
            )
            document = found.document

        def files(write: Callable[[str, bytes], None]) -> None:
            for name, rows in sheets(document).items():
                write(f"tables/{name}.csv", csv_text(rows, store.DIGITS).encode())

        store.write_document(folder, "claims.json", document, files)
        stop_if_interrupted()
    if as_json:
        typer.echo(store.to_json(document), nl=False)
    else:
        typer.echo(f"{out / 'claims.json'}. {NOTICE}")
