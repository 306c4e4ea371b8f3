"""Errors that a user can meet.

SynaptrialError
├── InputError      what the user gave cannot be used; exit status 2
└── NonFinite       a number that is not finite came out; exit status 1
    └── NonFiniteOutput     in a result that was about to be written

Anything else that is raised is a fault of ours.
"""

from __future__ import annotations


class SynaptrialError(Exception):
    """Base of all errors raised on purpose."""


class InputError(SynaptrialError):
    """One bad input, told in one line: where, what was found, what is accepted, what to do."""

    def __init__(self, where: str, found: object, accepted: str, advice: str = "") -> None:
        self.where, self.found, self.accepted, self.advice = where, found, accepted, advice
        message = f"{where}: found {found}; accepted: {accepted}"
        super().__init__(f"{message}. {advice}" if advice else message)


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
