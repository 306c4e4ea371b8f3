"""Small inputs with their right answers, kept beside the repository; tests skip without them."""

from __future__ import annotations

from pathlib import Path

import pytest

_CASES = Path(__file__).parents[3] / "shared" / "cases"


def case(name: str) -> Path:
    """The folder of a case."""
    found = sorted(_CASES.glob(f"*/{name}"))
    if not found:
        pytest.skip(f"the case {name} is not beside the repository")
    return found[0]
