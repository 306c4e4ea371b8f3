"""What a command loads: a review and the evidence need no JAX, and the evidence no altair."""

from __future__ import annotations

import subprocess
import sys

import pytest

import synaptrial

COMMAND = """
import sys
from synaptrial.interfaces.cli import main
try:
    main()
except SystemExit as end:
    assert not end.code
"""
REVIEW = "import sys\nfrom synaptrial import facade\nfacade.living_review().document\n"
META = (
    "import sys\nfrom synaptrial.evidence import MetaAnalysis, rma\nrma([0.1, 0.3], [0.1, 0.1])\n"
)


def loaded(code: str, *arguments: str) -> set[str]:
    """The modules that stand loaded after a piece of code."""
    shown = f"{code}\nprint('LOADED', *sys.modules)"
    call = [sys.executable, "-c", shown, *arguments]
    done = subprocess.run(call, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split("LOADED ")[-1].split())


@pytest.mark.parametrize(
    "code, arguments, unwanted",
    [
        (COMMAND, ("review", "--help"), {"jax", "altair", "scipy", "numpy"}),
        (COMMAND, ("evidence", "list"), {"jax", "altair", "scipy"}),
        (REVIEW, (), {"jax", "altair"}),
        (META, (), {"jax", "altair"}),
    ],
)
def test_what_is_not_needed_is_not_loaded(
    code: str, arguments: tuple[str, ...], unwanted: set[str]
) -> None:
    modules = loaded(code, *arguments)
    assert "synaptrial" in modules
    assert not modules & unwanted


def test_a_review_with_its_page_loads_no_jax(tmp_path) -> None:
    modules = loaded(COMMAND, "review", "--out", str(tmp_path / "review"))
    assert "altair" in modules, "the page draws"
    assert "jax" not in modules


def test_every_public_name_is_found() -> None:
    assert all(getattr(synaptrial, name) for name in synaptrial.__all__)
    assert set(synaptrial._HOMES) <= set(synaptrial.__all__)
