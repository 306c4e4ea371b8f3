"""What is published, as rows with sources, and its meta-analysis.

The meta-analysis loads on first use: SciPy takes most of a second.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from synaptrial.synthesis import MetaAnalysis as MetaAnalysis
    from synaptrial.synthesis import rma as rma

__all__ = ["MetaAnalysis", "rma"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'synaptrial.evidence' has no attribute {name!r}")
    import synaptrial.synthesis

    return getattr(synaptrial.synthesis, name)
