"""Synaptrial: from a ketamine protocol for PTSD to virtual patients. A research tool.

    from synaptrial import simulate
    result = simulate(["FEDER2021_KET", "FEDER2021_MDZ"], draws=200)

Names load on first use, so that importing the package is quick.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"
__all__ = [
    "Protocol", "Setting", "living_review", "load_evidence", "load_protocol", "mesh_error", "pk",
    "report", "simulate",
]  # fmt: skip

_HOMES = {
    "Protocol": "synaptrial.domain.protocol",
    "Setting": "synaptrial.domain.setting",
    "load_protocol": "synaptrial.exchange.bundled",
}


def __getattr__(name: str) -> Any:
    if name in __all__:
        return getattr(import_module(_HOMES.get(name, "synaptrial.facade")), name)
    raise AttributeError(f"module 'synaptrial' has no attribute {name!r}")
