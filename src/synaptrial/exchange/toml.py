"""Read TOML documents; say in one sentence what is wrong with a bad one."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from pydantic import BaseModel, ValidationError

from synaptrial.domain.errors import InputError
from synaptrial.domain.parameters import ParameterSet
from synaptrial.domain.population import Population
from synaptrial.domain.protocol import Protocol
from synaptrial.domain.setting import Setting
from synaptrial.exchange.complaint import complaint

M = TypeVar("M", bound=BaseModel)

# How the parser's message begins -> what to do about it.
_SYNTAX = {
    "Invalid value": "Text stands in quotes",
    "Expected '=' after a key": "A line is: key = value",
    "Cannot overwrite a value": "Each key once in a table",
    "Cannot declare": "Each table once",
    "Unclosed array": "Close the list with ]",
    "Unterminated string": "Close the text with a quote",
    "Illegal character": "Close the text with a quote, on the line where it opens",
}


class ProtocolFile(NamedTuple):
    """What a protocol file holds: one arm, and the setting of its study if the file states one."""

    protocol: Protocol
    setting: Setting | None


def read_text(path: Path, kind: str = "TOML") -> str:
    """The text of a file; ``kind`` is what messages say that it should be."""
    if path.is_dir():
        raise InputError(str(path), "a directory", "a file", f"Name one {kind} file in it")
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise InputError(str(path), "no such file", f"a {kind} file", "Check the path") from None
    except UnicodeDecodeError:
        raise InputError(str(path), "bytes that are not UTF-8", f"a {kind} file in UTF-8") from None
    except OSError as error:
        raise InputError(str(path), error.strerror or "an error", "a file to read") from None


def parse_toml(text: str, where: str) -> dict[str, Any]:
    """Text as a table of TOML."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        advice = next((what for start, what in _SYNTAX.items() if str(error).startswith(start)), "")
        raise InputError(where, f"text that is not TOML ({error})", "TOML 1.0", advice) from None


def validate(model: type[M], table: dict[str, Any], where: str, below: str = "") -> M:
    """The table as a document; what is wrong with it is raised as one InputError."""
    try:
        return model.model_validate(table)
    except ValidationError as error:
        raise complaint(model, error, where, below) from None


def protocol_file(text: str, where: str) -> ProtocolFile:
    """A protocol, and its ``[setting]`` where the text has one."""
    table = parse_toml(text, where)
    stated = table.pop("setting", None)
    if stated is None:
        return ProtocolFile(validate(Protocol, table, where), None)
    if not isinstance(stated, dict):
        raise InputError(f"{where}: setting", repr(stated), "a table [setting]")
    errors: list[InputError] = []
    protocol = _or_error(errors, lambda: validate(Protocol, table, where))
    setting = _or_error(errors, lambda: validate(Setting, stated, where, "setting"))
    if protocol is None or setting is None:
        raise InputError.joined(errors)
    return ProtocolFile(protocol, setting)


def _or_error(errors: list[InputError], read: Callable[[], M]) -> M | None:
    """What is read; else None, and why in `errors`."""
    try:
        return read()
    except InputError as error:
        errors.append(error)
        return None


def parameter_set(text: str, where: str) -> ParameterSet:
    """A set of sourced parameters."""
    return validate(ParameterSet, parse_toml(text, where), where)


def population(text: str, where: str) -> Population:
    """A population of patients."""
    return validate(Population, parse_toml(text, where), where)
