"""The public functions: load what a run needs, run it, draw it.

Each loads its module on first use, so that the review and the evidence do not load JAX.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_HOMES = {
    "living_review": "claims",
    "load_arm": "loading",
    "load_evidence": "loading",
    "load_models": "loading",
    "mesh_error": "simulation",
    "pk": "exposure",
    "pk_check": "exposure",
    "prior_check": "simulation",
    "report": "simulation",
    "review_difference": "claims",
    "simulate": "simulation",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
