"""JSON Schema of the document that people write: a protocol file."""

from __future__ import annotations

from typing import Any

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
