"""Which arms are simulated together: their labels, their studies, and what cannot run."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from synaptrial.domain.arm import Arm
from synaptrial.domain.errors import InputError


def label_arms(arms: Sequence[Arm]) -> dict[str, Arm]:
    """A unique label for each arm: its name, with its study where there are several."""
    studies = {a.protocol.study for a in arms}
    ids: set[str] = set()
    out: dict[str, Arm] = {}
    for arm in arms:
        p = arm.protocol
        if p.id in ids:
            raise InputError(p.id, "an arm given twice", "each arm once", "Give a copy another id")
        ids.add(p.id)
        label = f"{p.study}: {p.arm}" if len(studies) > 1 and p.study else p.arm
        out[f"{label} ({p.id})" if label in out else label] = arm
    return out


def by_setting(arms: Mapping[str, Arm]) -> list[dict[str, Arm]]:
    """Arms grouped by study and setting, in order of first appearance: a group shares its
    patients, and its arms are compared.

    An arm without a study joins the one study that has its setting; where several have it, or
    none, it stays with the other arms without a study. Raises InputError where arms of one study
    differ in their setting."""
    groups: dict[tuple[str, str], dict[str, Arm]] = {}
    stated: dict[str, tuple[str, dict[str, Any]]] = {}  # study -> its first arm and the setting
    for label, arm in sorted(arms.items(), key=lambda item: not item[1].protocol.study):
        study, setting = arm.protocol.study, _without_marks(arm.setting.model_dump(mode="json"))
        first, known = stated.setdefault(study, (arm.protocol.id, setting))
        differs = [k for k in setting if setting[k] != known[k]]
        if study and differs:
            k = differs[0]
            raise InputError(
                f"{arm.protocol.id}: setting.{k}",
                f"{setting[k]!r}, while {first} of the same study has {known[k]!r}",
                f"one setting for all arms of {study}",
                "Make them equal, or give one of them another study",
            )
        text = json.dumps(setting)
        alike = [g for g, (_, s) in stated.items() if g and s == setting]
        joined = alike[0] if not study and len(alike) == 1 else study
        groups.setdefault((joined, text), {})[label] = arm
    place = {label: i for i, label in enumerate(arms)}
    ordered = [dict(sorted(g.items(), key=lambda item: place[item[0]])) for g in groups.values()]
    return sorted(ordered, key=lambda g: place[next(iter(g))])


def _without_marks(table: dict[str, Any]) -> dict[str, Any]:
    """A document without what says how its fields are known."""
    return {
        k: _without_marks(v) if isinstance(v, dict) else v for k, v in table.items() if k != "marks"
    }
