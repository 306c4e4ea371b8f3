"""What a reader must know of the arms themselves: changed copies, labels that say another dose,
cautions of the population."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from synaptrial.domain.arm import Arm
from synaptrial.domain.dose_words import dose_words, label_conflict
from synaptrial.simulation.basis import STATEMENT, STATUS, Evidence
from synaptrial.simulation.cohort.models import Models

MOST_NAMED = 4


def unchanged(arm: Arm, bundled: Mapping[str, Arm]) -> bool:
    """Whether an arm is the bundled one of its id, to the last field: only then do published
    results belong to it. bundled: by id."""
    known = bundled.get(arm.protocol.id)
    return known is not None and _digests(arm) == _digests(known)


def opening(
    title: str,
    arms: Mapping[str, Arm],
    rows: Sequence[Mapping[str, Any]],
    evidence: Evidence,
    also: Sequence[str],
) -> dict[str, Any]:
    """How the summary of every result opens; `rows`: what it says of each arm; `also`: notices
    that go beyond those of the arms themselves."""
    return {
        "title": title,
        "status": STATUS,
        "statement": STATEMENT,
        "notices": [*notices(arms, evidence.bundled), *also],
        "extrapolation": [
            f"{r['label']}: {'; '.join(r['extrapolation'])}." for r in rows if r["extrapolation"]
        ],
    }


def notices(arms: Mapping[str, Arm], bundled: Mapping[str, Arm]) -> list[str]:
    """One sentence for each thing to know, by label of the arm."""
    out = []
    for label, arm in arms.items():
        known = bundled.get(arm.protocol.id)
        if known is not None and _digests(arm) != _digests(known):
            out.append(
                f"{label}: differs from the bundled {known.protocol.id} in"
                f" {_differences(arm, known)}; its marks are the author's, and no published result"
                " stands beside it. Give it an id, an arm and marks of its own."
            )
        named = label_conflict(arm.protocol)
        if named:
            out.append(
                f"{label}: the label says {named}, the doses say {dose_words(arm.protocol)}."
            )
    return out


def regression(arms: Mapping[str, Arm]) -> list[str]:
    """Said where the reading that admits is the baseline; one sentence for all such arms."""
    labels = [
        label
        for label, arm in arms.items()
        if arm.setting.entry and arm.setting.baseline_reading == "screening"
    ]
    if not labels:
        return []
    return [
        f"{'; '.join(labels)}: the reading that admitted a patient is his baseline, so part of"
        " every fall from day 0 is regression to the mean, in all arms alike."
    ]


def cautions(arms: Mapping[str, Arm], models: Mapping[str, Models]) -> list[str]:
    """What must be said of every arm in some populations; one sentence for each of these."""
    out = []
    for name in dict.fromkeys(arm.setting.population for arm in arms.values()):
        labels = [label for label, arm in arms.items() if arm.setting.population == name]
        caution = models[name].population.caution
        if caution:
            out.append(f"{'; '.join(labels)}: {caution}")
    return out


def _digests(arm: Arm) -> tuple[str, str]:
    return arm.protocol.digest, arm.setting.digest


def _differences(arm: Arm, known: Arm) -> str:
    ours, theirs = (
        x.protocol.model_dump(mode="json") | {"setting": x.setting.model_dump(mode="json")}
        for x in (arm, known)
    )
    every = list(dict.fromkeys(_paths(ours, theirs, "")))
    # A mark that changed with its field needs no mention of its own.
    paths = [p for p in every if "marks" not in p] or every
    more = f" and {len(paths) - MOST_NAMED} more" if len(paths) > MOST_NAMED else ""
    return ", ".join(paths[:MOST_NAMED]) + more


def _paths(a: Any, b: Any, at: str) -> Iterator[str]:
    """Key paths at which two documents differ; a list of another length differs as a whole."""
    if isinstance(a, dict) and isinstance(b, dict):
        for key in a | b:
            yield from _paths(a.get(key), b.get(key), f"{at}.{key}" if at else key)
    elif isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
        for k, (x, y) in enumerate(zip(a, b, strict=True)):
            # a value in a list of values is told by the list's own key
            yield from _paths(x, y, f"{at}[{k}]" if isinstance(x, dict) else at)
    elif a != b:
        yield at
