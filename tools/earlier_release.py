"""How the current evidence leads back to the release before it: writes evidence/releases/.

    python tools/earlier_release.py OLD_FOLDER

OLD_FOLDER: the tables as they were released. Their digest, which is printed, belongs into
`[[preceding]]` of release.toml, newest first.
"""

from __future__ import annotations

import sys
from pathlib import Path

from synaptrial.evidence.diff import diff
from synaptrial.evidence.digest import digest
from synaptrial.evidence.earlier import WORDS, Changed, Earlier, content_digest
from synaptrial.exchange.evidence.folder import read_whole, shipped_folder
from synaptrial.exchange.store import to_json

HOME = Path(__file__).parents[1] / "src" / "synaptrial" / "evidence" / "releases"


def main(folder: Path) -> None:
    old, new = read_whole(folder), read_whole(shipped_folder())
    assert old.release is not None
    assert old.sources is not None
    found = diff(old, new)
    tables = {name: table.rows for name, table in old.tables.items()}
    earlier = Earlier(
        version=old.release.version,
        restored=content_digest(tables, old.sources),
        later={d.table: tuple(d.added) for d in found if d.added},
        removed={
            d.table: tuple({c: v for c, v in row.items() if v and c not in WORDS} for row in gone)
            for d in found
            if (gone := list(d.removed.values()))
        },
        changed=tuple(
            Changed(table=d.table, row=row, cells=cells)
            for d in found
            if d.table != "sources"
            for row, changed in d.changed.items()
            if (cells := {c: was for c, (was, _) in changed.items() if c not in WORDS})
        ),
    )
    HOME.mkdir(exist_ok=True)
    path = HOME / f"{earlier.version}.json"
    path.write_text(to_json(earlier.model_dump(mode="json")), encoding="utf-8")
    print(path.name, digest(tables, old.sources))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
