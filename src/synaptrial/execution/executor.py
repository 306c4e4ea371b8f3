"""Run chunks of work on threads, in order, with progress."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


def map_threads(
    work: Callable[[T], R], items: Iterable[T], cores: int, ahead: int = 2
) -> Iterator[R]:
    """Results in the order of the items; at most `cores + ahead` items are under way, so that
    memory stays flat however many there are."""
    if cores <= 1:
        yield from (work(item) for item in items)
        return
    with ThreadPoolExecutor(cores) as pool:
        waiting: deque[Future[R]] = deque()
        try:
            for item in items:
                waiting.append(pool.submit(work, item))
                if len(waiting) >= cores + ahead:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:  # an error or an interruption: what has not begun does not begin
            pool.shutdown(wait=False, cancel_futures=True)


def cores_or_all(cores: int | None) -> int:
    """The number asked for, or all that this process may use."""
    if cores is not None:
        return cores
    if hasattr(os, "sched_getaffinity"):  # Linux; a container may own fewer than the machine
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
