"""One meta-analysis as a value: which columns, and what is done with them; the script makers
write it out as a program."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from synaptrial.domain.errors import InputError
from synaptrial.synthesis.heterogeneity import METHODS
from synaptrial.synthesis.inference import PREDICTIONS, TESTS, Prediction, Test
from synaptrial.synthesis.options import check_level, choose
from synaptrial.synthesis.priors import MeanPrior, TauPrior
from synaptrial.synthesis.sourced_priors import SourcedPrior

Kind = Literal[
    "pooled", "subgroups", "multilevel", "leave one out", "cumulative", "egger", "trim and fill",
    "mantel-haenszel", "peto", "bayes",
]  # fmt: skip
Column = tuple[float, ...] | tuple[str, ...]

MEANS = ("m1i", "sd1i", "n1i", "m2i", "sd2i", "n2i")
CELLS = ("ai", "bi", "ci", "di")
EVENTS = ("ai", "n1i", "ci", "n2i")
# What is given, as the effects or as arms that the measure makes effects of.
SHAPES: tuple[tuple[str, ...], ...] = (("yi", "vi"), MEANS, CELLS, EVENTS)
TABLES = ("mantel-haenszel", "peto")
WITH_MODS = ("pooled", "multilevel")


@dataclass(frozen=True)
class Analysis:
    """columns: by name, each with one value a study. They hold one of SHAPES, whose names
    `data` gives, and what mods, by, cluster and order name; a moderator of text is a factor with
    the first level in alphabetical order as its reference. order: rises in a cumulative analysis.
    measure: as in metafor's escalc, needed for arms. tau_prior, mu_prior: of the Bayesian one.
    Raises InputError where these do not fit together."""

    kind: Kind
    study: tuple[str, ...]
    columns: Mapping[str, Column]
    data: tuple[str, ...] = ("yi", "vi")
    measure: str = ""
    mods: tuple[str, ...] = ()
    by: str = ""
    cluster: str = ""
    order: str = ""
    method: str = "REML"
    test: Test = "knha"
    prediction: Prediction = "k-1"
    level: float = 0.95
    tau_prior: TauPrior | SourcedPrior | None = None
    mu_prior: MeanPrior | None = None

    def __post_init__(self) -> None:
        choose("kind", self.kind, get_args(Kind))
        three = self.kind == "multilevel"
        choose("method", self.method, ("REML", "ML") if three else METHODS)
        choose("test", self.test, ("z", "t") if three else TESTS)
        choose("prediction", self.prediction, PREDICTIONS)
        check_level(self.level)
        if three and (self.level != 0.95 or self.prediction != "k-1"):
            found = f"{self.level:g} and prediction {self.prediction}"
            raise InputError("level", found, "0.95, and no other prediction, for multilevel")
        self._check_columns()
        if self.data not in SHAPES:
            shapes = "; ".join(", ".join(names) for names in SHAPES)
            raise InputError("data", ", ".join(self.data), shapes)
        if self.kind in TABLES and self.data[0] != "ai":
            raise InputError("data", ", ".join(self.data), f"counts of events for {self.kind}")
        if self.data != ("yi", "vi") and not self.measure and self.kind != "peto":
            raise InputError("measure", "none", "the measure that is computed from the arms")
        if self.mods and self.kind not in WITH_MODS:
            raise InputError("mods", ", ".join(self.mods), f"none with {self.kind}")
        if self.kind == "bayes" and self.tau_prior is None:
            raise InputError("tau_prior", "none", "a prior of tau, such as HalfNormal(0.5)")

    def _check_columns(self) -> None:
        wanted = {"subgroups": "by", "multilevel": "cluster", "cumulative": "order"}
        need = wanted.get(self.kind)
        if need and not getattr(self, need):
            raise InputError(need, "nothing", f"the name of a column, for {self.kind}")
        for name in self.used:
            if name not in self.columns:
                raise InputError("columns", f"no {name}", ", ".join(self.columns))
            if len(self.columns[name]) != len(self.study):
                found = f"{len(self.columns[name])} values"
                raise InputError(f"columns.{name}", found, f"{len(self.study)}, one for each study")
        for name in (*self.data, *([self.order] if self.order else [])):
            if is_text(self.columns[name]):
                raise InputError(f"columns.{name}", "text", "numbers")
        if self.by and not is_text(self.columns[self.by]):
            raise InputError(f"columns.{self.by}", "numbers", "labels of subgroups, as text")

    @property
    def used(self) -> tuple[str, ...]:
        """Names of the columns that the analysis reads, each once."""
        roles = [name for name in (self.by, self.cluster, self.order) if name]
        return tuple(dict.fromkeys((*self.data, *self.mods, *roles)))


def is_text(column: Column) -> bool:
    """Whether a column holds labels."""
    return bool(column) and isinstance(column[0], str)


def levels(column: Column) -> list[str]:
    """Labels of a factor in alphabetical order (of code points, whatever the machine's language),
    the reference first."""
    return sorted({str(value) for value in column})
