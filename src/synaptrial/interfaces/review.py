"""The commands `synaptrial review` and `synaptrial review diff`: the claims of the starting text,
judged by the evidence, and what moved between two states of it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from synaptrial.interfaces.terminal import NOTICE, progress_bar, stop_if_interrupted, tell

app = typer.Typer(invoke_without_command=True)
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]


@app.callback()
def review(
    context: typer.Context,
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
    as_json: Json = False,
) -> None:
    """Judge each claim of the starting text by the evidence, as of 2019 and as of now."""
    if context.invoked_subcommand:
        return
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
    tell(document, as_json, str(out / f"{page.name}.html"))


@app.command(help=f"Show the verdicts that differ between two evidence bases, and why. {NOTICE}")
def diff(
    old: Annotated[str, typer.Argument(help="A release such as 1.0.0, or an evidence folder.")],
    new: Annotated[str, typer.Argument(help="The same, of the later state.")],
    as_json: Json = False,
) -> None:
    from synaptrial.exchange import store
    from synaptrial.facade import claims
    from synaptrial.interfaces import review_text

    with progress_bar("Judging", None):
        found = claims.review_difference(old, new)
    if as_json:
        typer.echo(store.to_json({"notice": NOTICE} | found), nl=False)
    else:
        typer.echo(review_text.difference(found))
