"""What a run rests on: assumptions with their marks, and the sources behind its numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from synaptrial.domain.arm import Arm
from synaptrial.domain.document import MarkedField
from synaptrial.domain.parameters import Parameter, ParameterSet
from synaptrial.domain.population import RECORDED
from synaptrial.domain.protocol import Protocol
from synaptrial.domain.sources import LEAST_CERTAIN_FIRST, Mark, Source
from synaptrial.simulation.cohort.models import Models

OWN_SOURCE = "cited in the protocol file"  # a key that the package has no entry for


def _fields(arms: Mapping[str, Arm], wanted: Callable[[MarkedField], bool]) -> list[dict[str, Any]]:
    """Some fields of protocols and settings, alike ones once."""
    out: dict[tuple[str, str, str], list[str]] = {}
    for label, arm in arms.items():
        for document in (arm.protocol, arm.setting):
            for f in document.marked_fields():
                if not wanted(f):
                    continue
                what = f"{f.path} = {_say(f.value)}"
                why = f.mark.reason or f.mark.locator
                key = (f"{what}: {why}" if why else what, str(f.mark.mark), f.mark.source)
                out.setdefault(key, []).append(label)
    return [
        {"text": f"{text} ({'; '.join(labels)})", "mark": mark, "source": source or "own choice"}
        for (text, mark, source), labels in out.items()
    ]


def _say(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(_say(v) for v in value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def _parameter_text(name: str, p: Parameter) -> str:
    text = f"{name.replace('_', ' ')} = {p.stated}"
    return f"{text}: {p.reason or p.note}" if p.reason or p.note else text


def all_models(models: Mapping[str, Models]) -> Models:
    """The models of all populations of a run as one: the other populations join its sets, and so
    do priors where these have another value for them."""
    first, *others = models.values()
    stated = {(k, p) for s in first.priors for k, p in s.parameter.items()}
    joined: list[ParameterSet] = []
    for m in others:
        joined.append(m.population)
        for s in m.priors:
            own = {k: p for k, p in s.parameter.items() if (k, p) not in stated}
            if own:
                name = f"{s.id} of {m.population.id}"
                joined.append(ParameterSet(id=name, title=s.title, parameter=own))
    return replace(first, priors=(*first.priors, *joined))


def assumptions(arms: Mapping[str, Arm], models: Models) -> list[dict[str, Any]]:
    """Inputs that the model reads and that were not simply read, the least certain first."""
    rows = _fields(arms, lambda f: f.mark.mark is not Mark.READ and f.path not in Protocol.recorded)
    rows += _parameters(models, lambda k, p: p.mark is not Mark.READ and k not in RECORDED)
    return _by_mark(rows)


def recorded(arms: Mapping[str, Arm], models: Models) -> list[dict[str, Any]]:
    """Facts that are stated and drawn, but that no equation of the model reads."""
    rows = _fields(arms, lambda f: f.path in Protocol.recorded)
    return _by_mark([*rows, *_parameters(models, lambda k, p: k in RECORDED)])


def _parameters(models: Models, wanted: Callable[[str, Parameter], bool]) -> list[dict[str, Any]]:
    return [
        {"text": _parameter_text(k, p), "mark": str(p.mark), "source": p.source or "own choice"}
        for s in models.sets
        for k, p in s.parameter.items()
        if wanted(k, p)
    ]


def _by_mark(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Least certain first; what two populations state alike, once."""
    alike = {tuple(r.values()): r for r in rows}
    return sorted(alike.values(), key=lambda r: LEAST_CERTAIN_FIRST.index(Mark(r["mark"])))


def counts_by_mark(models: Models) -> dict[str, int]:
    """Parameters by mark."""
    out = {str(m): 0 for m in LEAST_CERTAIN_FIRST}
    for s in models.sets:
        for p in s.parameter.values():
            out[str(p.mark)] += 1
    return out


def sources(
    arms: Mapping[str, Arm],
    models: Models,
    observed: Sequence[Mapping[str, Any]],
    known: Mapping[str, Source],
    defined: Iterable[str] = (),
    counted: Iterable[str] = (),
) -> list[dict[str, Any]]:
    """Every source that the run used, and what for; `defined`: those of outcome definitions;
    `counted`: those of adverse events."""
    used: dict[str, set[str]] = {}
    for arm in arms.values():
        for document in (arm.protocol, arm.setting):
            for f in document.marked_fields():
                if f.mark.source:
                    used.setdefault(f.mark.source, set()).add("protocol and setting")
    for s in models.sets:
        for p in s.parameter.values():
            if p.source:
                used.setdefault(p.source, set()).add(f"parameters ({s.title})")
    for row in observed:
        used.setdefault(row["source"], set()).add("published results")
    for key in defined:
        used.setdefault(key, set()).add("definitions of outcomes")
    for key in counted:
        used.setdefault(key, set()).add("adverse events")
    return [
        {
            "key": key,
            "citation": known[key].citation if key in known else OWN_SOURCE,
            "doi": known[key].doi if key in known else "",
            "used_for": sorted(used[key]),
        }
        for key in sorted(used)
    ]


def rows_of_priors(models: Models) -> frozenset[str]:
    """Rows of the evidence tables that a prior rests on."""
    return frozenset(row for s in models.sets for p in s.parameter.values() for row in p.rows)
