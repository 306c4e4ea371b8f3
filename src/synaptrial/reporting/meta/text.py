"""A meta-analysis as text, in the order of metafor's print, from its document."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from synaptrial.synthesis.options import percent

Document = dict[str, Any]
ABSENT = "-"
LOGARITHMS = ("OR", "RR", "PETO", "ROM", "ROMC", "VR", "CVR", "D2ORN", "D2ORL")


def number(value: float | None, digits: int = 4) -> str:
    """Fixed digits, as metafor prints; powers of ten where these would hide it."""
    if value is None:
        return ABSENT
    if value and not 10**-digits <= abs(value) < 1e7:
        return f"{value:.{digits - 1}e}"
    return f"{value:.{digits}f}"


def p_value(p: float | None) -> str:
    if p is None:
        return ABSENT
    return "<.0001" if p < 1e-4 else f"{p:.4f}"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns aligned: the first to the left, numbers to the right."""
    cells = [list(head), *(list(row) for row in rows)]
    widths = [max(len(row[i]) for row in cells) for i in range(len(head))]
    lines = [
        "  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]).rstrip()
        for row in cells
    ]
    return "\n".join(lines)


def meta_text(document: Document) -> str:
    """The whole document as text."""
    if "subgroups" in document:
        parts = _subgroups(document)
    elif "sigma2" in document:
        parts = _multilevel(document)
    else:
        parts = _fit(document)
    if "bayes" in document:
        parts.append(_bayes(document["bayes"]))
    for key, title in (("leave_one_out", "Leave one out"), ("cumulative", "Cumulative")):
        if key in document:
            parts.append(f"{title}\n{_each(document[key])}")
    return "\n\n".join(parts)


def _interval(low: float | None, high: float | None) -> str:
    return f"{number(low)} to {number(high)}"


def _percent(level: float) -> str:
    return f"{percent(level)}%"


def _fit(d: Document) -> list[str]:
    name = "Common-effect" if d["method"] == "EE" else "Random-effects"
    if d["qm"] is not None:
        name = "Mixed-effects"
    head = f"{name} model{_of(d)} (k = {d['k']}; tau2 by {d['method']}; test {d['test']})"
    parts = (*_moderators(d), _coefficients(d), *_ratio(d))
    return [head, _heterogeneity(d), *parts, *_after(d)]


def _of(d: Document) -> str:
    """What is pooled, by metafor's name; of ratios it is the logarithm."""
    measure = d.get("measure")
    if not measure:
        return ""
    return f" of log {measure}" if measure in LOGARITHMS else f" of {measure}"


def _ratio(d: Document) -> list[str]:
    """The pooled ratio beside its logarithm, where no moderator stands beside it."""
    if d.get("measure") not in LOGARITHMS or len(d["coefficients"]) > 1:
        return []
    c = d["coefficients"][0]
    middle, low, high = (number(_exp(c[key])) for key in ("estimate", "ci_low", "ci_high"))
    return [f"Ratio: {middle} ({_percent(d['level'])} {low} to {high})"]


def _exp(x: float) -> float:
    return math.exp(x) if x < 709 else math.inf


def _heterogeneity(d: Document) -> str:
    level = _percent(d["level"])
    rows = [
        f"tau2: {number(d['tau2'])} (SE {number(d['se_tau2'])};"
        f" {level} {_interval(*d['tau2_ci'])})",
        f"tau:  {number(d['tau'])}",
        f"I2:   {number(d['i2'], 2)}% ({level} {number(d['i2_ci'][0], 2)} to"
        f" {number(d['i2_ci'][1], 2)})",
        f"H2:   {number(d['h2'], 2)}",
    ]
    if d["r2"] is not None:
        rows.append(f"R2:   {number(d['r2'], 2)}%")
    rows.append(f"Q({d['qe_df']}) = {number(d['qe'])}, p = {p_value(d['qe_p'])}")
    return "\n".join(rows)


def _moderators(d: Document) -> list[str]:
    if d["qm"] is None:
        return []
    first, second = d["qm_df"]
    name = f"QM({first:g})" if second is None else f"F({first:g}, {second:g})"
    return [f"Moderators: {name} = {number(d['qm'])}, p = {p_value(d['qm_p'])}"]


def _coefficients(d: Document) -> str:
    level = _percent(d["level"])
    rows = [
        [
            c["name"], number(c["estimate"]), number(c["se"]), number(c["stat"]),
            ABSENT if c["df"] is None else f"{c['df']:g}", p_value(c["p"]), number(c["ci_low"]),
            number(c["ci_high"]),
        ]
        for c in d["coefficients"]
    ]  # fmt: skip
    head = ["", "estimate", "se", "stat", "df", "p", f"{level} CI", "to"]
    return table(head, rows)


def _after(d: Document) -> list[str]:
    parts = []
    if d["pi_low"] is not None:
        by = {"normal": "normal"}.get(d.get("prediction", ""), f"t, {d.get('prediction')}")
        by = f" ({by})" if "prediction" in d else ""
        interval = _interval(d["pi_low"], d["pi_high"])
        parts.append(f"{_percent(d['level'])} prediction interval{by}: {interval}")
    return parts + [f"Warning: {text}" for text in d["warnings"]]


def _subgroups(d: Document) -> list[str]:
    parts = []
    for name, fit in d["subgroups"].items():
        parts += [f"Subgroup {name}", *_fit({**fit, "measure": d["measure"]})]
    test = f"Q({d['q_df']}) = {number(d['q_between'])}, p = {p_value(d['q_p'])}"
    common = d["common"]
    return [
        *parts, f"Between subgroups, each with its own tau2: {test}",
        f"With one tau2 shared by all, {_moderators(common)[0].lower()[:1]}"
        f"{_moderators(common)[0][1:]}",
        *(f"Warning: {text}" for text in d["warnings"]),
    ]  # fmt: skip


def _multilevel(d: Document) -> list[str]:
    names = ("between clusters", "within clusters")
    variances = [
        [name, number(s), _interval(*ci), f"{number(i2, 2)}%"]
        for name, s, ci, i2 in zip(names, d["sigma2"], d["sigma2_ci"], d["i2"], strict=True)
    ]
    parts = [
        f"Three-level model{_of(d)} (k = {d['k']} effects in {d['clusters']} clusters;"
        f" {d['method']}; test {d['test']})",
        table(["variance", "sigma2", "95%", "I2"], variances)
        + f"\nQ({d['qe_df']}) = {number(d['qe'])}, p = {p_value(d['qe_p'])}",
        _coefficients(d), *_ratio(d),
    ]  # fmt: skip
    if "robust" in d:
        r = d["robust"]
        keys = ("se", "stat", "df", "p", "ci_low", "ci_high")
        robust = [
            {**c, **{key: r[key][i] for key in keys}} for i, c in enumerate(d["coefficients"])
        ]
        parts.append(
            f"Cluster-robust ({r['kind']})\n{_coefficients({**d, 'coefficients': robust})}"
        )
    return parts + _after(d)


def _each(rows: Sequence[Document]) -> str:
    keys = ("estimate", "se", "p", "ci_low", "ci_high", "tau2", "i2", "q")
    head = ["", "estimate", "se", "p", "CI", "to", "tau2", "I2 %", "Q"]
    label = "without" if "without" in rows[0] else "with"
    body = [
        [row[label], *(p_value(row[key]) if key == "p" else number(row[key]) for key in keys)]
        for row in rows
    ]
    return table([label, *head[1:]], body)


def _bayes(d: Document) -> str:
    level = _percent(d["level"])
    names = {"mu": "mu", "tau": "tau", "predictive": "next study"}
    rows = [
        [
            label, *(number(d[key][part]) for part in ("mean", "sd", "median")),
            _interval(*d[key]["central"]), _interval(*d[key]["shortest"]),
        ]
        for key, label in names.items()
    ]  # fmt: skip
    head = ["", "mean", "sd", "median", f"{level} central", f"{level} shortest"]
    return "\n".join([
        f"Bayesian random effects (k = {d['k']}; tau ~ {d['tau_prior']}; mu {d['mu_prior']})",
        f"Prior of tau: {d['prior_source']}",
        table(head, rows),
        f"P(mu > 0) = {number(d['prob_mu_above_0'])}",
    ])  # fmt: skip
