"""The command `synaptrial evidence meta`: the studies of a CSV file pooled as metafor would."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from synaptrial.domain.errors import InputError
from synaptrial.interfaces.terminal import NOTICE

if TYPE_CHECKING:
    from synaptrial.exchange.evidence.study_table import StudyTable
    from synaptrial.synthesis import Analysis
    from synaptrial.synthesis.analysis import Kind

HELP = (
    f"Pool the studies of a CSV file, one a row. {NOTICE} Columns, by name: yi with vi or var (a"
    " sampling variance) or se (its square root); or, with --measure, arms: m1i sd1i n1i m2i sd2i"
    " n2i, or ai bi ci di, or ai n1i ci n2i. Also study (labels) and year."
)


def meta(
    file: Annotated[Path, typer.Argument(help="CSV with commas, one study a row.")],
    measure: Annotated[
        str, typer.Option(help="What is computed from arms, or what yi is: SMD, MD, OR, RR, ...")
    ] = "",
    method: Annotated[
        str, typer.Option(help="tau2: EE, DL, HE, HS, SJ, ML, REML, EB or PM.")
    ] = "REML",
    test: Annotated[
        str,
        typer.Option(
            help="z, t, knha or adhoc. Unless said: t with --cluster, z with EE, else knha."
        ),
    ] = "",
    prediction: Annotated[
        str, typer.Option(help="Prediction interval: k-1, k-2 or normal.")
    ] = "k-1",
    level: Annotated[float, typer.Option(help="Of all intervals.")] = 0.95,
    mods: Annotated[str, typer.Option(help="Columns of moderators, with commas between.")] = "",
    by: Annotated[str, typer.Option(help="Column of subgroups.")] = "",
    cluster: Annotated[
        str, typer.Option(help="Column that groups several effects: a three-level model.")
    ] = "",
    bayes: Annotated[
        bool, typer.Option("--bayes", help="The Bayesian result, with the measure's own prior.")
    ] = False,
    leave_one_out: Annotated[
        bool, typer.Option("--leave-one-out", help="The result without each study.")
    ] = False,
    cumulative: Annotated[
        bool, typer.Option("--cumulative", help="The result after each study, by year.")
    ] = False,
    script: Annotated[
        str, typer.Option(help="Print the analysis as a program instead: python or r.")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    from synaptrial.exchange.evidence.study_table import read_study_table
    from synaptrial.synthesis.inference import default_test

    table = read_study_table(file)
    kind = _kind(mods, by, cluster)
    options = {
        "measure": measure, "method": method,
        "test": test or ("t" if cluster else default_test(method)),
        "prediction": prediction, "level": level, "by": by, "cluster": cluster,
        "mods": tuple(name.strip() for name in mods.split(",")) if mods else (),
    }  # fmt: skip
    analysis = _analysis(table, kind, options)
    wanted = {"leave one out": leave_one_out, "cumulative": cumulative, "bayes": bayes}
    extras = [_extra(table, analysis, name) for name, asked in wanted.items() if asked]
    if script:
        typer.echo(_script(script, analysis, extras), nl=False)
        return
    _print(table, analysis, extras, as_json)


def _kind(mods: str, by: str, cluster: str) -> Kind:
    if by and (mods or cluster):
        raise InputError("--by", f"with {'--mods' if mods else '--cluster'}", "alone", "Drop one")
    return "subgroups" if by else "multilevel" if cluster else "pooled"


def _analysis(table: StudyTable, kind: Kind, options: dict[str, Any]) -> Analysis:
    from synaptrial.exchange.evidence.study_table import given_columns
    from synaptrial.synthesis import Analysis

    data, columns = given_columns(table)
    if data != ("yi", "vi") and not options["measure"]:
        found = f"arms ({' '.join(data)}) and no --measure"
        raise InputError(table.name, found, "--measure, such as SMD or OR", "Name what to compute")
    for name in options["mods"]:
        columns[name] = table.values(name)
    for name in (options["by"], options["cluster"]):
        if name:
            columns[name] = table.labels(name)
    study = table.labels("study") if "study" in table.cells else _numbered(table)
    return Analysis(kind, study, columns, data, **options)


def _numbered(table: StudyTable) -> tuple[str, ...]:
    return tuple(f"study {i + 1}" for i in range(len(table.lines)))


def _extra(table: StudyTable, analysis: Analysis, kind: str) -> Analysis:
    """The analysis that an option adds to a plain pooled one."""
    from synaptrial.synthesis.bayes import default_prior

    option = "--" + kind.replace(" ", "-")
    if analysis.kind != "pooled" or analysis.mods:
        found = "with --mods, --by or --cluster"
        raise InputError(option, found, "a pooled analysis", "Drop one of them")
    if kind == "bayes":
        if not analysis.measure:
            raise InputError(option, "no --measure", "--measure, which tells the prior of tau")
        return replace(analysis, kind="bayes", tau_prior=default_prior(analysis.measure))
    if kind == "cumulative":
        columns = {**analysis.columns, "year": table.numbers("year")}
        return replace(analysis, kind="cumulative", columns=columns, order="year")
    return replace(analysis, kind="leave one out")


def _script(language: str, analysis: Analysis, extras: list[Analysis]) -> str:
    from synaptrial.synthesis import python_script, r_script

    writers = {"python": python_script, "r": r_script}
    if language not in writers:
        raise InputError("--script", repr(language), "python or r")
    if len(extras) > 1:
        kinds = ", ".join(f"--{extra.kind.replace(' ', '-')}" for extra in extras)
        raise InputError("--script", f"with {kinds}", "one of them", "Write one script for each")
    return writers[language](extras[0] if extras else analysis)


def _print(table: StudyTable, analysis: Analysis, extras: list[Analysis], as_json: bool) -> None:
    import json

    from synaptrial.evidence.check.plain import plain_problems
    from synaptrial.reporting.meta.text import meta_text
    from synaptrial.synthesis.document import analyse

    try:
        document = analyse(analysis, extras)
    except InputError as error:
        raise table.placed(error, analysis.study) from None
    looks_wrong = plain_problems(table.cells, table.lines, analysis.measure)
    apart = analysis.kind != "multilevel"
    told = [f"{table.name}: {text}" for text in looks_wrong if apart or "--cluster" not in text]
    document["warnings"] = [*document["warnings"], *told]
    if as_json:  # every digit: these numbers are compared with R's
        whole = {"notice": NOTICE, **document}
        text = json.dumps(whole, indent=1, ensure_ascii=False, allow_nan=False)
        typer.echo(text)
    else:
        typer.echo(f"{meta_text(document)}\n\n{NOTICE}")
