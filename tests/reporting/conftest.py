"""One made-up result for all tests of pages."""

from __future__ import annotations

import pytest
from tests.reporting.made_up import Result, make_result


@pytest.fixture(scope="session")
def result() -> Result:
    return make_result()
