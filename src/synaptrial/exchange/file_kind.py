"""What a file is that was given in place of a CSV file, told from its first bytes."""

from __future__ import annotations

from pathlib import Path

from synaptrial.domain.errors import InputError

_SAVE = "Open it and save the sheet as CSV (UTF-8) with commas"
# First bytes, what they begin, and what to do.
_BEGINNINGS = (
    (b"PK\x03\x04", "an Excel or OpenDocument workbook", _SAVE),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook", _SAVE),
    (b"%PDF", "a PDF document", "Enter its table in a CSV file; check each number"),
    (b"\xff\xfe", "text in UTF-16, as Excel's 'Unicode text'", _SAVE),
    (b"\xfe\xff", "text in UTF-16, as Excel's 'Unicode text'", _SAVE),
    (b"\x1f\x8b", "a compressed file", "Unpack it first"),
    (b"{\\rtf", "a document of a word processor", "Enter its table in a CSV file"),
)


def refuse_other_kinds(path: Path, accepted: str) -> None:
    """Raises InputError where a file is of a kind that is known and no text of a table."""
    try:
        with path.open("rb") as file:
            first = file.read(8)
    except OSError:
        return  # whoever reads it says why it cannot be read
    for beginning, found, advice in _BEGINNINGS:
        if first.startswith(beginning):
            raise InputError(path.name, found, accepted, advice)
