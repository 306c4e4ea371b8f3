"""Errors that a user can meet.

SynaptrialError
└── InputError      what the user gave cannot be used; exit status 2

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
