"""Tables of what stands beside the trials: hours after a dose, exposure, scales."""

from __future__ import annotations

from synaptrial.evidence import vocabulary as v
from synaptrial.evidence.columns import (
    ANY_STUDY,
    HIGH,
    KNOWN,
    LOW,
    NOTE,
    ROW_ID,
    SD,
    Column,
    N,
    Table,
    number,
    text,
    word,
)

ACUTE = Table(
    "acute",
    ("row_id",),
    (
        ROW_ID,
        ANY_STUDY,
        text("arm", needed=True),
        text("drug", needed=True),
        text("route", needed=True),
        text("given"),
        word("quantity", v.ACUTE_QUANTITIES, needed=True),
        number("time_min", "minutes from the start of the dose", low=0, unit="min"),
        word("statistic", v.ACUTE_STATISTICS, needed=True),
        number("value"),
        SD,
        LOW,
        HIGH,
        N,
        word("unit", v.ACUTE_UNITS),
        *KNOWN,
    ),
    help="the hours after a dose: pressure, pulse, dissociation",
)

SCALES = Table(
    "scales",
    ("row_id",),
    (
        ROW_ID,
        word("scale", (*v.SCALE_KEYS, *v.OTHER_SCALES), needed=True),
        text("quantity", needed=True),
        number("value"),
        LOW,
        HIGH,
        word("unit", ("points", "SD", "%", "-"), needed=True),
        *KNOWN,
    ),
    help="what is known of the rating scales",
)

PHARMACODYNAMICS = Table(
    "pharmacodynamics",
    ("row_id",),
    (
        ROW_ID,
        ANY_STUDY,
        text("quantity", needed=True),
        number("value"),
        SD,
        LOW,
        HIGH,
        N,
        text("unit", needed=True),
        *KNOWN,
    ),
    help="affinity, potency, occupancy",
)

PK_OBSERVATIONS = Table(
    "pk_observations",
    ("row_id",),
    (
        ROW_ID,
        ANY_STUDY,
        text("population"),
        N,
        word("given", v.PK_GIVEN, needed=True),
        word("given_mark", v.MARKS),
        text("route", needed=True),
        Column("dose", "numbers", True, low=0),
        text("dose_unit", needed=True),
        Column("start_h", "numbers", True, unit="h"),
        Column("duration_h", "numbers", True, low=0, unit="h"),
        Column("devices", "numbers", True, low=0),
        number("weight_kg", low=1, high=400, unit="kg", needed=True),
        word("weight_mark", v.MARKS, needed=True),
        number("age_y", low=0, high=120, unit="y"),
        word("age_mark", v.MARKS),
        word("race", v.PK_RACES),
        word("site", v.PK_SITES, needed=True),
        word("site_mark", v.MARKS, needed=True),
        word("salt_or_base", v.PK_SALTS, needed=True),
        word("salt_mark", v.MARKS),
        word("analyte", v.PK_ANALYTES, needed=True),
        word("enantiomer", v.PK_ENANTIOMERS, needed=True),
        word("quantity", v.PK_QUANTITIES, needed=True),
        word("averaging", v.PK_AVERAGING, needed=True),
        number("time_h", low=0, unit="h"),
        text("window_h", "from;to in hours; to may be inf"),
        number("value"),
        LOW,
        HIGH,
        word("unit", v.PK_UNITS, needed=True),
        text("spread"),
        *KNOWN,
    ),
    help="published exposure",
)
_PK_ROW = Column("row_id", "row", True, refers="pk_observations")

PK_CLAIMS = Table(
    "pk_claims",
    ("row_id", "model"),
    (_PK_ROW, text("model"), word("use", v.PK_USES, needed=True), NOTE),
    help="which model answers for an exposure row",
)

PK_MISS_NOTES = Table(
    "pk_miss_notes",
    ("row_id", "model"),
    (_PK_ROW, text("model", needed=True), text("explanation", needed=True)),
    help="why a model misses an exposure row",
)
