"""The living review. Nothing of the simulation, so that a review loads no JAX."""

from __future__ import annotations

from pathlib import Path

from synaptrial import __version__
from synaptrial.exchange.evidence.folder import load_evidence
from synaptrial.exchange.references.screening_log import screening_flow
from synaptrial.exchange.review_claims import load_claims, load_readings
from synaptrial.review.result import Review, review_of


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
