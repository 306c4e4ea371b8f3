"""Import ClinicalTrials.gov API v2 study records with results, from files, into waiting rows.

Accepted: a file with one study, a page ``{"studies": [...]}`` or a list of studies, or a folder of
such files. Format: ClinicalTrials.gov API v2, study data structure (clinicaltrials.gov/data-api).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from synaptrial.domain.errors import InputError
from synaptrial.exchange.evidence.awaiting import RAW, Imported, Number
from synaptrial.exchange.evidence.checked import with_checks
from synaptrial.exchange.json_node import Node
from synaptrial.exchange.registry.arms import RESULTS, arm_rows, arms_of, nct_of
from synaptrial.exchange.registry.flow import event_numbers, flow_numbers
from synaptrial.exchange.registry.measures import baseline_numbers, outcome_numbers
from synaptrial.exchange.registry.study import source_of, study_row
from synaptrial.exchange.registry.twins import twins_flagged
from synaptrial.exchange.toml import read_text

_ACCEPTED = "a study record of ClinicalTrials.gov API v2 with results"
_ADVICE = "Save the answer of /api/v2/studies/NCT..., format JSON, of a study that has results"


def import_registry(path: Path) -> Imported:
    """All numbers of all studies with results. Raises InputError, also where there are none."""
    files = _files(path)
    records = [r for p in files for r in _records(read_text(p, "JSON"), p)]
    with_results = [r for r in records if (r / RESULTS).value]
    if not with_results:
        found = f"{len(records)} records, none with results"
        raise InputError(str(path), found, _ACCEPTED, _ADVICE)
    _refuse_twice(with_results, path)
    arms = [arms_of(r) for r in with_results]
    return with_checks(
        Imported(
            studies=twins_flagged([(study_row(r), r) for r in with_results]),
            arms=tuple(
                row for r, a in zip(with_results, arms, strict=True) for row in arm_rows(r, a)
            ),
            numbers=tuple(n for r in with_results for n in _numbers(r)),
            sources=tuple(source_of(r) for r in with_results),
            raw={p.name: p.read_bytes() for p in files},
        )
    )


def _numbers(record: Node) -> Iterator[Number]:
    arms = arms_of(record)
    yield from flow_numbers(record, arms)
    yield from baseline_numbers(record, arms)
    yield from outcome_numbers(record, arms)
    yield from event_numbers(record, arms)


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    files = sorted(p for p in path.iterdir() if p.suffix.lower() == ".json")
    if not files:
        raise InputError(str(path), "a folder without a .json file", _ACCEPTED, _ADVICE)
    return files


def _records(text: str, path: Path) -> list[Node]:
    """Studies of one file; the locators of their values begin with the copy in the folder."""
    where, copy = str(path), f"{RAW}/{path.name}"
    try:
        value: Any = json.loads(text.removeprefix("\ufeff"))
    except json.JSONDecodeError as error:
        found = f"text that is not JSON ({error.msg}, line {error.lineno})"
        raise InputError(where, found, _ACCEPTED, _ADVICE) from None
    if isinstance(value, dict) and "studies" in value:
        records = list(Node(value, "", copy).each("studies"))
    elif isinstance(value, list):
        records = [Node(v, f"[{k}]", copy) for k, v in enumerate(value)]
    else:
        records = [Node(value, "", copy)]
    for record in records:
        if not isinstance(record.value, dict) or not re.fullmatch(r"NCT\d{8}", nct_of(record)):
            at = f"{where}: {record.path}" if record.path else where
            found = "no number NCT... in protocolSection.identificationModule.nctId"
            raise InputError(at, found, _ACCEPTED, _ADVICE)
    return records


def _refuse_twice(records: list[Node], path: Path) -> None:
    seen: dict[str, str] = {}
    for record in records:
        nct = nct_of(record)
        if nct in seen:
            found = f"{nct} in {seen[nct]} and again in {record.where}"
            raise InputError(str(path), found, "each study once", "Remove one of the two")
        seen[nct] = record.where
