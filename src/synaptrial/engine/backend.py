"""How JAX is set up: 64-bit, no threads of its own on the CPU, compiled code kept on disk."""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path

_FLAG = "--xla_cpu_multi_thread_eigen=false"
if "xla_cpu_multi_thread_eigen" not in os.environ.get("XLA_FLAGS", ""):
    os.environ["XLA_FLAGS"] = f"{os.environ.get('XLA_FLAGS', '')} {_FLAG}".strip()

import jax  # noqa: E402  (after the flags)

jax.config.update("jax_enable_x64", True)
jax.config.update("jax_cpu_enable_async_dispatch", False)  # a thread computes what it asked for


def keep_compiled_code(folder: Path | None = None) -> None:
    """Keep compiled code on disk, by default in the user's cache folder."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    jax.config.update("jax_compilation_cache_dir", str(folder or cache / "synaptrial" / "jax"))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.1)


def keep_scratch_memory() -> None:
    """Keep the memory that a compiled call works in for the next call.

    Linux hands large blocks back after each call and maps them in anew, page by page: half the
    time of a large gradient. Elsewhere than with glibc this does nothing.
    """
    libc = ctypes.CDLL(None) if sys.platform == "linux" else None
    if libc is not None and hasattr(libc, "mallopt"):
        trim, mapped = -1, -3  # M_TRIM_THRESHOLD, M_MMAP_THRESHOLD
        libc.mallopt(trim, 2**30)
        libc.mallopt(mapped, 2**30)
