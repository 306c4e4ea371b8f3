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


def test_every_digit_of_a_level_is_printed(file: Path) -> None:
    out = meta(file, "--level", "0.9999999999").out
    assert "99.99999999% CI" in out and "100%" not in out
    assert "0.9999999999" in meta(file, "--level", "0.9999999999", "--script", "python").out
    assert "level = 99.99999999" in meta(file, "--level", "0.9999999999", "--script", "r").out


def refused(path: Path, text: str | bytes, *arguments: str) -> str:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    done = meta(path, *arguments)
    assert (done.status, done.out) == (2, "")
    assert len(done.err.splitlines()) == 1
    return done.err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("yi\tvi\n0.1\t0.2\n", "studies.csv: line 1: found cells separated by tabs"),
        ("yi;vi\n0.1;0.2\n", "studies.csv: line 1: found cells separated by semicolons"),
        (b"PK\x03\x04\x14\x00", "an Excel or OpenDocument workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "an old Excel workbook"),
        (b"%PDF-1.7\n", "a PDF document"),
        ("yi,vi\n0.1,0.2\n".encode("utf-16"), "text in UTF-16"),
    ],
)
def test_a_file_of_another_kind_is_named_with_what_to_do(
    tmp_path: Path, text: str | bytes, said: str
) -> None:
    err = refused(tmp_path / "studies.csv", text)
    assert said in err and re.search(r"\. (Save|Open|Enter) ", err)


ARMS = "study,m1i,sd1i,n1i,m2i,sd2i,n2i\n"
EVENTS = "study,ai,n1i,ci,n2i\na,4,20,8,21\n"
OR = ["--measure", "OR"]


@pytest.mark.parametrize(
    ("text", "arguments", "where"),
    [
        (f"{ARMS}a,1,2,20,2,2,20\nb,1,2,25.5,2,2,20\n", ["--measure", "MD"],
         "line 3, n1i: found 25.5"),
        (f"{ARMS}a,1,0,20,2,2,20\nb,1,2,25,2,2,20\n", ["--measure", "SMD"],
         "line 2, sd1i: found 0"),
        (f"{EVENTS}b,36,30,7,28\n", OR, "line 3, ai: found 36"),
        (f"{EVENTS}b,3.5,30,7,28\n", OR, "line 3, ai: found 3.5"),
        ("study,yi,vi\na,1,1\nb,1e200,1\n", [], "line 3, yi: found 1e+200"),
        ("study,yi,vi\na,1,1\nb,1,1e-300\n", [], "line 3, vi: found 1e-300"),
        ("study,yi,se\na,1,1\nb,1,1e-100\n", [], "line 3, se: found"),
        ("study,m1i,sd1i,n1i,m2i,sd2i,n2i\na,1e308,1,9,-1e308,1,9\nb,1,1,9,1,1,9\n",
         ["--measure", "MD"], "line 2, m1i: found 1e+308"),
    ],
)  # fmt: skip
def test_messages_name_file_and_line(
    tmp_path: Path, text: str, arguments: list[str], where: str
) -> None:
    assert f"studies.csv: {where}" in refused(tmp_path / "studies.csv", text, *arguments)


def warnings_of(tmp_path: Path, text: str, *arguments: str) -> list[str]:
    path = tmp_path / "studies.csv"
    path.write_text(text)
    return document(path, *arguments)["warnings"]


def test_a_trial_that_stands_twice_is_told(tmp_path: Path) -> None:
    text = "study,trial,yi,vi\nA,A,0.3,0.1\nB,B,0.5,0.2\na ,a,0.3,0.1\n"
    told = warnings_of(tmp_path, text)
    assert any("lines 2, 4 are pooled as if of different people" in t for t in told)
    assert any("yi[0] and yi[2]" in t for t in told)
    assert "lines 2, 4" in meta(tmp_path / "studies.csv").out
    assert "lines 2, 4" in meta(tmp_path / "studies.csv", "--by", "trial").out
    assert not any("--cluster" in t for t in warnings_of(tmp_path, text, "--cluster", "study"))


def test_the_checks_of_the_evidence_are_made_on_a_plain_table(tmp_path: Path) -> None:
    head = "study,scale,m1i,sd1i,n1i,m2i,sd2i,n2i\n"
    good = "".join(
        f"{s},CAPS5,{20 + i},{10 + i},30,{28 + 2 * i},11,31\n" for i, s in enumerate("abcd")
    )
    assert warnings_of(tmp_path, head + good, "--measure", "MD") == []
    swapped = warnings_of(tmp_path, f"{head}{good}e,CAPS5,22,1.9,30,27,2.1,31\n", "--measure", "MD")
    assert any("line 6, sd1i: found 1.9" in t and "standard error" in t for t in swapped)
    beyond = warnings_of(tmp_path, f"{head}{good}e,CAPS5,95,11,30,27,10,31\n", "--measure", "MD")
    assert any("line 6, m1i: found 95; accepted: 0 to 80" in t for t in beyond)
    against = "study,yi,vi,m1i,m2i,ci_low,ci_high\na,4,4,20,25,0,8\nb,-3,4,20,24,-7,-4\n"
    told = warnings_of(tmp_path, against, "--measure", "MD")
    assert any("line 2, yi: found 4, while the arms have 20 and 25" in t for t in told)
    assert any("line 3, yi: found -3 outside its interval -7 to -4" in t for t in told)
    large = warnings_of(tmp_path, "study,yi,vi\na,5.2,0.1\nb,0.2,0.1\n", "--measure", "SMD")
    assert any("line 2, yi: found 5.2, large for a standardised effect" in t for t in large)
    share = "study,yi,vi,percent_women\na,0.2,0.1,140\nb,0.3,0.2,40\n"
    assert any("line 2, percent_women: found 140" in t for t in warnings_of(tmp_path, share))
