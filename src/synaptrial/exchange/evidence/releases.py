"""Releases of the shipped evidence by name, and evidence bases by release or folder."""

from __future__ import annotations

import re
from importlib import resources
from pathlib import Path

from synaptrial.domain.errors import InputError
from synaptrial.evidence.base import EvidenceBase
from synaptrial.evidence.earlier import Earlier, put_back
from synaptrial.exchange.evidence.folder import load_evidence, shipped_evidence

_VERSION = re.compile(r"\d+\.\d+\.\d+")


def load_release(version: str) -> EvidenceBase:
    """A release of the shipped evidence, put back step by step from the current one.

    Raises InputError for a version that was never released.
    """
    base = shipped_evidence()
    steps = base.release.preceding
    known = [base.release.version, *(p.version for p in steps)]
    if version not in known:
        accepted = f"a release of the shipped evidence ({', '.join(known)}), or a folder"
        raise InputError(version, "no release of this number", accepted)
    for step in steps[: known.index(version)]:
        base = put_back(base, _earlier(step.version))
    return base


def load_release_or_folder(name: str) -> tuple[EvidenceBase, str]:
    """A release by its number such as 1.0.0, or the base of a folder; and its digest, which of an
    earlier release is that of the day when it was released."""
    if not _VERSION.fullmatch(name):
        base = load_evidence(Path(name))
        return base, base.digest
    base = load_release(name)
    then = {p.version: p.digest for p in shipped_evidence().release.preceding}
    return base, then.get(name) or base.digest


def _earlier(version: str) -> Earlier:
    home = resources.files("synaptrial") / "evidence" / "releases"
    return Earlier.model_validate_json((home / f"{version}.json").read_text(encoding="utf-8"))
