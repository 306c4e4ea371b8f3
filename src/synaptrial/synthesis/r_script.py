"""Any analysis as a script for R's metafor (bayesmeta for the Bayesian one), data included.

The text is ASCII: letters beyond it stand as \\u escapes, which R reads under any encoding.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from synaptrial.synthesis.analysis import Analysis, Column, is_text, levels
from synaptrial.synthesis.options import percent
from synaptrial.synthesis.priors import (
    HalfCauchy,
    HalfNormal,
    HalfT,
    LogNormal,
    LogT,
    TauPrior,
    Uniform,
)
from synaptrial.synthesis.sourced_priors import SourcedPrior

_RESERVED = (
    "if else repeat while function for next break TRUE FALSE NULL Inf NaN NA in study effect"
).split()
_SYNTACTIC = re.compile(r"[A-Za-z][A-Za-z0-9_.]*")
_TESTS = {
    "z": "normal quantiles", "t": "t quantiles",
    "knha": "Hartung-Knapp: variance times the weighted mean square, t quantiles",
    "adhoc": "Hartung-Knapp with that factor never below 1, t quantiles",
}  # fmt: skip
_DF = {"k-1": "{k} - 1", "k-2": "{k} - 2", "normal": "Inf"}


def r_script(analysis: Analysis) -> str:
    """The same analysis in R, with the conventions in comments."""
    names = column_names(analysis)
    package = "bayesmeta" if analysis.kind == "bayes" else "metafor"
    parts = [
        _head(analysis, package),
        f"library({package})\n",
        _data(analysis, names),
        _effects(analysis, package),
        _BODIES[analysis.kind](analysis, names),
    ]
    return "\n".join(part for part in parts if part).rstrip("\n") + "\n"


def column_names(a: Analysis) -> dict[str, str]:
    """The name in R of each column: its own where R can say it, else col1, col2, ..."""
    names: dict[str, str] = {}
    for i, name in enumerate(a.used, start=1):
        plain = _SYNTACTIC.fullmatch(name) and name not in _RESERVED
        names[name] = name if plain else f"col{i}"
    return names


def quoted(text: str) -> str:
    """A string of R, in ASCII."""
    out = []
    for letter in text:
        code = ord(letter)
        if letter in '"\\':
            out.append("\\" + letter)
        elif 32 <= code < 127:
            out.append(letter)
        elif code <= 0xFFFF:
            out.append(f"\\u{code:04x}")
        else:
            out.append(f"\\U{code:08x}")
    return '"' + "".join(out) + '"'


def _number(value: float) -> str:
    return repr(int(value)) if value == int(value) and abs(value) < 1e15 else repr(float(value))


def _percent(a: Analysis) -> str:
    return percent(a.level)


def _head(a: Analysis, package: str) -> str:
    lines = [
        f"{a.kind.capitalize()}, as by synaptrial.synthesis. Research tool; not for treating"
        " patients.",
        *_conventions(a),
    ]
    if package == "metafor":
        lines += [
            "Conventions are those of metafor 3.8-1, against which synaptrial is tested. Its NEWS",
            "says that 4.6-0 changed the variances of SMDH: there escalc() gives others for it.",
        ]
    return "".join(f"# {line}\n" for line in lines)


def _conventions(a: Analysis) -> list[str]:
    if a.kind == "bayes":
        return ["metafor has no such model; bayesmeta has it, by quadrature as well."]
    if a.kind in ("mantel-haenszel", "peto"):
        return ["A common effect: no tau2 and no prediction interval."]
    if a.kind == "multilevel":
        df = "containment degrees of freedom" if a.test == "t" else "normal quantiles"
        return [
            f"{a.method}; {df} (dfs = \"contain\"). The lower level is one effect a row.",
            "Robust: CR2 with Satterthwaite degrees of freedom, by the package clubSandwich.",
        ]  # fmt: skip
    if a.kind == "egger":
        return ["Weighted regression of yi on its standard error, t tests with k - 2."]
    lines = [f"tau2 by {a.method}; test {a.test}: {_TESTS[a.test]}."]
    if a.kind in ("pooled", "subgroups"):
        used = "a normal quantile" if a.prediction == "normal" else f"t with {a.prediction}"
        lines += [
            f"Prediction interval: {used} and the estimate's own standard error, computed below.",
            "predict() of metafor 3.8-1 takes t with k - p, but a normal quantile for test z.",
        ]
    return lines


def _data(a: Analysis, names: Mapping[str, str]) -> str:
    lines = ["dat <- data.frame(", f"  study = {_vector(a.study)},"]
    lines += [f"  {names[name]} = {_vector(a.columns[name])}," for name in a.used]
    lines += ["  stringsAsFactors = FALSE", ")"]
    text = "\n".join(lines) + "\n"
    for name in dict.fromkeys((*a.mods, *([a.by] if a.by else []))):
        if is_text(a.columns[name]):
            order = _vector(tuple(levels(a.columns[name])))
            text += f"dat${names[name]} <- factor(dat${names[name]}, levels = {order})\n"
    renamed = [f"# {new} is {quoted(old)}\n" for old, new in names.items() if new != old]
    return text + "".join(renamed)


def _vector(column: Column) -> str:
    values = (quoted(v) if isinstance(v, str) else _number(v) for v in column)
    return "c(" + ", ".join(values) + ")"


def _effects(a: Analysis, package: str) -> str:
    if a.data == ("yi", "vi") or a.kind in ("mantel-haenszel", "peto"):
        return ""
    call = f"escalc(measure = {quoted(a.measure)}, {_arms(a)}, data = dat)\n"
    return f"dat <- {'metafor::' if package != 'metafor' else ''}{call}"


def _arms(a: Analysis) -> str:
    return ", ".join(f"{name} = {name}" for name in a.data)


def _options(a: Analysis) -> str:
    return f'method = "{a.method}", test = "{a.test}", level = {_percent(a)}'


def _rma(a: Analysis, extra: str = "") -> str:
    return f"rma(yi, vi, data = dat, slab = study, {extra}{_options(a)})"


def _formula(a: Analysis, names: Mapping[str, str]) -> str:
    return f"mods = ~ {' + '.join(names[name] for name in a.mods)}, " if a.mods else ""


def _prediction(a: Analysis, fit: str) -> str:
    df = _DF[a.prediction].format(k=f"{fit}$k")
    return (
        f"{fit}$beta[1] + c(-1, 1) * qt({_number((1 + a.level) / 2)}, df = {df}) *"
        f" sqrt({fit}$se[1]^2 + {fit}$tau2)  # prediction interval\n"
    )


def _pooled(a: Analysis, names: Mapping[str, str]) -> str:
    text = f"fit <- {_rma(a, _formula(a, names))}\nprint(fit, digits = 8)\n"
    if a.method != "EE":
        text += f"confint(fit, level = {_percent(a)})  # Q-profile\n"
    return text + ("" if a.mods or a.method == "EE" else f"predict(fit)\n{_prediction(a, 'fit')}")


def _subgroups(a: Analysis, names: Mapping[str, str]) -> str:
    by = names[a.by]
    each = (_rma(a, f"subset = {by} == {quoted(level)}, ") for level in levels(a.columns[a.by]))
    found = "fits <- list(\n  " + ",\n  ".join(each) + "\n)\n"
    return (
        f"{found}names(fits) <- {_vector(tuple(levels(a.columns[a.by])))}\nprint(fits)\n"
        "means <- sapply(fits, function(f) f$beta[1])\n"
        "ses <- sapply(fits, function(f) f$se[1])\n"
        "# chi-square test between subgroups, each with its own tau2: QE of\n"
        'rma(means, sei = ses, method = "EE")\n'
        "# with one tau2 shared by all: QM of\n"
        f"{_rma(a, f'mods = ~ {by}, ')}\n"
    )


def _multilevel(a: Analysis, names: Mapping[str, str]) -> str:
    cluster = names[a.cluster]
    contain = ', dfs = "contain"' if a.test == "t" else ""
    return (
        "dat$effect <- seq_len(nrow(dat))\n"
        f"fit <- rma.mv(yi, vi, {_formula(a, names)}random = ~ 1 | {cluster}/effect, data = dat,"
        f' method = "{a.method}", test = "{a.test}"{contain})\n'
        "print(fit, digits = 8)\nconfint(fit)  # profile likelihood of both variances\n"
        f"robust(fit, cluster = dat${cluster}, clubSandwich = TRUE)\n"
    )


def _leave_one_out(a: Analysis, names: Mapping[str, str]) -> str:
    return f"fit <- {_rma(a)}\nprint(leave1out(fit), digits = 8)\n"


def _cumulative(a: Analysis, names: Mapping[str, str]) -> str:
    return (
        f"fit <- {_rma(a)}\nprint(cumul(fit, order = dat${names[a.order]}), digits = 8)\n"
        "# In synaptrial the first row is one study, tested by z.\n"
    )


def _egger(a: Analysis, names: Mapping[str, str]) -> str:
    return (
        'fit <- rma(yi, vi, data = dat, slab = study, method = "EE")\n'
        'regtest(fit, model = "lm", predictor = "sei")\n'
    )


def _trim_and_fill(a: Analysis, names: Mapping[str, str]) -> str:
    return f'fit <- {_rma(a)}\nprint(trimfill(fit, estimator = "L0"), digits = 8)\n'


def _tables(a: Analysis, names: Mapping[str, str]) -> str:
    call = "rma.peto(" if a.kind == "peto" else f"rma.mh(measure = {quoted(a.measure)}, "
    level = _percent(a)
    return f"fit <- {call}{_arms(a)}, data = dat, slab = study, level = {level})\nprint(fit)\n"


def _bayes(a: Analysis, names: Mapping[str, str]) -> str:
    source, tau, mu = "", a.tau_prior, ""
    if isinstance(tau, SourcedPrior):
        source, tau = f"# prior of tau: {tau.told}\n", tau.tau
    assert tau is not None
    if a.mu_prior is not None:
        mean, sd = _number(a.mu_prior.mean), _number(a.mu_prior.sd)
        mu = f',\n  mu.prior = c("mean" = {mean}, "sd" = {sd})'
    return (
        f"{source}fit <- bayesmeta(y = dat$yi, sigma = sqrt(dat$vi), labels = dat$study,\n"
        f'  tau.prior = function(t) {density(tau)}{mu},\n  interval.type = "central")\n'
        "print(fit)\nfit$summary\nfit$theta  # shrunken effects\n"
    )


def density(prior: TauPrior) -> str:
    """The prior's density at t, in R with bayesmeta."""
    if isinstance(prior, HalfCauchy):
        return f"dhalfcauchy(t, scale = {_number(prior.scale)})"
    if isinstance(prior, HalfT):
        return f"dhalft(t, scale = {_number(prior.scale)}, df = {_number(prior.df)})"
    if isinstance(prior, HalfNormal):
        return f"dhalfnormal(t, scale = {_number(prior.scale)})"
    if isinstance(prior, Uniform):
        return f"dunif(t, min = 0, max = {_number(prior.upper)})"
    if isinstance(prior, LogNormal):
        return f"dlnorm(t, meanlog = {_number(prior.location)}, sdlog = {_number(prior.scale)})"
    assert isinstance(prior, LogT)
    scale = _number(prior.scale)
    z = f"(log(t) - {_number(prior.location)}) / {scale}"
    return f"ifelse(t > 0, dt({z}, df = {_number(prior.df)}) / ({scale} * t), 0)"


_BODIES: dict[str, Callable[[Analysis, Mapping[str, str]], str]] = {
    "pooled": _pooled, "subgroups": _subgroups, "multilevel": _multilevel,
    "leave one out": _leave_one_out, "cumulative": _cumulative, "egger": _egger,
    "trim and fill": _trim_and_fill, "mantel-haenszel": _tables, "peto": _tables, "bayes": _bayes,
}  # fmt: skip
