"""The living review. Nothing of the simulation, so that a review loads no JAX."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from synaptrial import __version__
from synaptrial.evidence.base import EvidenceBase
from synaptrial.exchange.evidence.folder import load_evidence
from synaptrial.exchange.evidence.releases import load_release_or_folder
from synaptrial.exchange.references.screening_log import screening_flow
from synaptrial.exchange.review_claims import load_claims, load_readings
from synaptrial.review.moved import moved, moved_document
from synaptrial.review.result import Review, review_of
from synaptrial.review.row_changes import row_changes


def living_review(
    evidence: Path | None = None,
    *,
    force_bias_tests: bool = False,
    include_recalled: bool = False,
    as_of: int | None = None,
    screening_log: Path | None = None,
) -> Review:
    """Judge each claim of the starting text by the evidence, as of 2019 and as of now.

    evidence: the folder of an evidence base, that of the package by default. `as_of`: what had
    been published up to and including that year, in place of now. `force_bias_tests`: funnel and
    its tests below ten studies, marked. `include_recalled`: numbers from memory too, marked.
    `screening_log`: a CSV from which the flow of studies is counted. Raises InputError for
    evidence that does not pass its check, and for a log that contradicts itself.
    """
    flow = screening_flow(screening_log).flow_rows() if screening_log else ()
    return review_of(
        load_evidence(evidence), load_claims(), load_readings(), as_of=as_of,
        recalled=include_recalled, force_bias_tests=force_bias_tests, version=__version__,
        flow=flow,
    )  # fmt: skip


def review_difference(old: str, new: str) -> dict[str, Any]:
    """Which verdicts differ between two evidence bases, and which rows move them.

    old, new: releases of the shipped evidence such as "1.0.0", or folders of evidence bases. Both
    are judged by the claims, rules and readings of this version. Raises InputError for a release
    that never was, and for evidence that does not pass its check.
    """
    (before, digest_before), (after, digest_after) = map(load_release_or_folder, (old, new))
    book = load_claims()
    changes = Counter(c.kind for c in row_changes(before, after))
    return {
        "old": _head(old, before, digest_before),
        "new": _head(new, after, digest_after),
        "rows": {kind: changes[kind] for kind in ("added", "changed", "removed")},
        "claims": len(book.claim),
        "moved": moved_document(moved(before, after, book, load_readings())),
        "version": __version__,
    }


def _head(name: str, base: EvidenceBase, digest: str) -> dict[str, str]:
    return {
        "name": name, "version": base.release.version, "date": base.release.date, "digest": digest,
    }  # fmt: skip
