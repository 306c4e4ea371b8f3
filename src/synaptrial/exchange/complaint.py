"""Turn a validation error into one plain sentence: where, found, accepted, what to do."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from synaptrial.domain.document import Refused, SeveralRefused
from synaptrial.domain.errors import InputError

# pydantic's error type -> what is accepted; {} is filled from the error's context.
_ACCEPTED = {
    "float_type": "a number",
    "float_parsing": "a number",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "string_type": "text in quotes",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "tuple_type": "a list",
    "list_type": "a list",
    "dict_type": "a table",
    "mapping_type": "a table",
    "model_type": "a table",
    "model_attributes_type": "a table",
    "finite_number": "a finite number",
    "too_short": "a list of at least {min_length}",
    "too_long": "a list of at most {max_length}",
    "literal_error": "{expected}",
    "enum": "{expected}",
    "greater_than_equal": "a number of at least {ge:g}",
    "greater_than": "a number above {gt:g}",
    "less_than_equal": "a number of at most {le:g}",
    "less_than": "a number below {lt:g}",
    "string_pattern_mismatch": "letters, digits, '_', '-' and '.'",
    "string_too_long": "at most {max_length} characters",
    "union_tag_invalid": "{expected_tags}",
    "union_tag_not_found": "a rule with do = 'titrate', 'stop_if' or 'redose_if'",
}
_NUMBER_KINDS = {"float_type", "int_type", "float_parsing", "int_parsing"}


def complaint(
    model: type[BaseModel], error: ValidationError, where: str, below: str = ""
) -> InputError:
    """The problems as one InputError; an unknown key comes first, as it explains others."""
    problems = sorted(error.errors(), key=lambda p: p["type"] != "extra_forbidden")
    return InputError.joined([e for p in problems for e in _complaints(model, p, where, below)])


def _complaints(model: type[BaseModel], problem: Any, where: str, below: str) -> list[InputError]:
    refused = problem.get("ctx", {}).get("error")
    if not isinstance(refused, SeveralRefused):
        return [_complaint(model, problem, where, below)]
    parts = [{**problem, "ctx": {"error": r}} for r in refused.refusals]
    return [_complaint(model, part, where, below) for part in parts]


def _complaint(model: type[BaseModel], problem: Any, where: str, below: str) -> InputError:
    keys, owner = _walk(model, problem["loc"])
    path = _join(below, keys)
    if problem["type"] == "extra_forbidden":
        return _unknown_key(owner, where, path)
    if problem["type"] == "missing":
        return InputError(_at(where, path), "nothing", "a value", f"Add the key {keys[-1]}")
    refused = problem.get("ctx", {}).get("error")
    if isinstance(refused, Refused):
        at = _join(path, [refused.at] if refused.at else [])
        return InputError(_at(where, at), refused.found, refused.accepted, refused.advice)
    if refused is not None:
        return InputError(_at(where, path), "values that do not fit together", str(refused))
    found = problem["input"]
    if problem["type"] == "union_tag_invalid":  # the input is the whole rule
        path, found = f"{path}.do", problem["ctx"]["tag"]
    accepted = _ACCEPTED.get(problem["type"], problem["msg"]).format(**problem.get("ctx", {}))
    advice = ""
    if problem["type"] in _NUMBER_KINDS and isinstance(problem["input"], str):
        advice = "Write a bare number; the unit is in the name of the key"
    return InputError(_at(where, path), _shown(found), accepted, advice)


def _unknown_key(owner: type[BaseModel] | None, where: str, path: str) -> InputError:
    known = sorted(owner.model_fields) if owner else []
    name = path.rsplit(".", 1)[-1]
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    advice = f"Did you mean {near[0]}?" if near else "Remove it"
    return InputError(_at(where, path), "an unknown key", ", ".join(known), advice)


def _walk(
    model: type[BaseModel], loc: tuple[int | str, ...]
) -> tuple[list[int | str], type[BaseModel] | None]:
    """The key path as written, and the document that holds its last key.

    pydantic puts the tag of a union into ``loc``; it is no key and is left out.
    """
    keys: list[int | str] = []
    owner: type[BaseModel] | None = model
    choices: list[type[BaseModel]] = [model]
    for part in loc:
        tagged = [m for m in choices if part in _tags(m)]
        if len(choices) > 1 and tagged:
            choices = tagged
            continue
        keys.append(part)
        owner = choices[0] if choices else None
        field = owner.model_fields.get(str(part)) if owner else None
        if field is not None:
            choices = list(_models(field.annotation))
        # a list index or the key of a mapping keeps the choices of what it indexes
    return keys, owner


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models(inner)


def _tags(model: type[BaseModel]) -> tuple[Any, ...]:
    field = model.model_fields.get("do")
    return get_args(field.annotation) if field else ()


def _join(head: str, keys: list[int | str]) -> str:
    path = head
    for key in keys:
        path += f"[{key}]" if isinstance(key, int) else f".{key}" if path else str(key)
    return path


def _at(where: str, path: str) -> str:
    return f"{where}: {path}" if path else where


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
