"""Tables of the review's page: analyses, published results, power, risk of bias, studies, rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from synaptrial.reporting.kit.cells import Cell, Link, Opened
from synaptrial.reporting.kit.numbers import number, prose, ratio, say
from synaptrial.reporting.kit.sheets import (
    Column,
    Sheet,
    figures,
    interval,
    percents,
    said,
    two_decimals,
    with_interval,
    words,
)
from synaptrial.reporting.review.words import (
    analysis_title,
    on_page,
    p_words,
    risk_chip,
    source_link,
    study_link,
)

DASH = "\u2013"
BAYES = {
    "bayes_median": "median",
    "bayes_low": "ci_low",
    "bayes_high": "ci_high",
    "bayes_next_low": "predictive_low",
    "bayes_next_high": "predictive_high",
}
Row = dict[str, Any]


def analyses_sheet(document: Row) -> Sheet:
    """Every question that an effect answers, with its result."""
    rows = [_result_row(document, a) for a in document["analyses"]]
    columns = (
        Column("Question", ("id", "question"), lambda r: Link(r["question"], r["id"], "analysis")),
        Column("Studies", ("k",), lambda r: str(r["k"]), numeric=True),
        interval("Effect, 95%", "estimate", "ci_low", "ci_high"),
        Column("Next study, 95%", ("pi_low", "pi_high"), _prediction, numeric=True),
        Column("\u03c4\u00b2 (95%)", ("tau2", "tau2_low", "tau2_high"), _tau2, numeric=True),
        Column("I\u00b2, %", ("i2_pct",), _i2, numeric=True),
        Column("Q, p", ("q", "q_df", "q_p"), _q, numeric=True),
        Column("Bayesian, 95%", ("bayes_median", "bayes_low", "bayes_high"), _bayes,
               numeric=True),
        Column("Next study, Bayesian", ("bayes_next_low", "bayes_next_high"), _bayes_next,
               numeric=True),
    )  # fmt: skip
    title = "Every question that a readable effect answers"
    return Sheet("analyses", title, columns, rows, kind="analyses")


def _result_row(document: Row, a: Row) -> Row:
    r, b = dict(a["result"]), a["bayes"]
    for key in ("estimate", "ci_low", "ci_high", "pi_low", "pi_high"):
        r[key] = on_page(a, r[key])
    for name, key in BAYES.items():
        r[name] = b if isinstance(b, str) else on_page(a, b[key])
    named = {"id": a["id"], "k": a["k"], "measure": a["measure"]}
    return r | named | {"question": analysis_title(document, a)}


def _text(r: Row) -> Callable[[Any], str]:
    return ratio if r["measure"] == "RR" else two_decimals


def _tau2(r: Row) -> str:
    """Numbers, or a dash: why there is none stands in the CSV and with the analysis."""
    if isinstance(r["tau2"], str):
        return DASH
    return with_interval(r["tau2"], r["tau2_low"], r["tau2_high"])


def _bayes(r: Row) -> str:
    if isinstance(r["bayes_median"], str):
        return DASH
    return with_interval(r["bayes_median"], r["bayes_low"], r["bayes_high"], _text(r))


def _bayes_next(r: Row) -> str:
    if isinstance(r["bayes_next_low"], str):
        return DASH
    return with_interval("", r["bayes_next_low"], r["bayes_next_high"], _text(r))


def _prediction(r: Row) -> str:
    if isinstance(r["pi_low"], str):
        return DASH
    return with_interval("", r["pi_low"], r["pi_high"], _text(r))


def _i2(r: Row) -> str:
    return DASH if isinstance(r["i2_pct"], str) else number(r["i2_pct"], 0)


def _q(r: Row) -> str:
    return DASH if isinstance(r["q"], str) else f"{said(r['q'])}, {p_words(r['q_p'])}"


def published_sheet(document: Row) -> Sheet:
    """Pooled results of others, with what is wrong with them and how ours compare."""
    rows = [p | _flat(p, "printed") | _flat(p, "ours") for p in document["published"]]
    columns = (
        Column("Row and source", ("row", "source", "year"), lambda r: (
            Link(r["row"], r["row"], "row"), source_link(document, r["source"]))),
        Column("Outcome", ("outcome", "when", "versus", "studies"), _published_outcome),
        Column("Printed, 95%", ("statistic", "printed_estimate", "printed_ci_low",
               "printed_ci_high", "direction"), _printed),
        Column("Ours, 95%", ("ours_estimate", "ours_ci_low", "ours_ci_high", "ours_k"), _ours),
        Column("Compared", ("comparison", "reason"), 
               lambda r: prose(f"{r['comparison']}: {r['reason']}")),
        Column("Faults of the printed number", ("faults",),
               lambda r: "; ".join(r["faults"]) or "no fault seen"),
    )  # fmt: skip
    return Sheet("published", "Published pooled results: compared, never pooled with their inputs",
                 columns, rows)  # fmt: skip


def _flat(row: Row, key: str) -> Row:
    return {f"{key}_{k}": v for k, v in row[key].items()}


def _published_outcome(r: Row) -> str:
    studies = f"{r['studies']} studies" if r["studies"].isdigit() else "number of studies not read"
    return f"{r['outcome']}; time: {r['when']}; control: {r['versus']}; {studies}"


def _printed(r: Row) -> str:
    values = (r[f"printed_{k}"] for k in ("estimate", "ci_low", "ci_high"))
    if isinstance(r["printed_estimate"], str):
        return str(r["printed_estimate"])
    return f"{r['statistic']} {with_interval(*values)}; {r['direction']}"


def _ours(r: Row) -> str:
    if isinstance(r["ours_estimate"], str):
        return str(r["ours_estimate"])
    values = (r[f"ours_{k}"] for k in ("estimate", "ci_low", "ci_high"))
    turned = "opposite sign: " if r["direction"].startswith("negative") else ""
    return f"{with_interval(*values)}, k = {r['ours_k']}; {turned}positive favours ketamine"


def power_sheet(document: Row) -> Sheet:
    """Power of each trial under each assumed effect."""
    columns = (
        Column("Trial", ("study", "year"), lambda r: study_link(document, r["study"])),
        Column("Arms", ("arm", "n_drug", "versus", "n_control", "first_period"), _sizes),
        Column("Assumed effect", ("assumed", "assumed_says"), lambda r: r["assumed_says"]),
        figures("SD", "assumed_d"),
        percents("Power", "power"),
        figures("Exaggeration if significant", "type_m"),
        percents("Wrong sign if significant", "type_s"),
        figures("Effect with 80% power, SD", "detectable_d_at_80"),
    )
    return Sheet("power", "Power of each trial whose arms' sizes were read", columns,
                 document["power"])  # fmt: skip


def _sizes(r: Row) -> str:
    period = ", first period" if r["first_period"] else ""
    return f"{r['arm']} {r['n_drug']}, {r['versus']} {r['n_control']}{period}"


def information_sheet(document: Row) -> Sheet:
    """Patients needed under each assumed effect, against those randomised."""
    columns = (
        words("Assumed effect", "assumed_says"),
        figures("SD", "assumed_d"),
        Column("Patients needed", ("needed",), lambda r: _count(r["needed"]), numeric=True),
        Column("With the diversity of our pool", ("diversity", "needed_with_diversity"),
               lambda r: _count(r["needed_with_diversity"]), numeric=True),
        Column("Patients so far", ("accrued",), lambda r: _count(r["accrued"]), numeric=True),
    )  # fmt: skip
    return Sheet("information", "Patients needed for 90% power", columns, document["information"])


def _count(value: Any) -> str:
    return value if isinstance(value, str) else say(round(value))


def risk_sheet(document: Row) -> Sheet:
    """One line a study and result, one light a domain."""
    groups: dict[tuple[str, str, str], list[Row]] = {}
    for r in document["risk_of_bias"]:
        groups.setdefault((r["study"], r["result"], f"{r['tool']} {r['tool_version']}"), []).append(
            r
        )
    rows = [
        {"study": key[0], "result": key[1], "tool": key[2],
         "overall": next((r["judgement"] for r in own if r["domain"] == "overall"), "not judged"),
         "judgements": [f"{r['domain']}: {r['judgement']} ({r['reason']})" for r in own],
         "own": own}
        for key, own in groups.items()
    ]  # fmt: skip
    columns = (
        Column("Study", ("study",), lambda r: study_link(document, r["study"])),
        Column(
            "Result", ("result",), lambda r: "every result" if r["result"] == "all" else r["result"]
        ),
        words("Tool", "tool"),
        Column("Domains and reasons", ("judgements",), _lights),
        Column("Overall", ("overall",), lambda r: risk_chip(r["overall"])),
    )
    return Sheet("risk_of_bias", "Risk of bias, a result each", columns, rows, kind="risk")


def _lights(r: Row) -> Cell:
    """What was judged, as lights; all domains with their reasons open below."""
    judged = [x for x in r["own"] if x["domain"] != "overall"]
    seen = [x for x in judged if x["judgement"] != "not judged"]
    lights = tuple(risk_chip(x["judgement"], x["domain"]) for x in seen)
    others = "the other domains" if seen else "every domain"
    rest = (risk_chip("not judged", others),) if len(seen) < len(judged) else ()
    reasons = tuple((risk_chip(x["judgement"], x["domain"]), x["reason"]) for x in judged)
    by = f"Judged by: {r['own'][0]['judged_by']}."
    return (*lights, *rest, Opened("reasons", (*reasons, by)))
