"""Which verdicts differ between two bases, and the rows that leave-out finds to move them."""

from __future__ import annotations

from dataclasses import replace

from tests.review.made import BOOK, READINGS, with_arm
from tests.review.test_analyses import trials

from synaptrial.evidence.base import EvidenceBase
from synaptrial.exchange.evidence.folder import shipped_evidence
from synaptrial.exchange.evidence.releases import load_release
from synaptrial.review.moved import Moved, moved, movers
from synaptrial.review.row_changes import RowChange, reverted, row_changes
from synaptrial.review.verdicts import Verdict

SHIPPED = shipped_evidence()
ONE = BOOK.model_copy(update={"claim": tuple(c for c in BOOK.claim if c.id == "intranasal")})


def larger(k: int) -> EvidenceBase:
    """The shipped base with artificial trials of the intranasal route, which no trial has."""
    added = trials(k)
    for i in range(k):
        added = with_arm(added, f"MADE{i}", "KET", {"route": "intranasal"})
    tables = dict(SHIPPED.tables)
    for name in ("studies", "arms", "outcomes"):
        tables[name] = (*tables[name], *getattr(added, name))
    return replace(SHIPPED, tables=tables, sources={**SHIPPED.sources, **added.sources})


def now(old: EvidenceBase, new: EvidenceBase) -> Moved:
    """How the claim on the intranasal route moved, of all that is known."""
    return next(m for m in moved(old, new, ONE, READINGS) if m.as_of is None)


def test_nothing_moves_between_a_base_and_itself() -> None:
    assert moved(SHIPPED, SHIPPED, BOOK, READINGS) == ()


def test_a_new_trial_moves_a_verdict_by_its_own_rows_and_no_others() -> None:
    found = now(SHIPPED, larger(1))
    assert found.verdict_moved
    assert found.before.verdict != found.after.verdict
    assert not found.together
    rows = [(c.table, c.row) for c in found.rows]
    assert rows[0] == ("outcomes", "MADE0:diff")  # results first
    assert {c.unit for c in found.rows} == {"MADE0"}
    assert {c.kind for c in found.rows} == {"added"}


def test_what_one_trial_does_as_well_as_the_other_is_told_as_a_set() -> None:
    """Without either of two trials the verdict stands; without both it does not."""
    new = larger(2)
    found = now(SHIPPED, new)
    assert found.together
    assert {c.unit for c in found.rows} == {"MADE0", "MADE1"}
    without = reverted(new, found.rows)
    assert now(without, new).verdict_moved
    for change in found.rows:
        fewer = [c for c in found.rows if c is not change]
        again = moved(reverted(new, fewer), new, ONE, READINGS)
        assert not any(m.verdict_moved for m in again if m.as_of is None)


def test_the_way_back_removes_what_the_way_there_added() -> None:
    there, back = now(SHIPPED, larger(1)), now(larger(1), SHIPPED)
    assert (there.before, there.after) == (back.after, back.before)
    assert {c.kind for c in back.rows} == {"removed"}


def test_no_verdict_of_today_moved_from_1_0_0_to_1_1_0_and_those_of_2019_by_one_row() -> None:
    found = moved(load_release("1.0.0"), load_release("1.1.0"), BOOK, READINGS)
    verdicts = {(m.claim.id, m.as_of): m for m in found if m.verdict_moved}
    assert set(verdicts) == {("overall", 2019), ("onset", 2019)}
    for m in verdicts.values():
        assert m.before.verdict is Verdict.NOT_OBTAINED
        assert m.after.verdict is Verdict.WEAKENED
        assert [c.row for c in m.rows] == ["FEDER2014:KET-MDZ:IESR:1d:qualitative"]


def test_changes_put_back_give_the_old_base() -> None:
    old, new = load_release("1.0.0"), load_release("1.1.0")
    changes = row_changes(old, new)
    assert {c.kind for c in changes} == {"added", "changed"}
    again = reverted(new, changes)
    assert row_changes(old, again) == ()
    back = row_changes(new, old)
    assert row_changes(new, reverted(old, back)) == ()


def test_words_alone_are_no_change() -> None:
    first, *others = SHIPPED.tables["outcomes"]
    words = first | {"note": "another note", "locator": "another place"}
    tables = {**SHIPPED.tables, "outcomes": (words, *others)}
    assert row_changes(SHIPPED, replace(SHIPPED, tables=tables)) == ()


def change(study: str, row: str) -> RowChange:
    return RowChange("outcomes", row, None, {"study": study, "row_id": row})


def test_movers_are_single_rows_where_one_is_enough_else_the_least_set() -> None:
    a, b, c, d = (change(*names) for names in (("S", "a"), ("S", "b"), ("T", "c"), ("T", "d")))
    everything = (a, b, c, d)
    assert movers(everything, lambda some: a in some) == ((a,), False)
    assert movers(everything, lambda some: a in some or d in some) == ((a, d), False)
    assert movers(everything, lambda some: {a, b} <= set(some)) == ((a, b), True)
    assert movers(everything, lambda some: {b, d} <= set(some)) == ((b, d), True)
    assert movers(everything, lambda some: False) == ((), False)
