"""Errors that a user can meet.

SynaptrialError
├── InputError      what the user gave cannot be used; exit status 2
└── NonFinite       a number that is not finite came out; exit status 1
    └── NonFiniteOutput     in a result that was about to be written

Anything else that is raised is a fault of ours.
"""

from __future__ import annotations

from collections.abc import Sequence

MOST_TOLD = 5  # faults of one file; fewer are mended at once


class SynaptrialError(Exception):
    """Base of all errors raised on purpose."""


class InputError(SynaptrialError):
    """Bad input, told in one line: where, what was found, what is accepted, what to do. Where more
    is wrong, the first of it stands in the fields, and the message tells all."""

    def __init__(self, where: str, found: object, accepted: str, advice: str = "") -> None:
        self.where, self.found, self.accepted, self.advice = where, found, accepted, advice
        message = f"{where}: found {found}; accepted: {accepted}"
        super().__init__(f"{message}. {advice}" if advice else message)

    @classmethod
    def joined(cls, errors: Sequence[InputError]) -> InputError:
        """Several as one, each told once; after the first MOST_TOLD they are counted."""
        told = list({str(e): e for e in errors}.values())
        first, *others = told
        if not others:
            return first
        text = [f"Also {e}" for e in others[: MOST_TOLD - 1]]
        if more := len(others) - len(text):
            text.append(f"And {more} more")
        out = cls(first.where, first.found, first.accepted, first.advice)
        out.args = (f"{str(first).rstrip('.')}. {'. '.join(text)}",)
        return out


class NonFinite(SynaptrialError):
    """A state that is not a finite number: where, in which arm, when. Nothing is written then."""

    def __init__(self, state: str, arm: str, time_h: float) -> None:
        self.state, self.arm, self.time_h = state, arm, time_h
        super().__init__(
            f"{arm}: {state} is not a finite number at {time_h:.6g} h (day {time_h / 24:.4g}). The"
            " model failed for a patient of this arm; nothing was written"
        )


class NonFiniteOutput(NonFinite):
    """A number of a result that is not finite: which one. Nothing is written then."""

    def __init__(self, where: str) -> None:
        SynaptrialError.__init__(self, f"{where} is not a finite number; nothing was written")
