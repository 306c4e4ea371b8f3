"""The command `synaptrial review`: the claims of the starting text, judged by the evidence."""

from __future__ import annotations

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
    screening_log: Annotated[
        Path | None, typer.Option(help="Screening log (CSV) that the flow is counted from.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Judge each claim of the starting text by the evidence, as of 2019 and as of now."""
    from synaptrial.exchange import store
    from synaptrial.facade import claims
    from synaptrial.reporting.review.page import build_review_page

    with store.result_folder(out) as folder:
        with progress_bar("Judging", None):
            found = claims.living_review(
                evidence, force_bias_tests=force_bias_tests, include_recalled=include_recalled,
                screening_log=screening_log,
            )  # fmt: skip
            document = found.document
        with progress_bar("Drawing", None):
            page = build_review_page(document)
            store.write_document(folder, "claims.json", document, page.save)
        stop_if_interrupted()
    if as_json:
        typer.echo(store.to_json(document), nl=False)
    else:
        typer.echo(f"{out / f'{page.name}.html'}. {NOTICE}")
