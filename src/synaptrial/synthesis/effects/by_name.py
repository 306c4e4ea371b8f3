"""Effect sizes by the name of their measure, for tables of studies that name it in a column."""

from __future__ import annotations

from collections.abc import Callable
from inspect import signature
from typing import Any

from synaptrial.domain.errors import InputError
from synaptrial.synthesis.effects import means, pairs, prepost, single, tables
from synaptrial.synthesis.effects.size import EffectSize
from synaptrial.synthesis.options import choose

_FAMILIES: tuple[tuple[tuple[str, ...], Callable[..., EffectSize]], ...] = (
    (means.MEASURES, means.effect_from_means),
    (pairs.MEASURES, pairs.effect_from_pairs),
    (prepost.MEASURES, prepost.effect_from_pre_post),
    (tables.MEASURES, tables.effect_from_tables),
    (single.PROPORTIONS, single.effect_from_proportion),
)
_ALONE: dict[str, Callable[..., EffectSize]] = {
    "MN": single.effect_from_mean, "ZCOR": single.effect_from_correlation,
}  # fmt: skip
MEASURES = (*(name for names, _ in _FAMILIES for name in names), *_ALONE)


def effect_size(measure: str, **given: Any) -> EffectSize:
    """The effect that `measure` names, as its own function would give it (effect_from_means,
    _pairs, _pre_post, _tables, _proportion, _mean, _correlation). Raises InputError."""
    choose("measure", measure, MEASURES)
    of = next((f for names, f in _FAMILIES if measure in names), None)
    family, name = (of, (measure,)) if of else (_ALONE[measure], ())
    try:
        signature(family).bind(*name, **given)
    except TypeError as wrong:
        raise InputError(measure, str(wrong), ", ".join(signature(family).parameters)) from None
    return family(*name, **given)
