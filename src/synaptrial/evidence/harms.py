"""Adverse events as published, for a treatment: which trials counted them, and in how many people.

A row fits where drug and route are those of the treatment, and for ketamine the form too. Doses
are shown beside each other and never adjusted. Trials are not pooled, since they counted over
different times; serious events are, for the bound that nobody having one still leaves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from synaptrial.domain.dose import route_words
from synaptrial.evidence.exact import exact_interval
from synaptrial.evidence.tables import Row, number, parts

SERIOUS = "any_serious"
TERMS = {
    "ketamine": ("nausea", "headache", "dizziness", "dissociation", "bp_rise", SERIOUS),
    "sertraline": ("nausea", "sexual", "insomnia"),
    "paroxetine": ("nausea", "sexual", "insomnia"),
}
FORMS = {"racemic": "racemic ketamine", "s": "S-ketamine", "r": "R-ketamine", "": ""}
READ = ("READ", "DIGITISED", "DERIVED")
Found = tuple[Row, Row]  # an event and its arm


@dataclass(frozen=True)
class Drug:
    """What is given; form: enantiomer of ketamine, else empty."""

    name: str
    route: str
    form: str = ""

    @property
    def words(self) -> str:
        """Such as: S-ketamine, intranasal."""
        return f"{FORMS[self.form] or self.name}, {route_words(self.route)}"


def harms(drug: Drug, events: Sequence[Row], arms: Sequence[Row]) -> list[dict[str, Any]]:
    """For each term that is asked for: the trials that counted it, or why nothing is known.

    events, arms: rows of the tables `adverse_events` and `arms`. Each trial has a `share` with its
    exact 95% interval, which is None where it was not read of how many.
    """
    by_arm = {(a["study"], a["arm"]): a for a in arms}
    fits = [
        (e, by_arm[e["study"], e["arm"]])
        for e in events
        if e["mark"] in READ and _fits(drug, by_arm[e["study"], e["arm"]])
    ]
    out = []
    for term in TERMS.get(drug.name, ()):
        found = [(e, a) for e, a in fits if e["term"] == term]
        trials = _pooled(found) if term == SERIOUS else [_trial(e, a) for e, a in _best(found)]
        why = "" if trials else f"no count was read for {drug.words}"
        out.append({"drug": drug.words, "term": term, "trials": trials, "unknown": why})
    return out


def _fits(drug: Drug, arm: Row) -> bool:
    given = parts(arm["drug"])
    return drug.name in given and arm["route"] == drug.route and arm["enantiomer"] == drug.form


def _best(found: Sequence[Found]) -> list[Found]:
    """Counts before percentages of an unknown number; patients with PTSD before others."""
    for sort in (_counted, lambda pair: pair[1]["ptsd"] == "yes"):
        found = [pair for pair in found if sort(pair)] or list(found)
    return list(found)


def _counted(pair: Found) -> bool:
    return pair[0]["usable"] == "yes" and _events(pair[0]) is not None


def _events(event: Row) -> tuple[int, int] | None:
    """Events and patients; a percentage of a known number as the nearest whole one."""
    n, value = number(event, "n"), number(event, "value")
    if n is None:
        return None
    if event["statistic"] == "count" and event["events"]:
        return int(event["events"]), int(n)
    if event["statistic"] == "percent" and value is not None:
        return round(value * n / 100), int(n)
    return None


def _trial(event: Row, arm: Row) -> dict[str, Any]:
    counts, value = _events(event), number(event, "value")
    share = counts[0] / counts[1] if counts else (value or 0.0) / 100
    low, high = exact_interval(*counts) if counts else (None, None)
    return {
        "study": event["study"],
        "what": event["label"],
        "events": counts[0] if counts else None,
        "n": counts[1] if counts else None,
        "share": share,
        "low": low,
        "high": high,
        "dose": f"{arm['dose']} {arm['dose_unit']}" if arm["dose"] else "unknown",
        "ptsd": arm["ptsd"],
        "note": "; ".join(x for x in (event["time_note"], *_given(arm), event["note"]) if x),
        "mark": event["mark"] if event["statistic"] == "count" or not counts else "DERIVED",
        "sources": [event["source"]],
        "rows": [event["row_id"]],
    }


def _given(arm: Row) -> list[str]:
    """What to know of an arm's treatment beside drug, route and dose."""
    _, *others = parts(arm["drug"])
    return [*(f"with {other}" for other in others), arm["flag"]]


def _pooled(found: Sequence[Found]) -> list[dict[str, Any]]:
    """Serious events of all trials that counted them, as one: trials of other people each."""
    counted = [(e, a, c) for e, a in found if e["usable"] == "yes" and (c := _events(e))]
    in_ptsd = [x for x in counted if x[1]["ptsd"] == "yes"]
    pools = {"in people with PTSD": in_ptsd, "all these trials together": counted}
    if len(in_ptsd) == len(counted):
        del pools["all these trials together"]
    return [_pool(words, own) for words, own in pools.items() if own]


def _pool(words: str, counted: Sequence[tuple[Row, Row, tuple[int, int]]]) -> dict[str, Any]:
    events, n = (sum(c[k] for _, _, c in counted) for k in (0, 1))
    low, high = exact_interval(events, n)
    return {
        "study": ", ".join(e["study"] for e, _, _ in counted),
        "what": f"serious adverse events, {words}",
        "events": events,
        "n": n,
        "share": events / n,
        "low": low,
        "high": high,
        "dose": ", ".join(
            f"{a['dose']} {a['dose_unit']}" if a["dose"] else "unknown" for _, a, _ in counted
        ),
        "ptsd": "yes" if all(a["ptsd"] == "yes" for _, a, _ in counted) else "unknown",
        "note": "; ".join(e["time_note"] or f"{e['day']} days" for e, _, _ in counted),
        "mark": "DERIVED",
        "sources": list(dict.fromkeys(e["source"] for e, _, _ in counted)),
        "rows": [e["row_id"] for e, _, _ in counted],
    }
