"""Events that titles and categories name, in the vocabulary of the evidence base."""

from __future__ import annotations

from synaptrial.exchange.words.named import Named, has

# Words in the title of a counted outcome -> event.
EVENTS = (
    (r"\bremi(ssion|tted|tters?)", "remission"),
    (r"\brelaps", "relapse"),
    (r"\bnon[- ]?respon", "non_response"),
    (r"(?<!non)(?<!non[- ])\brespon(se|ders?|ded)\b", "response"),
    (r"loss of (ptsd )?diagnosis|no longer meet", "loss_of_diagnosis"),
)


def event_of(text: str) -> Named:
    """Event that the title of a counted outcome names."""
    found = [event for pattern, event in EVENTS if has(pattern, text)]
    if len(found) == 1:
        return Named(found[0])
    why = f"several events named: {', '.join(found)}" if found else "event not recognised"
    return Named("", (why,))
