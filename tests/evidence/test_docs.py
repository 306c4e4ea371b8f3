"""docs/evidence.md says what the schema says, and its example can be added as it stands."""

from __future__ import annotations

import re
from pathlib import Path

from tests.support.evidence_folder import write

from synaptrial.evidence.columns import Column
from synaptrial.evidence.schema import TABLES
from synaptrial.evidence.vocabulary import QUERIES
from synaptrial.exchange.evidence.add import add_study
from synaptrial.exchange.evidence.folder import shipped_evidence

PAGE = Path(__file__).parents[2] / "docs" / "evidence.md"


def columns_page() -> str:
    """The last part of the page: to write it anew, print this."""
    return "\n".join(
        "\n".join(
            [f"### {table.name}.csv", "", f"{table.help}; key: {', '.join(table.key)}", ""]
            + ["| column | holds | |", "|---|---|---|"]
            + [_line(column) for column in table.columns]
            + [""]
        )
        for table in TABLES.values()
    )


def _line(column: Column) -> str:
    star = "*" if column.needed else ""
    return f"| `{column.name}`{star} | {_holds(column)} | {column.help} |"


def _holds(column: Column) -> str:
    words = ", ".join(f"`{w}`" for w in column.accepted)
    known = {
        "row": f"a row of {column.refers}",
        "rows": f"rows of {column.refers}",
        "source": "a key of sources.bib",
        "arm": "an arm of its study",
        "arms": "arms of its study",
        "registry": "a registry number",
        "whole": "whole number",
        "word": words,
        "words": f"some of {words}",
    }.get(column.kind, column.kind)
    least = "" if column.low is None else f"from {column.low:g}"
    most = "" if column.high is None else f"to {column.high:g}"
    return " ".join(part for part in (known, least, most, column.unit) if part)


def test_the_page_lists_every_column() -> None:
    assert PAGE.read_text(encoding="utf-8").endswith(columns_page())


def test_the_example_can_be_added(tmp_path: Path) -> None:
    example = re.search(r"```toml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert example is not None
    study = tmp_path / "gamma.toml"
    study.write_text(example[1], encoding="utf-8")
    assert add_study(study, write(tmp_path / "base")) == ()


def test_every_query_is_explained() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert [
        code for code in QUERIES if f"| `{code}`" not in page and f", `{code}`" not in page
    ] == []


def test_releases_stand_with_their_digests() -> None:
    base = shipped_evidence()
    page = PAGE.read_text(encoding="utf-8")
    past = [(p.version, p.date, p.digest) for p in base.release.preceding]
    for version, date, digest in [*past, (base.release.version, base.release.date, base.digest)]:
        assert f"| {version} | {date} | `{digest}` |" in page
