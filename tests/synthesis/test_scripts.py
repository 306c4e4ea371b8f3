"""Analyses as programs: the Python one runs and finds the same numbers, the R one says the same."""

from __future__ import annotations

import ast
import io
import os
import re
import subprocess
import sys
import warnings
from contextlib import redirect_stdout
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synaptrial import synthesis
from synaptrial.domain.errors import InputError
from synaptrial.synthesis import Analysis, HalfNormal, LogT, MeanPrior, python_script, r_script
from synaptrial.synthesis.r_script import quoted

STUDY = ('O\'Brien "2014"', "Müller\\2015", "Łuczak 2016", "研究 2017", "Smith\n2018", "Zoë ☂ 2019")
YI = (-0.81, -0.12, -0.55, -0.95, 0.08, -0.44)
VI = (0.09, 0.05, 0.12, 0.15, 0.04, 0.07)
COLUMNS = {
    "yi": YI, "vi": VI, "year": (2019.0, 2014.0, 2016.0, 2015.0, 2018.0, 2017.0),
    "dose mg/kg": (0.5, 0.2, 0.5, 1.0, 0.1, 0.3),
    "route": ("iv", "oral", "iv", "iv", "oral", "İm"),
    "group": ("a", "b", "a", "b", "a", "b"),
    "trial": ("x", "x", "y", "z", "z", "w"),
    "m1i": (20.0, 25.0, 30.0, 22.0, 31.0, 27.0), "sd1i": (9.0, 8.0, 11.0, 10.0, 12.0, 9.5),
    "n1i": (20.0, 30.0, 25.0, 15.0, 40.0, 22.0), "m2i": (28.0, 27.0, 33.0, 30.0, 30.0, 31.0),
    "sd2i": (10.0, 9.0, 11.0, 9.0, 12.0, 10.0), "n2i": (21.0, 28.0, 25.0, 16.0, 41.0, 20.0),
    "ai": (4.0, 6.0, 3.0, 5.0, 9.0, 2.0), "ci": (8.0, 7.0, 9.0, 6.0, 8.0, 7.0),
}  # fmt: skip
MEANS = ("m1i", "sd1i", "n1i", "m2i", "sd2i", "n2i")
EVENTS = ("ai", "n1i", "ci", "n2i")


def analysis(kind: str, **options: object) -> Analysis:
    return Analysis(kind, STUDY, COLUMNS, **options)


def run(text: str) -> dict[str, list[list[float]]]:
    """The printed numbers by name, in order, and study labels as they came out; a warning fails."""
    out = io.StringIO()
    with warnings.catch_warnings(action="error"), redirect_stdout(out):
        exec(compile(text, "script.py", "exec"), {"__name__": "__main__"})
    return read(out.getvalue())


def read(printed: str) -> dict[str, list[list[float]]]:
    found: dict[str, list[list[float]]] = {}
    for line in printed.splitlines():
        name, _, values = line.partition(": ")
        try:
            found.setdefault(name, []).append([float(v) for v in values.split()])
        except ValueError:
            continue
    return found


def balanced(text: str) -> None:
    """Quotes close on their line and brackets match, comments and strings aside."""
    bare = "\n".join(line.partition("  # ")[0] for line in text.splitlines() if line[0:1] != "#")
    code = re.sub(r'"(?:[^"\\\n]|\\.)*"', "", bare)
    assert '"' not in code, code
    assert "`" not in code
    depth: list[str] = []
    for letter in code:
        if letter in "([{":
            depth.append(letter)
        elif letter in ")]}":
            assert depth, "a bracket that closes none"
            assert depth.pop() + letter in ("()", "[]", "{}")
    assert not depth


def same(found: dict[str, list[list[float]]], name: str, value: object, which: int = 0) -> None:
    np.testing.assert_allclose(found[name][which], np.ravel(value), rtol=1e-11, err_msg=name)


@pytest.mark.parametrize("prediction", ["k-1", "k-2", "normal"])
def test_pooled(prediction: str) -> None:
    one = analysis("pooled", prediction=prediction, test="adhoc", method="PM", level=0.9)
    found = run(python_script(one))
    fit = synthesis.rma(YI, VI, method="PM", test="adhoc", prediction=prediction, level=0.9)
    for name in ("k", "beta", "se", "p", "ci_low", "tau2", "tau2_ci", "i2", "qe", "pi_low"):
        same(found, name, getattr(fit, name))
    text = r_script(one)
    balanced(text)
    assert (
        'rma(yi, vi, data = dat, slab = study, method = "PM", test = "adhoc", level = 90)' in text
    )
    assert "confint(fit, level = 90)" in text
    df = {"k-1": "fit$k - 1", "k-2": "fit$k - 2", "normal": "Inf"}[prediction]
    assert f"qt(0.95, df = {df}) * sqrt(fit$se[1]^2 + fit$tau2)" in text


def test_it_runs_as_a_program_of_its_own(tmp_path: Path) -> None:
    path, text = tmp_path / "script.py", python_script(analysis("leave one out"))
    path.write_text(text, "utf-8")
    done = subprocess.run(
        [sys.executable, "-W", "error", str(path)], capture_output=True, encoding="utf-8",
        env=os.environ | {"PYTHONIOENCODING": "utf-8"}, cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert read(done.stdout) == run(text)


def test_data_and_labels_survive_in_both() -> None:
    one = analysis("pooled")
    tree = ast.parse(python_script(one))
    values = {t.targets[0].id: t.value for t in tree.body if isinstance(t, ast.Assign)
              and isinstance(t.targets[0], ast.Name)}  # fmt: skip
    assert tuple(ast.literal_eval(values["study"])) == STUDY
    assert ast.literal_eval(values["data"]) == {"yi": list(YI), "vi": list(VI)}
    text = r_script(one)
    assert text.isascii()
    assert "yi = c(-0.81, -0.12, -0.55, -0.95, 0.08, -0.44)" in text
    assert "vi = c(0.09, 0.05, 0.12, 0.15, 0.04, 0.07)" in text
    assert '"O\'Brien \\"2014\\""' in text
    assert '"M\\u00fcller\\\\2015"' in text
    assert '"Smith\\u000a2018"' in text


@given(st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\0")))
def test_any_label_comes_back_from_its_r_string(text: str) -> None:
    inside = quoted(text)[1:-1]
    back = re.sub(
        r"\\(u[0-9a-f]{4}|U[0-9a-f]{8}|.)",
        lambda m: chr(int(m[1][1:], 16)) if m[1][0] in "uU" and len(m[1]) > 1 else m[1], inside,
    )  # fmt: skip
    assert back == text
    assert quoted(text).isascii()


def test_moderators_numbers_and_factors() -> None:
    one = analysis("pooled", mods=("dose mg/kg", "route"), test="t")
    found = run(python_script(one))
    levels = [[float(r == level) for r in COLUMNS["route"]] for level in ("oral", "İm")]
    fit = synthesis.rma(YI, VI, mods=np.column_stack([COLUMNS["dose mg/kg"], *levels]), test="t")
    for name in ("beta", "se", "p", "tau2", "qm", "qm_df", "qm_p", "r2"):
        same(found, name, getattr(fit, name))
    text = r_script(one)
    balanced(text)
    assert '# col3 is "dose mg/kg"' in text
    assert 'factor(dat$route, levels = c("iv", "oral", "\\u0130m"))' in text
    assert "mods = ~ col3 + route, method" in text
    assert "prediction interval" not in text.split("library")[1]


def test_subgroups() -> None:
    one = analysis("subgroups", by="group", method="DL")
    found = run(python_script(one))
    groups = synthesis.subgroups(YI, VI, COLUMNS["group"], method="DL")
    same(found, "beta", groups.fits["a"].beta, 0)
    same(found, "beta", groups.fits["b"].beta, 1)
    same(found, "q_between", groups.q_between)
    text = r_script(one)
    balanced(text)
    assert 'subset = group == "a", method = "DL", test = "knha", level = 95' in text
    assert 'rma(means, sei = ses, method = "EE")' in text


def test_three_levels() -> None:
    one = analysis("multilevel", cluster="trial", test="t")
    found = run(python_script(one))
    fit = synthesis.multilevel(YI, VI, study=COLUMNS["trial"], test="t")
    for name in ("beta", "se", "sigma2", "qe", "df"):
        same(found, name, getattr(fit, name))
    same(found, "robust se", synthesis.robust(fit).se)
    text = r_script(one)
    balanced(text)
    assert "rma.mv(yi, vi, random = ~ 1 | trial/effect, data = dat" in text
    assert 'method = "REML", test = "t", dfs = "contain")' in text
    assert "robust(fit, cluster = dat$trial, clubSandwich = TRUE)" in text


def test_leave_one_out_and_cumulative() -> None:
    fit = synthesis.rma(YI, VI)
    found = run(python_script(analysis("leave one out")))
    without = synthesis.leave_one_out(fit)
    for i in range(6):
        same(found, "estimate", without.estimate[i], i)
        same(found, "tau2", without.tau2[i], i)
    one = analysis("cumulative", order="year")
    found = run(python_script(one))
    added = synthesis.cumulative(fit, COLUMNS["year"])
    for i in range(6):
        same(found, "ci_high", added.ci_high[i], i)
    assert "cumul(fit, order = dat$year)" in r_script(one)
    assert "leave1out(fit)" in r_script(analysis("leave one out"))
    balanced(r_script(one))


def test_small_study_methods() -> None:
    found = run(python_script(analysis("egger")))
    same(found, "slope p", synthesis.egger(YI, VI).slope.p)
    assert 'regtest(fit, model = "lm", predictor = "sei")' in r_script(analysis("egger"))
    one = analysis("trim and fill", method="DL", test="z")
    found = run(python_script(one))
    filled = synthesis.trim_and_fill(synthesis.rma(YI, VI, method="DL", test="z"))
    same(found, "k0", filled.k0)
    same(found, "beta", filled.refit.beta)
    assert 'trimfill(fit, estimator = "L0")' in r_script(one)
    balanced(r_script(one))


def test_tables_and_arms() -> None:
    arms = {name: COLUMNS[name] for name in EVENTS}
    one = analysis("mantel-haenszel", data=EVENTS, measure="RR")
    same(
        run(python_script(one)),
        "beta",
        synthesis.mantel_haenszel(measure="RR", **arms).beta,
    )
    text = r_script(one)
    balanced(text)
    assert 'rma.mh(measure = "RR", ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = dat' in text
    two = analysis("peto", data=EVENTS)
    same(run(python_script(two)), "se", synthesis.peto(**arms).se)
    assert "rma.peto(ai = ai, n1i = n1i" in r_script(two)
    three = analysis("pooled", data=MEANS, measure="SMD")
    effect = synthesis.effect_size("SMD", **{name: COLUMNS[name] for name in MEANS})
    same(run(python_script(three)), "beta", synthesis.rma(effect.yi, effect.vi).beta)
    text = r_script(three)
    balanced(text)
    assert 'dat <- escalc(measure = "SMD", m1i = m1i, sd1i = sd1i, n1i = n1i, m2i = m2i' in text


def test_bayes() -> None:
    one = analysis("bayes", tau_prior=LogT(-1.5, 1.08, 5), mu_prior=MeanPrior(0, 4))
    found = run(python_script(one))
    fit = synthesis.bayes_rma(YI, VI, tau_prior=LogT(-1.5, 1.08, 5), mu_prior=MeanPrior(0, 4))
    same(found, "mu mean", fit.mu.mean)
    same(found, "tau median", fit.tau.median)
    same(found, "predictive central(0.95)", fit.predictive.central())
    text = r_script(one)
    balanced(text)
    assert 'mu.prior = c("mean" = 0, "sd" = 4)' in text
    assert "dt((log(t) - -1.5) / 1.08, df = 5) / (1.08 * t)" in text
    flat = r_script(analysis("bayes", tau_prior=HalfNormal(0.5)))
    assert "dhalfnormal(t, scale = 0.5)" in flat
    assert "mu.prior" not in flat


@pytest.mark.parametrize(
    ("options", "where"),
    [
        ({"kind": "pooled", "mods": ("dose",)}, "columns"),
        ({"kind": "subgroups"}, "by"),
        ({"kind": "cumulative", "order": "route"}, "columns.route"),
        ({"kind": "bayes"}, "tau_prior"),
        ({"kind": "egger", "mods": ("year",)}, "mods"),
        ({"kind": "pooled", "data": MEANS}, "measure"),
        ({"kind": "peto"}, "data"),
        ({"kind": "multilevel", "cluster": "trial", "test": "knha"}, "test"),
        ({"kind": "multilevel", "cluster": "trial", "test": "t", "level": 0.9}, "level"),
        ({"kind": "multilevel", "cluster": "trial", "test": "t", "method": "DL"}, "method"),
        ({"kind": "pooled", "level": 95}, "level"),
        ({"kind": "subgroups", "by": "year"}, "columns.year"),
        ({"kind": "forest"}, "kind"),
    ],
)
def test_what_does_not_fit_together_is_refused(options: dict[str, object], where: str) -> None:
    with pytest.raises(InputError) as error:
        analysis(**options)
    assert error.value.where == where
