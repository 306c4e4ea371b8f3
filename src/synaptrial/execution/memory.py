"""How much memory the process has used at most."""

from __future__ import annotations

import sys


def peak_mib() -> int | None:
    """Largest resident memory of this process so far, MiB; None where the system does not say."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (2**20 if sys.platform == "darwin" else 2**10))  # bytes on macOS, else KiB
