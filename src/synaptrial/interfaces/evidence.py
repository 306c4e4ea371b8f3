"""The commands `synaptrial evidence ...`: list, show, check, add, diff, meta."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from synaptrial.domain.errors import InputError
from synaptrial.interfaces.meta import HELP, meta
from synaptrial.interfaces.options import whole
from synaptrial.interfaces.terminal import NOTICE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from synaptrial.evidence.base import EvidenceBase
    from synaptrial.evidence.problems import Problem

app = typer.Typer(
    help=f"The evidence base: studies, arms, results, sources. {NOTICE}", no_args_is_help=True
)
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Base = Annotated[
    Path | None, typer.Option("--evidence", help="An evidence folder; the shipped one unless said.")
]


@app.command("list", help=f"List the rows of a table of the evidence base. {NOTICE}")
def list_rows(
    table: Annotated[str, typer.Option(help="The table, such as studies or outcomes.")] = "studies",
    kind: Annotated[str, typer.Option(help="Only studies of this kind, or their rows.")] = "",
    study: Annotated[str, typer.Option(help="Only rows of this study.")] = "",
    where: Annotated[
        list[str] | None, typer.Option(help="Only rows with COLUMN=VALUE; may be repeated.")
    ] = None,
    as_of: Annotated[
        int | None, whole("--as-of", "Only what was published by the end of a year.")
    ] = None,
    evidence: Base = None,
    as_json: Json = False,
) -> None:
    from synaptrial.evidence.select import select, values
    from synaptrial.interfaces import evidence_text as text

    base = _load(evidence)
    if as_of is not None:
        base = base.as_of(as_of)
    rows = select(base, table, kind, study, tuple(where or ()))
    if as_json:
        _json(_head(base) | {"table": table, "rows": [values(table, row) for row in rows]})
    else:
        typer.echo(text.rows(table, rows))


@app.command(help=f"Show one study: arms, results, risk of bias, overlaps, sources. {NOTICE}")
def show(
    study: Annotated[str, typer.Argument(help="A study, such as FEDER2021.")],
    evidence: Base = None,
    as_json: Json = False,
) -> None:
    import difflib

    from synaptrial.evidence.card import as_values, card
    from synaptrial.interfaces import evidence_text as text

    base = _load(evidence)
    if study not in base.studies:
        near = difflib.get_close_matches(study.upper(), base.studies, n=1, cutoff=0.4)
        advice = f"Did you mean {near[0]}?" if near else "synaptrial evidence list names them"
        raise InputError(study, "no study of this name", "a study of the evidence base", advice)
    document = card(base, study)
    if as_json:
        _json(_head(base) | as_values(document))
    else:
        typer.echo(text.study(document))


@app.command(help=f"Check an evidence folder and list every problem. {NOTICE}")
def check(
    folder: Annotated[
        Path | None, typer.Argument(help="An evidence folder; the shipped one unless said.")
    ] = None,
    as_json: Json = False,
) -> None:
    from synaptrial.evidence.check import check as problems_of
    from synaptrial.evidence.digest import digest
    from synaptrial.exchange.evidence.folder import read_folder, shipped_folder
    from synaptrial.interfaces import evidence_text as text

    raw = read_folder(folder or shipped_folder())
    problems = problems_of(raw)
    if as_json:
        tables = {name: table.rows for name, table in raw.tables.items()}
        _json(
            {
                "notice": NOTICE,
                "folder": str(folder or "shipped"),
                "version": raw.release.version if raw.release else None,
                "digest": digest(tables, raw.sources or {}),
                "rows": {name: len(rows) for name, rows in tables.items()},
                "answered_queries": len(raw.rows("acknowledged")),
                "problems": [text.problem(p) for p in problems],
            }
        )
    _end(problems, as_json, str(folder or "the shipped evidence"))
    if not as_json:
        typer.echo(text.passed(raw))


@app.command(help=f"Add a study to a copy of the shipped evidence, or to a folder. {NOTICE}")
def add(
    study: Annotated[Path, typer.Argument(help="A folder of CSV rows, or one TOML file.")],
    to: Annotated[Path, typer.Option(help="Your evidence folder; made where it is new.")],
    as_json: Json = False,
) -> None:
    from synaptrial.exchange.evidence.add import add_study
    from synaptrial.interfaces import evidence_text as text

    problems = add_study(study, to)
    if as_json:
        _json(
            {"notice": NOTICE, "folder": str(to), "problems": [text.problem(p) for p in problems]}
        )
    _end(problems, as_json, str(study))
    if not as_json:
        typer.echo(f"{to}: {study} added. Say in its release.toml what changed. {NOTICE}")


@app.command(help=f"Compare two evidence folders, row by row and cell by cell. {NOTICE}")
def diff(
    folders: Annotated[list[Path], typer.Argument(help="OLD NEW, or NEW against the shipped one.")],
    as_json: Json = False,
) -> None:
    from synaptrial.evidence.diff import as_document
    from synaptrial.evidence.diff import diff as difference
    from synaptrial.exchange.evidence.folder import read_whole, shipped_folder
    from synaptrial.interfaces import evidence_text as text

    if len(folders) > 2:
        raise InputError("diff", f"{len(folders)} folders", "one or two: OLD NEW")
    old, new = (read_whole(f) for f in [*[shipped_folder()][: 2 - len(folders)], *folders])
    found = difference(old, new)
    if as_json:
        _json({"notice": NOTICE, "tables": as_document(found)})
    else:
        typer.echo(text.differences(found))


def _load(folder: Path | None) -> EvidenceBase:
    from synaptrial.exchange.evidence.folder import load_evidence, shipped_evidence

    return load_evidence(folder) if folder else shipped_evidence()


def _head(base: EvidenceBase) -> dict[str, Any]:
    return {"notice": NOTICE, "version": base.release.version, "digest": base.digest}


def _json(document: Any) -> None:
    from synaptrial.exchange.store import to_json

    typer.echo(to_json(document), nl=False)


def _end(problems: Sequence[Problem], as_json: bool, what: str) -> None:
    """Status 2 if anything is wrong or asked, each told on a line of its own."""
    if not problems:
        return
    if not as_json:
        for problem in problems:
            typer.echo(str(problem), err=True)
    errors = sum(p.severity == "error" for p in problems)
    queries = len(problems) - errors
    typer.echo(f"synaptrial: {what}: errors {errors}, open queries {queries}", err=True)
    raise typer.Exit(2)


app.command("meta", help=HELP)(meta)
