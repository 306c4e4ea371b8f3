"""`synaptrial evidence meta`: numbers, order, options, scripts, and what is refused."""

from __future__ import annotations

import io
import json
import re
from contextlib import redirect_stdout
from pathlib import Path

import numpy as np
import pytest
from tests.interfaces.command import Done, synaptrial

from synaptrial.synthesis import bayes_rma, multilevel, rhodes2015, rma, subgroups

YI = [-0.81, -0.12, -0.55, -0.95, 0.08, -0.44]
VI = [0.09, 0.05, 0.12, 0.15, 0.04, 0.07]
DOSE = [0.5, 0.2, 0.5, 1, 0.1, 0.3]
ROUTE = ["iv", "oral", "iv", "iv", "oral", "im"]
ROWS = "\n".join(
    f'"Zoë ""{i}""",{2010 + 7 * i % 6},{y},{v},{d},{r},t{i // 2}'
    for i, (y, v, d, r) in enumerate(zip(YI, VI, DOSE, ROUTE, strict=True))
)
CSV = f"study,year,yi,vi,dose,route,trial\n{ROWS}\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "studies.csv"
    path.write_text(CSV, "utf-8")
    return path


def meta(*arguments: str | Path) -> Done:
    return synaptrial("evidence", "meta", *arguments)


def document(*arguments: str | Path) -> dict:
    done = meta(*arguments, "--json")
    assert done.status == 0, done.err
    assert "NaN" not in done.out
    return json.loads(done.out)


def test_numbers_are_those_of_rma(file: Path) -> None:
    found = document(file, "--method", "PM", "--test", "adhoc", "--prediction", "k-2",
                     "--level", "0.9")  # fmt: skip
    fit = rma(YI, VI, method="PM", test="adhoc", prediction="k-2", level=0.9)
    for name in ("k", "tau2", "se_tau2", "i2", "h2", "qe", "qe_df", "qe_p", "pi_low", "pi_high"):
        assert found[name] == getattr(fit, name)
    first = found["coefficients"][0]
    assert (first["estimate"], first["p"]) == (fit.beta[0], fit.p[0])
    assert first["df"] == 5
    assert found["notice"].startswith("Research tool")


def test_text_is_in_the_order_of_metafor(file: Path) -> None:
    out = meta(file).out
    words = ["k = 6", "tau2:", "(SE", "tau:", "I2:", "H2:", "Q(5)", "estimate", "se", "stat", "df",
             "p", "95% CI", "prediction interval", "Research tool"]  # fmt: skip
    places = [re.search(re.escape(word), out).start() for word in words if len(word) > 2]
    assert places == sorted(places)
    assert f"{rma(YI, VI).beta[0]:.4f}" in out
    assert not re.search(r"\b(nan|None|inf)\b", out)


def test_a_pooled_logarithm_is_called_one_and_told_as_a_ratio_too(file: Path) -> None:
    out = meta(file, "--measure", "OR").out
    assert "model of log OR" in out
    assert f"Ratio: {np.exp(rma(YI, VI).beta[0]):.4f}" in out
    assert "Ratio:" not in meta(file, "--measure", "SMD").out


def test_moderators_with_a_factor(file: Path) -> None:
    found = document(file, "--mods", "dose,route")
    columns = [DOSE, [float(r == "iv") for r in ROUTE], [float(r == "oral") for r in ROUTE]]
    fit = rma(YI, VI, mods=np.column_stack(columns))
    assert [c["name"] for c in found["coefficients"]] == [
        "intercept", "dose", "route: iv", "route: oral",
    ]  # fmt: skip
    assert found["qm"] == fit.qm
    assert "F(3, 2)" in meta(file, "--mods", "dose,route").out


def test_subgroups_and_clusters(file: Path) -> None:
    found = document(file, "--by", "trial", "--method", "DL")
    groups = subgroups(YI, VI, [f"t{i // 2}" for i in range(6)], method="DL")
    assert found["q_between"] == groups.q_between
    assert set(found["subgroups"]) == {"t0", "t1", "t2"}
    assert "With one tau2 shared by all, moderators: F(2, 3)" in meta(file, "--by", "trial").out
    found = document(file, "--cluster", "trial")
    fit = multilevel(YI, VI, study=[f"t{i // 2}" for i in range(6)])
    assert found["sigma2"] == list(fit.sigma2)
    assert found["test"] == "t"
    assert "Cluster-robust (CR2)" in meta(file, "--cluster", "trial").out


def test_leave_one_out_and_cumulative(file: Path) -> None:
    found = document(file, "--leave-one-out", "--cumulative")
    assert found["leave_one_out"][0]["estimate"] == pytest.approx(rma(YI[1:], VI[1:]).beta[0])
    years = [row["year"] for row in found["cumulative"]]
    assert years == sorted(years)
    assert found["cumulative"][-1]["estimate"] == pytest.approx(
        found["coefficients"][0]["estimate"]
    )
    assert 'Zoë "0"' in meta(file, "--leave-one-out").out


def test_bayes_is_shown_below_five_studies_and_when_asked(file: Path, tmp_path: Path) -> None:
    assert "bayes" not in document(file, "--measure", "SMD")
    asked = document(file, "--measure", "SMD", "--bayes")["bayes"]
    assert asked["mu"]["mean"] == bayes_rma(YI, VI, tau_prior=rhodes2015()).mu.mean
    few = tmp_path / "few.csv"
    few.write_text("\n".join(CSV.splitlines()[:5]), "utf-8")
    assert document(few, "--measure", "SMD")["bayes"]["prior_source"].startswith(
        "READ: Rhodes 2015"
    )
    assert "bayes" not in document(few)
    assert "P(mu > 0)" in meta(few, "--measure", "SMD").out


def test_one_study_leaves_blanks_not_nan(tmp_path: Path) -> None:
    path = tmp_path / "one.csv"
    path.write_text("yi,se\n0.3,0.2\n")
    out = meta(path).out
    assert "Warning: One study" in out
    assert not re.search(r"\b(nan|None|inf)\b", out, re.IGNORECASE)
    assert document(path)["pi_low"] is None


def test_arms_need_a_measure(tmp_path: Path) -> None:
    path = tmp_path / "arms.csv"
    path.write_text("study,ai,n1i,ci,n2i\na,4,20,8,21\nb,6,30,7,28\nc,3,25,9,25\n")
    assert document(path, "--measure", "OR")["measure"] == "OR"
    done = meta(path)
    assert (done.status, done.out) == (2, "")
    assert "--measure" in done.err


@pytest.mark.parametrize("kind", [[], ["--mods", "dose"], ["--leave-one-out"], ["--cumulative"]])
def test_scripts(file: Path, kind: list[str]) -> None:
    out = io.StringIO()
    with redirect_stdout(out):
        exec(meta(file, *kind, "--script", "python").out, {"__name__": "__main__"})
    names = {"--leave-one-out": "leave_one_out", "--cumulative": "cumulative"}
    found = document(file, *kind)
    rows = found[names[kind[0]]] if kind and kind[0] in names else found["coefficients"]
    key = "estimate" if kind and kind[0] in names else "beta"
    printed = [
        float(v) for line in out.getvalue().splitlines() if line.startswith(key + ":")
        for v in line.split()[1:]
    ]  # fmt: skip
    assert printed == pytest.approx([row["estimate"] for row in rows], rel=1e-10)
    assert meta(file, *kind, "--script", "r").out.startswith("# ")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--method", "XX"], "method"),
        (["--test", "f"], "test"),
        (["--prediction", "k"], "prediction"),
        (["--level", "95"], "level"),
        (["--mods", "weight"], "weight"),
        (["--by", "route", "--mods", "dose"], "--by"),
        (["--cluster", "trial", "--bayes"], "--bayes"),
        (["--bayes"], "--measure"),
        (["--bayes", "--measure", "RD"], "measure"),
        (["--script", "stata"], "--script"),
        (["--script", "r", "--cumulative", "--leave-one-out"], "--script"),
        (["--cluster", "trial", "--test", "knha"], "test"),
    ],
)
def test_bad_input_is_one_line_and_status_2(file: Path, arguments: list[str], words: str) -> None:
    done = meta(file, *arguments)
    assert (done.status, done.out) == (2, "")
    assert words in done.err
    assert len(done.err.splitlines()) == 1


def test_help_says_what_it_is() -> None:
    out = meta("--help").out
    assert "Research tool" in out


def test_a_common_effect_has_the_normal_test_unless_asked(file: Path) -> None:
    found = document(file, "--method", "EE")
    assert (found["test"], found["warnings"]) == ("z", [])
    asked = document(file, "--method", "EE", "--test", "knha")
    assert "made for random effects" in asked["warnings"][0]
