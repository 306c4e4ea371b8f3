"""What the review takes from the evidence: tables of text rows, and how studies hang together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from synaptrial.domain.sources import Source
from synaptrial.evidence.base import EvidenceBase
from synaptrial.evidence.overlaps import connected
from synaptrial.evidence.tables import Row
from synaptrial.evidence.vocabulary import KETAMINE_PTSD, NOT_JUDGED, RANDOMISED, SAME_PEOPLE

Rows = tuple[Row, ...]
HIGH = ("high", "serious", "critical")


@dataclass(frozen=True)
class Tables:
    """The tables of one release of the evidence base that the review rests on."""

    studies: Rows
    arms: Rows
    outcomes: Rows
    acute: Rows
    pharmacodynamics: Rows
    published: Rows  # pooled results of others
    sources: Mapping[str, Source]
    adverse_events: Rows = ()
    risk_of_bias: Rows = ()
    overlaps: Rows = ()
    grade: Rows = ()

    @classmethod
    def of(cls, base: EvidenceBase) -> Tables:
        """The tables of an evidence base."""
        rows = base.tables
        return cls(
            rows["studies"], rows["arms"], rows["outcomes"], rows["acute"],
            rows["pharmacodynamics"], rows["meta_analyses"], base.sources,
            rows["adverse_events"], rows["risk_of_bias"], rows["overlaps"], rows["grade"],
        )  # fmt: skip

    def study(self, key: str) -> Row:
        """The row of a study; of a study that only other tables name, its key alone."""
        return next((r for r in self.studies if r["study"] == key), {"study": key})

    def arm(self, study: str, arm: str) -> Row | None:
        """The row of an arm, or None."""
        found = (r for r in self.arms if (r["study"], r["arm"]) == (study, arm))
        return next(found, None)

    def arms_of(self, study: str) -> Rows:
        return tuple(r for r in self.arms if r["study"] == study)

    def family(self, study: str) -> str:
        """The name of the group of studies that share patients: its first member by name."""
        return next((min(group) for group in self._families if study in group), study)

    def share(self, one: str, other: str) -> bool:
        """Whether two studies may not enter one analysis together: they share patients, or one
        pools or extends the other."""
        stated = any({r["study"], r["overlaps_with"]} == {one, other} for r in self.overlaps)
        return stated or self.family(one) == self.family(other)

    @cached_property
    def _families(self) -> tuple[frozenset[str], ...]:
        parts = [(r["study"], r["part_of"]) for r in self.studies if r.get("part_of")]
        shared = [r for r in self.overlaps if r["kind"] in SAME_PEOPLE]
        return connected([*parts, *((r["study"], r["overlaps_with"]) for r in shared)])

    def year(self, key: str) -> int | None:
        """Year of publication: of the study, else of its source; None if neither is known."""
        row = self.study(key)
        if row.get("year"):
            return int(row["year"])
        source = self.sources.get(row.get("source") or key)
        return source.year if source else None

    def high_bias(self, study: str) -> bool:
        """Whether any domain of risk of bias was judged high, serious or critical."""
        judged = (r["judgement"] for r in self.risk_of_bias if r["study"] == study)
        return any(j in HIGH for j in judged)

    def overall_bias(self, study: str) -> str:
        """The worst overall judgement of a study; where none was made, high if any domain is, for
        the whole is no better than its parts, else not judged."""
        if self.high_bias(study):
            return "high"
        mine = (r for r in self.risk_of_bias if r["study"] == study and r["domain"] == "overall")
        judged = {r["judgement"] for r in mine} - {NOT_JUDGED}
        return next((j for j in ("some concerns", "moderate", "low") if j in judged), NOT_JUDGED)

    def trials(self) -> Rows:
        """Randomised studies of ketamine in PTSD that have reported, those that are part of
        another included."""
        return tuple(r for r in self.ketamine_studies() if r["design"] in RANDOMISED)

    def ketamine_studies(self) -> Rows:
        """Studies of ketamine in PTSD that have reported: what has neither a year nor a result is
        still going on."""
        with_results = {r["study"] for r in self.outcomes}
        return tuple(
            r
            for r in self.studies
            if r["kind"] == KETAMINE_PTSD and (r["year"] or r["study"] in with_results)
        )


def is_drug(arm: Row | None) -> bool:
    """Whether an arm gives ketamine, of whichever form."""
    return arm is not None and "ketamine" in arm["drug"].split(";")
