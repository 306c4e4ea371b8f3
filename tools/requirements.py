"""Print requirements from pyproject.toml: the build tools, the core, and the named extras.

requirements.py wanted test     the lines as pyproject.toml has them ("all": every extra)
requirements.py pinned test     these and all that they need, as pinned in constraints.txt
                                with the hash of every file, for pip --require-hashes
"""

import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent


def wanted(names: list[str]) -> set[str]:
    """Requirement lines of the build tools, the core and the extras."""
    document = tomllib.loads((ROOT / "pyproject.toml").read_text())
    extras = document["project"]["optional-dependencies"]
    lines = set(document["build-system"]["requires"] + document["project"]["dependencies"])
    return lines.union(*(extras[name] for name in (extras if names == ["all"] else names)))


def pinned(lines: set[str]) -> str:
    """The blocks of constraints.txt that the lines need; "# via" says what needs a block."""
    blocks, parents = {}, {}
    for block in re.split(r"\n(?=[a-z0-9])", (ROOT / "constraints.txt").read_text().strip()):
        name = block.split("==")[0]
        blocks[name] = block
        parents[name] = set(re.findall(r"^ +# +(?:via )?([a-z0-9._-]+)$", block, re.MULTILINE))
    chosen = {re.match(r"[A-Za-z0-9._-]+", line)[0].lower() for line in lines}
    while grown := {n for n in blocks if n not in chosen and parents[n] & chosen}:
        chosen |= grown
    return "\n".join(blocks[name] for name in sorted(chosen))


if __name__ == "__main__":
    lines = wanted(sys.argv[2:])
    print(pinned(lines) if sys.argv[1] == "pinned" else "\n".join(sorted(lines)))
