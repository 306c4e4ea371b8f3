"""Documents that people write: frozen, no unknown keys, every field with its mark."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field, model_validator

from synaptrial.domain.sources import Mark

# Strict: a number written as text ("0.5 mg/kg") is refused, not guessed at.
Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
NonNegative = Annotated[float, Field(strict=True, allow_inf_nan=False, ge=0)]
Positive = Annotated[float, Field(strict=True, allow_inf_nan=False, gt=0)]
Share = Annotated[float, Field(strict=True, allow_inf_nan=False, ge=0, le=1)]
Count = Annotated[int, Field(strict=True, ge=1, le=1000)]
Key = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]+$", max_length=80)]


class Refused(ValueError):
    """A value that a document cannot hold. ``at`` is a key path below the table that refuses."""

    def __init__(self, at: str, found: object, accepted: str, advice: str = "") -> None:
        self.at, self.found, self.accepted, self.advice = at, found, accepted, advice
        text = f"{at}: found {found}; accepted: {accepted}" if at else f"found {found}; {accepted}"
        super().__init__(f"{text}. {advice}" if advice else text)


class Document(BaseModel):
    """Base of all documents."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class FieldMark(Document):
    """How one field is known."""

    mark: Mark
    source: str = ""
    locator: str = ""
    reason: str = ""

    @model_validator(mode="after")
    def _explained(self) -> FieldMark:
        if self.mark is Mark.ASSUMED and not self.reason:
            raise Refused("reason", "nothing", "the reason of an ASSUMED field")
        if self.mark is not Mark.ASSUMED and not self.source:
            raise Refused("source", "nothing", f"the source of a {self.mark} field")
        return self


class SeveralRefused(ValueError):
    """More than one value that a document cannot hold."""

    def __init__(self, refusals: Sequence[Refused]) -> None:
        self.refusals = tuple(refusals)
        super().__init__("; ".join(map(str, refusals)))


def refuse_all(refusals: Sequence[Refused]) -> None:
    """Raise what was refused together; nothing where nothing was."""
    if len(refusals) > 1:
        raise SeveralRefused(refusals)
    if refusals:
        raise refusals[0]


UNMARKED = FieldMark(mark=Mark.ASSUMED, reason="given in the protocol file without a source")


@dataclass(frozen=True)
class MarkedField:
    """One field of a document with its mark; ``path`` is for example ``doses[0].infusion_min``."""

    path: str
    value: object
    mark: FieldMark


class MarkedDocument(Document):
    """A table whose ``marks`` sub-table says how each field is known.

    ``marks.default`` holds for all fields that have no entry of their own. ``labels`` are the
    fields that name the document and state nothing about the world.
    """

    labels: ClassVar[frozenset[str]] = frozenset()

    marks: Mapping[str, FieldMark] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _marks_name_fields(self) -> MarkedDocument:
        fields = sorted(set(type(self).model_fields) - {"marks"})
        for name in self.marks:
            if name != "default" and name not in fields:
                raise Refused(f"marks.{name}", "no such field", f"default, {', '.join(fields)}")
        return self

    def mark_of(self, name: str) -> FieldMark:
        """The mark of one field; a field without any is ASSUMED, given by the writer."""
        return self.marks.get(name) or self.marks.get("default") or UNMARKED

    def marked_fields(self, path: str = "") -> Iterator[MarkedField]:
        """Every field that was given, tables within tables included."""
        for name in type(self).model_fields:
            if name in self.labels | {"marks"} or name not in self.model_fields_set:
                continue
            value = getattr(self, name)
            here = f"{path}.{name}" if path else name
            items = value if isinstance(value, tuple) else (value,)
            if items and all(isinstance(i, MarkedDocument) for i in items):
                for k, item in enumerate(items):
                    yield from item.marked_fields(
                        f"{here}[{k}]" if isinstance(value, tuple) else here
                    )
            else:
                yield MarkedField(here, value, self.mark_of(name))


def digest_of(document: BaseModel) -> str:
    """SHA-256 of the document as canonical JSON."""
    content: Any = document.model_dump(mode="json")
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()
