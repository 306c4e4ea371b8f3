"""Tables that a person's judgement fills: bias, certainty, overlaps, answers to `check`."""

from __future__ import annotations

from synaptrial.evidence import vocabulary as v
from synaptrial.evidence.columns import (
    KNOWN,
    MARK,
    NOTE,
    ROW_ID,
    SOURCE,
    STUDY,
    Column,
    Table,
    text,
    word,
)

RISK_OF_BIAS = Table(
    "risk_of_bias",
    ("row_id",),
    (
        ROW_ID,
        STUDY,
        text("result", "row_id of an outcome, the outcome's name, or all", needed=True),
        word("tool", tuple(v.BIAS_DOMAINS), needed=True),
        Column("tool_version", "whole", True, low=2008, help="year of the tool"),
        word("domain", v.ALL_BIAS_DOMAINS, needed=True),
        word("judgement", v.ALL_BIAS_JUDGEMENTS, needed=True),
        text("reason", needed=True),
        text("judged_by", needed=True),
        MARK,
        SOURCE,
        text("locator"),
    ),
    help="one row per study, result and domain",
)

GRADE = Table(
    "grade",
    ("row_id",),
    (
        ROW_ID,
        text("outcome", needed=True),
        text("comparison", needed=True),
        word("domain", v.GRADE_DOMAINS, needed=True),
        word("rating", v.GRADE_RATINGS, needed=True),
        text("reason"),
        text("rated_by"),
        Column("rated_on", "date"),
        NOTE,
    ),
    help="certainty of the evidence: a person's entry",
)

OVERLAPS = Table(
    "overlaps",
    ("row_id",),
    (
        ROW_ID,
        Column("study", "row", True, refers="studies", help="the part"),
        Column("overlaps_with", "row", True, refers="studies", help="the whole"),
        word("kind", v.OVERLAP_KINDS, needed=True),
        word("certain", v.CERTAINTY, needed=True),
        *KNOWN,
    ),
    help="records that share people; one record of a group is pooled",
)

ACKNOWLEDGED = Table(
    "acknowledged",
    ("row_id", "query"),
    (
        text("table", needed=True),
        Column("row_id", "text", True),
        word("query", v.QUERIES, "the code that check prints in brackets", needed=True),
        text("reason", needed=True),
        text("by", "who answers", needed=True),
    ),
    help="answers to what check asks",
)
