"""Records that someone broke: one message, or rows that can be written. Never anything else."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.support.registry import record

from synaptrial.domain.errors import InputError
from synaptrial.exchange.evidence.awaiting import import_summary
from synaptrial.exchange.registry.record import import_registry

Path_ = tuple[str | int, ...]


def places(value: Any, path: Path_ = ()) -> Iterator[Path_]:
    members = value.items() if isinstance(value, dict) else enumerate(value)
    for key, member in members:
        yield (*path, key)
        if isinstance(member, dict | list):
            yield from places(member, (*path, key))


WHOLE = record()
PLACES = st.sampled_from(list(places(WHOLE)))
WRONG = st.sampled_from(
    ["", None, 0, -1, True, 7.5, "x", "NA", "1e5", "<0.001", "²", "1,5", "A; B", "{x}", "Total",
     '"q",\n z', [], {}, ["a"], {"a": 1}]
)  # fmt: skip


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(places=st.lists(st.tuples(PLACES, WRONG), min_size=1, max_size=4))
def test_a_broken_record(tmp_path: Path, places: list[tuple[Path_, Any]]) -> None:
    broken = copy.deepcopy(WHOLE)
    for path, wrong in places:
        holder: Any = broken
        try:
            for key in path[:-1]:
                holder = holder[key]
            holder[path[-1]] = wrong
        except (KeyError, IndexError, TypeError):
            continue  # an earlier change took the place away
    file = tmp_path / "broken.json"
    file.write_text(json.dumps(broken), "utf-8")
    try:
        imported = import_registry(file)
    except InputError:
        return
    assert import_summary(imported)["numbers"] == len({n.row_id for n in imported.numbers})
    assert all(n.flags for n in imported.numbers if not n.table)
