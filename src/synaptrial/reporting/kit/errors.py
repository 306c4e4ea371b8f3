"""The one error of this room."""


class ReportError(ValueError):
    """A result that cannot be shown whole: a fault of the run, not of the user."""
