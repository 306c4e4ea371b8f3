"""Import a Metapsy data set: one row for each comparison of two arms, into waiting rows.

Format: the Metapsy data standard (docs.metapsy.org/data-preparation/format): semicolons and decimal
commas, or commas and decimal points; NA for what is not known. Needed: study, condition_arm1,
condition_arm2, instrument, and numbers of at least one kind. A selection with the renamed columns
arm1, arm2, yi, vi is read as well.

Metapsy's g counts in favour of the first arm; ours is arm minus comparator on a scale where higher
is worse. The sign is turned, each row says so, and g is computed again where means are given.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from synaptrial.domain.errors import InputError
from synaptrial.domain.sources import Source
from synaptrial.evidence.tables import Row
from synaptrial.exchange.delimited import decimal, read_delimited
from synaptrial.exchange.evidence.awaiting import OUTCOMES, RAW, Imported, Number, slug
from synaptrial.exchange.words.events import event_of
from synaptrial.exchange.words.scales import PTSD_SCALES, instrument_of
from synaptrial.synthesis.effects import effect_from_means

RENAMED = {"arm1": "condition_arm1", "arm2": "condition_arm2", "yi": ".g", "vi": ".g_var"}
NEEDED = ("study", "condition_arm1", "condition_arm2", "instrument")
# Kind of arm row -> its columns (value, sd, n), and the statistic.
_ARM_KINDS = {
    "mean": ("mean_arm{}", "sd_arm{}", "n_arm{}"),
    "change": ("mean_change_arm{}", "sd_change_arm{}", "n_change_arm{}"),
    "baseline": ("baseline_m_arm{}", "baseline_sd_arm{}", "baseline_n_arm{}"),
    "count": ("event_arm{}", "", "totaln_arm{}"),
}
# Columns of an effect, those of its spread, and what the spread is.
_EFFECTS = (
    (".g", ".g_se", "standard error"),
    (".g", ".g_var", "variance"),
    ("precalc_g", "precalc_g_se", "standard error"),
)
_LOG_RR = (".log_rr", "precalc_log_rr")
_KEPT = ("multi_arm1", "multi_arm2", "outcome_type", "rating", "rob", "n_arm1", "n_arm2")
TOLERANCE = 0.01  # data sets print g with two or three decimals


@dataclass(frozen=True)
class _Comparison:
    """One row of the file. key: of the data set; number: of the row, from 1.

    written: our name of a column -> its name in the file.
    """

    key: str
    number: int
    cells: Row
    where: str
    written: Mapping[str, str]

    @property
    def row_id(self) -> str:
        return f"{self.key}:r{self.number}"

    @property
    def study(self) -> str:
        return slug(self.cells["study"])

    def arm(self, side: int) -> str:
        parts = (self.cells[f"condition_arm{side}"], self.cells.get(f"multi_arm{side}", ""))
        return slug(" ".join(filter(None, parts)))

    def number_of(self, column: str) -> float | None:
        """A number by column; None where the column or the cell is empty."""
        return decimal(self.cells.get(column, ""), f"{self.where}, column {column}")


def import_metapsy(path: Path) -> Imported:
    """All comparisons of a file. Raises InputError naming row and column."""
    given = read_delimited(path)
    written = {RENAMED.get(name, name): name for name in given[0]}
    rows = [{RENAMED.get(name, name): value for name, value in row.items()} for row in given]
    missing = [c for c in NEEDED if c not in rows[0]]
    if missing:
        found = f"no column {missing[0]}; the header is {', '.join(rows[0])[:80]}"
        raise InputError(str(path), found, f"a Metapsy data set with {', '.join(NEEDED)}")
    key = slug(path.stem)
    comparisons = [
        _Comparison(key, k, row, f"{path}, row {k}", written) for k, row in enumerate(rows, start=1)
    ]
    _check(comparisons)
    locator = f"{RAW}/{path.name}"
    numbers = [n for c in comparisons for n in _numbers(c, locator, _repeated(c, comparisons))]
    if not numbers:
        raise InputError(str(path), "no effect, mean or count", "numbers of at least one kind")
    citation = f"Metapsy data set, file {path.name}"
    return Imported(
        studies=_studies(comparisons),
        arms=_arms(comparisons),
        numbers=tuple(numbers),
        sources=(Source(key=key, kind="dataset", citation=citation, note="imported"),),
        raw={path.name: path.read_bytes()},
    )


def _check(comparisons: Sequence[_Comparison]) -> None:
    labels: dict[str, str] = {}
    for c in comparisons:
        for column in NEEDED[:3]:
            if not c.cells[column]:
                raise InputError(f"{c.where}, column {column}", "nothing", "a name")
        same = labels.setdefault(c.study, c.cells["study"])
        if same != c.cells["study"]:
            found = f"{c.cells['study']!r}, which makes the same key as {same!r}"
            raise InputError(f"{c.where}, column study", found, "names that differ in letters")


def _repeated(c: _Comparison, all_of_them: Sequence[_Comparison]) -> bool:
    """Whether the same arms are compared by the same instrument and time in another row."""

    def what(x: _Comparison) -> tuple[str, ...]:
        told = [x.cells.get(k, "") for k in ("instrument", "rating", "time", "time_weeks",
                                             "outcome_type")]  # fmt: skip
        return (x.study, x.arm(1), x.arm(2), *told)

    return any(x is not c and what(x) == what(c) for x in all_of_them)


def _numbers(c: _Comparison, locator: str, repeated: bool) -> Iterator[Number]:
    yield from _effect(c, locator, repeated)
    for column in _LOG_RR:
        if c.cells.get(column):
            told = _told(c, column, locator, 1) | {"value": c.cells[column]}
            flags = ("log risk ratio: no table of ours, the counts are imported",)
            yield Number(f"{c.row_id}.{column.strip('.')}", told, flags=flags)
            break
    for kind, columns in _ARM_KINDS.items():
        for side in (1, 2):
            value, sd, n = (name.format(side) for name in columns)
            if c.number_of(value) is not None:
                yield _arm_number(c, kind, side, (value, sd, n), locator)


def _effect(c: _Comparison, locator: str, repeated: bool) -> Iterator[Number]:
    """g of the row, turned; where none is given, computed from the means."""
    again, given = _again(c), _given(c)
    if given is None and again is None:
        return
    common, flags = _placed(c, 1)
    if repeated:
        flags.append("the same comparison stands in another row: other arms, or counted twice?")
    note = f"rob {c.cells['rob']}" if c.cells.get("rob") else ""
    row = {**common, "versus": c.arm(2), "statistic": "smd", "event": "", "note": note}
    told = _told(c, given[0] if given else "mean_arm1", locator, 1)
    told |= {"group": f"{told['group']} | {c.cells['condition_arm2']}"}
    if given:
        column, spread, kind = given
        g, by = c.number_of(column) or 0.0, c.number_of(spread)
        se = math.sqrt(by) if by is not None and by >= 0 and kind == "variance" else by
        row |= {"value": _shown(0.0 - g), "se": _shown(se), "mark": "READ",
                "derivation": "sign turned: g of the data set favours the first arm"}  # fmt: skip
        told |= {"value": c.cells[column], "spread": c.cells.get(spread, ""),
                 "dispersion_type": kind}  # fmt: skip
        flags += _compared(g, again)
    elif again:
        row |= {"value": _shown(0.0 - again[0]), "se": _shown(again[1]), "mark": "DERIVED",
                "derivation": "Hedges g from means, SDs and sizes (SMD, exact J)"}  # fmt: skip
    row["locator"] = told["locator"]
    yield _if_known(f"{c.row_id}.g", told, row, flags)


def _given(c: _Comparison) -> tuple[str, str, str] | None:
    """Columns of the effect that the row gives, those with a spread first."""
    effects = [e for e in _EFFECTS if c.cells.get(e[0])]
    return next((e for e in effects if c.cells.get(e[1])), effects[0] if effects else None)


def _arm_number(
    c: _Comparison, kind: str, side: int, columns: tuple[str, str, str], locator: str
) -> Number:
    value, sd, n = columns
    row, flags = _placed(c, side)
    told = _told(c, value, locator, side)
    told |= {"value": c.cells[value], "spread": c.cells.get(sd, ""), "n": c.cells.get(n, "")}
    people = c.number_of(n)
    row |= {"mark": "READ", "locator": told["locator"],
            "n": str(int(people)) if people and people == int(people) else ""}  # fmt: skip
    if kind == "count":
        event = event_of(c.cells.get("outcome_type", ""))
        flags += event.flags
        count, told_apart = c.number_of(value) or 0.0, c.arm(1) != c.arm(2)
        row |= {"statistic": "count", "event": event.value, "events": str(int(count))}
        row["scale"] = (
            (row["scale"] or "NONE") if event.value and count == int(count) and told_apart else ""
        )
    else:
        statistic = "change" if kind == "change" else "mean"
        row |= {"statistic": statistic, "event": "", "value": _shown(c.number_of(value)),
                "sd": _shown(c.number_of(sd))}  # fmt: skip
    if kind == "baseline":
        row |= {"day": "0", "time_note": "baseline"}
    return _if_known(f"{c.row_id}.{kind}{side}", told, row, flags)


def _placed(c: _Comparison, side: int) -> tuple[Row, list[str]]:
    """Cells that every row of the outcomes has, and what is not known of them."""
    scale = instrument_of(c.cells["instrument"])
    weeks, flags = c.number_of("time_weeks"), list(scale.flags)
    if weeks is None:
        flags.append("time since the start not given")
    if c.arm(1) == c.arm(2):
        flags.append("both arms have one name: which is which?")
    label = [c.cells.get(k, "") for k in ("instrument", "outcome_type", "rating")]
    row = {
        "study": c.study, "arm": c.arm(side), "part": "total",
        "scale": scale.value if c.arm(1) != c.arm(2) else "",
        "label": " | ".join(filter(None, label)), "source": c.key,
        "day": "" if weeks is None else f"{7 * weeks:.6g}", "time_note": c.cells.get("time", ""),
    }  # fmt: skip
    return row, flags


def _told(c: _Comparison, column: str, locator: str, side: int) -> Row:
    kept = [f"{k} {c.cells[k]}" for k in _KEPT if c.cells.get(k)]
    weeks = c.cells.get("time_weeks", "")
    frame = [c.cells.get("time", ""), f"{weeks} weeks" if weeks else ""]
    return {
        "study": c.cells["study"], "module": "metapsy", "group_id": f"arm{side}",
        "group": c.cells[f"condition_arm{side}"], "title": c.cells["instrument"],
        "time_frame": ", ".join(filter(None, frame)), "param_type": column,
        "comment": ", ".join(kept),
        "locator": f"{locator}: row {c.number}, column {c.written.get(column, column)}",
    }  # fmt: skip


def _if_known(row_id: str, told: Row, row: Row, flags: Sequence[str]) -> Number:
    named = tuple(dict.fromkeys(f.replace(";", ",") for f in flags))
    placed = row["scale"] and row["label"]
    return Number(row_id, told, OUTCOMES if placed else "", row if placed else {}, named)


def _again(c: _Comparison) -> tuple[float, float] | None:
    """g and its standard error from the means, in favour of the first arm; None without means."""
    m1, m2, s1, s2, n1, n2 = (c.number_of(k) for k in (
        "mean_arm1", "mean_arm2", "sd_arm1", "sd_arm2", "n_arm1", "n_arm2"))  # fmt: skip
    if None in (m1, m2, s1, s2, n1, n2) or not s1 or not s2 or (n1 or 0) < 2 or (n2 or 0) < 2:
        return None
    e = effect_from_means("SMD", m1i=m1, sd1i=s1, n1i=n1, m2i=m2, sd2i=s2, n2i=n2)  # type: ignore[arg-type]  # none is None: tested above
    return -float(e.yi), float(e.sei)


def _compared(g: float, again: tuple[float, float] | None) -> list[str]:
    if again is None or abs(again[0] - g) <= TOLERANCE:
        return []
    if abs(again[0] + g) <= TOLERANCE:
        return ["g has the other sign than the means: is higher better on this instrument?"]
    return [f"g is {g:.3f}, from the means it is {again[0]:.3f}"]


def _studies(comparisons: Sequence[_Comparison]) -> tuple[Row, ...]:
    rows: dict[str, Row] = {}
    for c in comparisons:
        ptsd = instrument_of(c.cells["instrument"]).value in PTSD_SCALES
        year = re.search(r"\b(19|20)\d\d\b", c.cells["study"])
        rows.setdefault(c.study, {
            "study": c.study, "kind": "psychotherapy_ptsd" if ptsd else "other", "source": c.key,
            "year": year[0] if year else "", "mark": "READ",
            "flag": "kind taken from the instrument", "note": c.cells["study"],
        })  # fmt: skip
    return tuple(rows.values())


def _arms(comparisons: Sequence[_Comparison]) -> tuple[Row, ...]:
    rows: dict[str, Row] = {}
    for c in comparisons:
        for side in (1, 2):
            arm_id = f"{c.study}:{c.arm(side)}"
            rows.setdefault(arm_id, {
                "arm_id": arm_id, "study": c.study, "arm": c.arm(side), "drug": "unknown",
                "unknown": "the treatment beyond its name", "ptsd": "unknown", "mark": "READ",
                "psychotherapy_note": c.cells[f"condition_arm{side}"], "source": c.key,
                "flag": "",
            })  # fmt: skip
    return tuple(rows.values())


def _shown(value: float | None) -> str:
    return "" if value is None else f"{value:.15g}"
