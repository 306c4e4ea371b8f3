"""Walk a JSON document so that every value keeps its path; a wrong shape is told by its path."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from synaptrial.domain.errors import InputError


@dataclass(frozen=True)
class Node:
    """A value of a document. path: such as ``studies[0].resultsSection``; where: the file."""

    value: Any
    path: str
    where: str

    @property
    def locator(self) -> str:
        """File and path, as a row of the evidence base states where a number stands."""
        return f"{self.where}: {self.path}"

    def __truediv__(self, key: str) -> Node:
        """A part by its key, empty where it is absent."""
        if not isinstance(self.value, dict):
            raise self._shape("an object { }")
        return Node(self.value.get(key, {}), f"{self.path}.{key}".lstrip("."), self.where)

    def each(self, key: str) -> Iterator[Node]:
        """Members of a list, none where it is absent."""
        node = self / key
        if not isinstance(node.value, list):
            if node.value == {}:
                return
            raise node._shape("a list [ ]")
        for k, value in enumerate(node.value):
            yield Node(value, f"{node.path}[{k}]", self.where)

    def text(self, key: str) -> str:
        """A text or number as text, empty where it is absent."""
        node = self / key
        if isinstance(node.value, dict | list):
            if node.value == {}:
                return ""
            raise node._shape("a text or a number")
        return "" if node.value is None else str(node.value).strip()

    def _shape(self, accepted: str) -> InputError:
        kinds = {"dict": "an object", "list": "a list"}
        found = kinds.get(type(self.value).__name__, repr(self.value)[:40])
        at = f"{self.where}: {self.path or 'the whole file'}"
        return InputError(at, found, accepted, "Use a record as ClinicalTrials.gov API v2 gives it")
