"""What a page needs of a result."""

from __future__ import annotations

from typing import Any, Protocol

import pandas as pd


class ResultLike(Protocol):
    """A summary and tidy courses; see `simulation.summary.result.Result`."""

    @property
    def summary(self) -> dict[str, Any]: ...
    @property
    def courses(self) -> pd.DataFrame: ...
