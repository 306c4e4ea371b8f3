"""How JAX is set up: 64-bit, no threads of its own on the CPU, compiled code kept on disk."""

from __future__ import annotations

import ctypes
import os
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

_FLAG = "--xla_cpu_multi_thread_eigen=false"
if "xla_cpu_multi_thread_eigen" not in os.environ.get("XLA_FLAGS", ""):
    os.environ["XLA_FLAGS"] = f"{os.environ.get('XLA_FLAGS', '')} {_FLAG}".strip()

import jax  # noqa: E402  (after the flags)

CACHE_BYTES = 2**30

jax.config.update("jax_enable_x64", True)
jax.config.update("jax_cpu_enable_async_dispatch", False)  # a thread computes what it asked for


def keep_compiled_code() -> None:
    """Keep compiled code in the user's cache folder, where there is one that can be written.

    A cache that the user has set up for JAX (JAX_COMPILATION_CACHE_DIR) is left as it is.
    """
    if jax.config.values["jax_compilation_cache_dir"] is not None:
        return
    folder = _cache_folder()
    if folder is None:
        return
    _keep_below(folder, CACHE_BYTES)
    jax.config.update("jax_compilation_cache_dir", str(folder))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.1)


def _cache_folder() -> Path | None:
    try:
        folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
        folder = folder / "synaptrial" / "jax"
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):  # the surest test of the right to write
            return folder
    except (OSError, RuntimeError):  # RuntimeError: there is no home
        return None


def _keep_below(folder: Path, most: int) -> None:
    """Remove the oldest files of a folder until the rest is below `most` bytes.

    JAX would do so by itself (jax_compilation_cache_max_size), but only with a further package.
    """
    total = 0
    with suppress(OSError):  # another run may clear at the same time
        found = [(p.stat().st_mtime, p.stat().st_size, p) for p in folder.iterdir()]
        for _, size, path in sorted(found, reverse=True):
            total += size
            if total > most:
                path.unlink(missing_ok=True)


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
