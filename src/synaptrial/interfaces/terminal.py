"""What commands share: the notice, how a result is told, a progress bar, and how an interruption is
heeded."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import typer

NOTICE = "Research tool; not for treating patients."
_interrupted = threading.Event()


def tell(document: Any, as_json: bool, words: str) -> None:
    """Print the result as JSON, or where it is in words."""
    from synaptrial.exchange.store import to_json

    typer.echo(to_json(document) if as_json else f"{words}. {NOTICE}", nl=not as_json)


def interrupt(number: int, frame: object) -> None:
    """Remember an interruption: compiled code and callbacks may swallow the exception."""
    _interrupted.set()
    raise KeyboardInterrupt


def stop_if_interrupted() -> None:
    """Raise KeyboardInterrupt if there was an interruption, even one that was swallowed."""
    if _interrupted.is_set():
        raise KeyboardInterrupt


@contextmanager
def progress_bar(what: str, total: int | None) -> Iterator[Callable[[int], None]]:
    """A progress bar on standard error, shown on terminals only."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(what, total=total)

        def advance(n: int) -> None:
            stop_if_interrupted()
            bar.advance(task, n)

        yield advance
