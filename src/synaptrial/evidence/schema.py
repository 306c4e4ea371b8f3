"""What each table of the evidence base holds: one description, which `check` and the docs read."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from synaptrial.evidence import schema_judgements as judgements
from synaptrial.evidence import schema_laboratory as laboratory
from synaptrial.evidence import schema_trials as trials
from synaptrial.evidence.columns import Table

TABLES: Mapping[str, Table] = MappingProxyType(
    {
        table.name: table
        for table in (
            trials.STUDIES,
            trials.ARMS,
            trials.OUTCOMES,
            trials.ADVERSE_EVENTS,
            laboratory.ACUTE,
            trials.META_ANALYSES,
            judgements.RISK_OF_BIAS,
            judgements.GRADE,
            judgements.OVERLAPS,
            judgements.ACKNOWLEDGED,
            laboratory.SCALES,
            laboratory.PHARMACODYNAMICS,
            laboratory.PK_OBSERVATIONS,
            laboratory.PK_CLAIMS,
            laboratory.PK_MISS_NOTES,
        )
    }
)
# Tables whose rows are named by row_id, which no other of them may use.
NUMBERED = tuple(name for name, table in TABLES.items() if table.key == ("row_id",))
