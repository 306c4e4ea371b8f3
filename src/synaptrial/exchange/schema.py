"""JSON Schemas of the documents that people write."""

from __future__ import annotations

from typing import Any

from synaptrial.domain.parameters import ParameterSet
from synaptrial.domain.population import Population
from synaptrial.domain.protocol import Protocol
from synaptrial.domain.setting import Setting

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def protocol_schema() -> dict[str, Any]:
    """JSON Schema of a protocol file, ``[setting]`` included."""
    schema = Protocol.model_json_schema()
    setting = Setting.model_json_schema()
    schema["$defs"] |= setting.pop("$defs", {}) | {"Setting": setting}
    schema["properties"]["setting"] = {"$ref": "#/$defs/Setting"}
    return {"$schema": _DIALECT, **schema}


def population_schema() -> dict[str, Any]:
    """JSON Schema of a population file."""
    return {"$schema": _DIALECT, **Population.model_json_schema()}


def parameter_set_schema() -> dict[str, Any]:
    """JSON Schema of a parameter set or a prior document."""
    return {"$schema": _DIALECT, **ParameterSet.model_json_schema()}
