"""Run the command `synaptrial` in this process or in another one."""

from __future__ import annotations

import contextlib
import io
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple
from unittest import mock

from synaptrial.interfaces import cli

SMALL = ("--patients", "8", "--draws", "4", "--no-figures", "--courses", "4")
RUN = "import sys; sys.argv[0] = 'synaptrial'; from synaptrial.interfaces.cli import main; main()"


class Done(NamedTuple):
    """How a command ended."""

    status: int
    out: str
    err: str


def synaptrial(*arguments: str | Path) -> Done:
    """Run the command in this process: what it has compiled stays for the next."""
    out, err = io.StringIO(), io.StringIO()
    status: object = 0
    with (
        mock.patch.object(sys, "argv", ["synaptrial", *map(str, arguments)]),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            cli.main()
        except SystemExit as end:
            status = end.code or 0
    assert isinstance(status, int)
    return Done(status, out.getvalue(), err.getvalue())


def begin(*arguments: str | Path) -> subprocess.Popen[str]:
    """Begin the command in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-c", RUN, *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
