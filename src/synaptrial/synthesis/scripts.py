"""Any analysis as a Python script, with its data in it. `r_script` writes the same for R."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import Any

from synaptrial.synthesis.analysis import Analysis, Column, is_text
from synaptrial.synthesis.sourced_priors import SourcedPrior

TITLES = {
    "pooled": "Random-effects meta-analysis", "subgroups": "Subgroups of a meta-analysis",
    "multilevel": "Three-level meta-analysis", "leave one out": "Leave-one-out meta-analysis",
    "cumulative": "Cumulative meta-analysis", "egger": "Egger's regression test",
    "trim and fill": "Trim and fill", "mantel-haenszel": "Mantel-Haenszel pooling of tables",
    "peto": "Peto's pooling of tables", "bayes": "Bayesian random-effects meta-analysis",
}  # fmt: skip
SHOW = """

def show(name, values):
    print(name + ":", " ".join(f"{value:.12g}" for value in np.ravel(values)))

"""
_FIT = ("beta", "se", "stat", "p", "ci_low", "ci_high")
_WHOLE = ("k", "tau2", "se_tau2", "tau2_ci", "i2", "h2", "qe", "qe_df", "qe_p", *_FIT)
_EACH = ("estimate", "se", "p", "ci_low", "ci_high", "tau2", "i2", "q")
_TABLES = ("k", "beta", "se", "stat", "p", "ci_low", "ci_high", "qe", "qe_df", "qe_p", "i2")


def python_script(analysis: Analysis) -> str:
    """A program that holds the data as literals, repeats the analysis and prints its numbers, a
    line each: name, colon, values."""
    parts = [
        f'"""{TITLES[analysis.kind]}. Research tool; not for treating patients."""\n',
        "import numpy as np\n\nfrom synaptrial import synthesis\n",
        _literals(analysis),
        _effects(analysis),
        SHOW,
        _BODIES[analysis.kind](analysis),
    ]
    return "\n".join(part for part in parts if part).rstrip("\n") + "\n"


def _literals(a: Analysis) -> str:
    lines = [f"study = {_listed(a.study)}", "data = {"]
    lines += [f"    {name!r}: {_listed(a.columns[name], 4)}," for name in a.used]
    return "\n".join([*lines, "}"])


def _listed(column: Column, indent: int = 0) -> str:
    """A list, one label a line, or numbers in one."""
    if not is_text(column):
        return "[" + ", ".join(repr(float(value)) for value in column) + "]"
    inner = " " * (indent + 4)
    return "[\n" + "".join(f"{inner}{v!r},\n" for v in column) + " " * indent + "]"


def _effects(a: Analysis) -> str:
    if a.kind in ("mantel-haenszel", "peto"):
        return ""
    if a.data == ("yi", "vi"):
        return 'yi, vi = np.array(data["yi"]), np.array(data["vi"])'
    call = f"effect = synthesis.effect_size({a.measure!r}, {_arms(a)})"
    return f"{call}\nyi, vi = effect.yi, effect.vi"


def _arms(a: Analysis) -> str:
    return ", ".join(f"{name}=data[{name!r}]" for name in a.data)


def _options(a: Analysis) -> str:
    return f"method={a.method!r}, test={a.test!r}, prediction={a.prediction!r}, level={a.level!r}"


def _mods(a: Analysis) -> tuple[str, str]:
    """The line that names the moderators, and the argument that uses them."""
    if not a.mods:
        return "", ""
    columns = ", ".join(f"{name!r}: data[{name!r}]" for name in a.mods)
    return f"mods = {{{columns}}}\n", ", mods=mods"


def _shown(name: str, attributes: tuple[str, ...]) -> str:
    return "".join(f'show("{key}", {name}.{key})\n' for key in attributes)


def _fitted(a: Analysis) -> str:
    return f"fit = synthesis.rma(yi, vi, {_options(a)})\n"


def _pooled(a: Analysis) -> str:
    design, use = _mods(a)
    body = f"{design}fit = synthesis.rma(yi, vi{use}, {_options(a)})\n"
    extra = ("qm", "qm_df", "qm_p", "r2") if a.mods else ("pi_low", "pi_high")
    names = 'print("coefficients:", ", ".join(fit.names))\n'
    return body + names + _shown("fit", (*_WHOLE, *extra))


def _subgroups(a: Analysis) -> str:
    return (
        f"found = synthesis.subgroups(yi, vi, data[{a.by!r}], {_options(a)})\n"
        "for name, fit in found.fits.items():\n"
        '    print("subgroup:", name)\n'
        + "".join(f'    show("{key}", fit.{key})\n' for key in _WHOLE)
        + _shown("found", ("q_between", "q_df", "q_p"))
    )


def _multilevel(a: Analysis) -> str:
    design, use = _mods(a)
    return (
        f"{design}fit = synthesis.multilevel(yi, vi, study=data[{a.cluster!r}]{use}, "
        f"method={a.method!r}, test={a.test!r})\n"
        + _shown("fit", ("k", "sigma2", "i2", "qe", "qe_df", "qe_p", *_FIT, "df"))
        + 'robust = synthesis.robust(fit, kind="CR2")\nshow("robust se", robust.se)\n'
        'show("robust df", robust.df)\nshow("robust p", robust.p)\n'
    )


def _rows(a: Analysis, call: str, label: str) -> str:
    printed = "".join(f'    show("{key}", found.{key}[i])\n' for key in _EACH)
    return f"{_fitted(a)}found = {call}\nfor i in range(fit.k):\n    print({label})\n{printed}"


def _leave_one_out(a: Analysis) -> str:
    return _rows(a, "synthesis.leave_one_out(fit)", '"without:", study[i]')


def _cumulative(a: Analysis) -> str:
    call = f"synthesis.cumulative(fit, data[{a.order!r}])"
    return _rows(a, call, '"with:", study[found.order[i]]')


def _egger(a: Analysis) -> str:
    keys = ("estimate", "se", "stat", "p", "ci_low", "ci_high")
    shown = "".join(
        f'show("{part} {key}", found.{part}.{key})\n' for part in ("slope", "limit") for key in keys
    )
    return (
        f"found = synthesis.egger(yi, vi, measure={a.measure!r}, level={a.level!r})\n{shown}"
        'show("df", found.df)\nprint(found.caution)\n'
    )


def _trim_and_fill(a: Analysis) -> str:
    return (
        f"{_fitted(a)}found = synthesis.trim_and_fill(fit, measure={a.measure!r})\n"
        'print("side:", found.side)\nshow("k0", found.k0)\nfilled = found.refit\n'
        + _shown("filled", _WHOLE)
        + "print(found.caution)\n"
    )


def _tables(a: Analysis) -> str:
    name, measure = ("peto", "") if a.kind == "peto" else (
        "mantel_haenszel", f", measure={a.measure!r}"
    )  # fmt: skip
    call = f"fit = synthesis.{name}({_arms(a)}{measure}, level={a.level!r})\n"
    return call + _shown("fit", _TABLES)


def _bayes(a: Analysis) -> str:
    mu = "None" if a.mu_prior is None else _prior(a.mu_prior)
    source, tau = "", a.tau_prior
    if isinstance(tau, SourcedPrior):
        source, tau = f"# prior of tau: {tau.told}\n", tau.tau
    parts = "".join(
        f'show("{part} {key}", fit.{part}.{key})\n'
        for part in ("mu", "tau", "predictive")
        for key in ("mean", "sd", "median", f"central({a.level!r})", f"shortest({a.level!r})")
    )
    return (
        f"{source}fit = synthesis.bayes_rma(yi, vi, tau_prior={_prior(tau)}, mu_prior={mu})\n"
        f"{parts}{_shown('fit', ('prob_mu_above_0', 'prob_mu_below_0'))}"
        "for label, effect in zip(study, fit.studies):\n"
        '    print("study:", label)\n'
        f'    show("shrunken effect", [effect.mean, effect.sd, *effect.central({a.level!r})])\n'
    )


def _prior(prior: Any) -> str:
    values = ", ".join(f"{f.name}={float(getattr(prior, f.name))!r}" for f in fields(prior))
    return f"synthesis.{type(prior).__name__}({values})"


_BODIES: dict[str, Callable[[Analysis], str]] = {
    "pooled": _pooled, "subgroups": _subgroups, "multilevel": _multilevel,
    "leave one out": _leave_one_out, "cumulative": _cumulative, "egger": _egger,
    "trim and fill": _trim_and_fill, "mantel-haenszel": _tables, "peto": _tables, "bayes": _bayes,
}  # fmt: skip
