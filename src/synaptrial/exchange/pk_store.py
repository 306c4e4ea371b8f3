"""Write the results of `synaptrial pk`: one JSON document and the files of its page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from synaptrial.exchange.store import to_json


def write_document(
    folder: Path,
    name: str,
    document: dict[str, Any],
    page: Callable[[Callable[[str, bytes], None]], None],
) -> None:
    """Files into a folder that exists. `page(write)` hands its own to write(name, content)."""

    def write(name: str, content: bytes) -> None:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    page(write)
    (folder / name).write_text(to_json(document), encoding="utf-8")
