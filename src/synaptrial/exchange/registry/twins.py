"""Records that may be of one trial: registered twice, or an extension beside its parent."""

from __future__ import annotations

import re
from collections.abc import Sequence

from synaptrial.evidence.tables import Row
from synaptrial.exchange.json_node import Node

_REGISTRY = re.compile(r"NCT\d{8}|ISRCTN\d|ACTRN\d|\b\d{4}-\d{6}-\d{2}\b")  # no grants


def twins_flagged(records: Sequence[tuple[Row, Node]]) -> tuple[Row, ...]:
    """Rows of studies, flagged where another record names the same trial."""
    names = [_names(row, record) for row, record in records]
    out = []
    for k, (row, _) in enumerate(records):
        others = [
            records[j][0]["study"] for j, other in enumerate(names) if j != k and other & names[k]
        ]
        flags = [f"may be the same trial as {other}" for other in others]
        out.append({**row, "flag": "; ".join(filter(None, (row["flag"], *flags)))})
    return tuple(out)


def _names(row: Row, record: Node) -> frozenset[str]:
    """What a record calls its trial: registry numbers, the sponsor's number and the title."""
    identity = record / "protocolSection" / "identificationModule"
    secondary = [number.text("id") for number in identity.each("secondaryIdInfos")]
    aliases = (identity / "nctIdAliases").value
    told = [
        row["study"],
        (identity / "orgStudyIdInfo").text("id"),
        *(number for number in secondary if _REGISTRY.search(number)),
        *(map(str, aliases) if isinstance(aliases, list) else ()),
        identity.text("officialTitle"),
        identity.text("briefTitle"),
    ]
    return frozenset(" ".join(text.lower().split()) for text in told if text)
