"""Events that titles, classes and categories name, and whether they name the opposite.

A response, a remission and a relapse are those of the illness: a startle response, a response to a
vaccine and the remission of something else are not, nor is a partial one. The words beside the
event decide; where they are not known, nothing is recognised.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from synaptrial.exchange.words.named import Named
from synaptrial.exchange.words.scales import instrument_of

EVENTS = (
    (r"\b(?:non[- ]?)?remi(?:ssions?|tted|tters?)\b", "remission"),
    (r"\brelaps(?:es?|ed|ers?)\b", "relapse"),
    (r"\bnon[- ]?respon(?:ses?|ders?|ding|sive)\b", "non_response"),
    (r"(?<!non)(?<!non[- ])\brespon(?:ses?|d|ders?|ded|ding)\b", "response"),
    (r"\bloss of (?:ptsd )?diagnosis|\b(?:no longer|not) meet(?:s|ing)?\b", "loss_of_diagnosis"),
)
# The opposite of an event that has a name of its own.
OPPOSITE = {"response": "non_response"}
_PATTERNS = tuple((re.compile(p, re.IGNORECASE), name) for p, name in EVENTS)

# Words that may stand before an event of the illness, and between it and its denial.
_BESIDE = (
    "a an any the of in to with for or as and by at on is was were are had have having has who "
    "that their number percentage percent proportion rate count participants participant patients "
    "patient subjects subject people adults veterans persons individuals treatment clinical "
    "clinically symptom symptoms symptomatic therapeutic antidepressant drug ptsd depression "
    "depressive depressed mdd trd disorder illness score total scale ketamine esketamine "
    "midazolam therapy medication study achieve achieves achieved achieving meet meets meeting met "
    "show shows showed showing reach reached reaching attain attained experience experienced "
    "experiencing maintain maintained criteria criterion status sustained durable stable early "
    "late delayed persistent full complete initial acute overall"
).split()
_DENIALS = (
    "no not non never without fail failed failing fails failure unable absence absent lack lacking "
    "free"
)
_DENIAL = re.compile(rf"\b(?:{_DENIALS.replace(' ', '|')})\b|n['’]t\b", re.IGNORECASE)
_DENIED_BEFORE = re.compile(
    rf"(?:{_DENIAL.pattern})[\s-]*(?:(?:{'|'.join(_BESIDE)})[\s-]+)*$", re.IGNORECASE
)
_DENIED_AFTER = re.compile(
    r"[- ]free\b|\s+(?:was |were )?not (?:achieved|met|reached)|\s*[:,=-]\s*no\b", re.IGNORECASE
)
_NUMBER_OF = re.compile(r"\bno\b\.? ?of\b|\bno\.", re.IGNORECASE)  # no denials
_YES = re.compile(r"(?:yes|true|achieved|met|present|criteria met)\.?", re.IGNORECASE)
_NO = re.compile(
    r"(?:no|false|none|absent|criteria not met"
    r"|(?:not|did not) (?:achieved?|met|meet)(?: criteria)?)\.?",
    re.IGNORECASE,
)

_PARTIAL = re.compile(
    r"\b(?:partial|incomplete|near|minimal|loss of|lost)(?:ly)?[ -]+$", re.IGNORECASE
)
_QUALIFIED = re.compile(
    r"\b(?:sustained|durable|stable|early|late|delayed|persistent|maintained)\b", re.IGNORECASE
)
_OTHER_NOUN = re.compile(r"[\s-]+(?:time|latenc|inhibition|bias|accura|prevention)", re.IGNORECASE)
_OBJECT = re.compile(r"\s*(?:rates? )?(?:of|from|to|in|into|for)\s+(.*)", re.IGNORECASE | re.DOTALL)
_OURS = re.compile(
    r"(?:(?:the|an?|their|any|first|randomi[sz]ed|double[- ]blind|study|index) )*"
    r"(?:ptsd|post[- ]?tr|depress|mdd|trd|mood|symptom|disorder|illness|episode|treatment|therap"
    r"|ketamine|esketamine|midazolam|placebo|study|drug|medication|intervention|infusion|dos"
    r"|psychotherapy|exposure|ssri"
    r"|participant|patient|subject|adult|veteran|phase|period|each|arm|group|all)",
    re.IGNORECASE,
)
_NOT_OURS = re.compile(
    r"startle|antibod|immun|vaccin|serolog|seroconver|cortisol|conductance|galvanic|\bheart|\bbold\b"
    r"|fmri|neural|\beeg\b|pupil|reflex|\bfear\b|glucose|insulin|hormon|cytokine|inflamm|evoked"
    r"|virolog|tumou?r|survey|questionnaire|physiolog|acoustic|allerg|ha?emodynam",
    re.IGNORECASE,
)


class _Reading(NamedTuple):
    """events: that a text names; denied: yes, no, or empty for doubt; why: none was recognised."""

    events: tuple[str, ...]
    denied: str
    why: str = ""


def event_of(title: str, *labels: str) -> Named:
    """The event that a title and the labels below it (class, category) name together.

    An opposite without a name of its own, and parts that disagree, name nothing.
    """
    read = _read(title)
    for label in filter(None, labels):
        if _YES.fullmatch(label.strip()):
            continue
        if _NO.fullmatch(label.strip()):
            read = read._replace(denied="yes" if read.denied == "no" else "")
            continue
        below = _read(label)
        if not below.events:
            return Named("", (below.why,))
        of_title = {*read.events, *(OPPOSITE.get(e, e) for e in read.events)} or {*below.events}
        if not of_title & {*below.events} or _NOT_OURS.search(title):
            told = ", ".join(read.events) or title
            return Named("", (f"the title names {told}, below it stands {label}: which?",))
        if read.events and read.denied != "no":
            return Named("", (f"a denial in the title, and below it stands {label}: which way?",))
        read = below
    if len(read.events) != 1:
        several = f"several events named: {', '.join(read.events)}"
        return Named("", (several if read.events else read.why,))
    return _decided(*read.events, read.denied, " | ".join(filter(None, (title, *labels))))


def _decided(event: str, denied: str, text: str) -> Named:
    if denied == "":
        return Named("", (f"{event} or its opposite? {text}",))
    if denied == "yes" and event not in OPPOSITE:
        return Named("", (f"the opposite of {event}: {text}",))
    named = OPPOSITE[event] if denied == "yes" else event
    condition = (
        (f"{named} under a condition of its own: {text}",) if _QUALIFIED.search(text) else ()
    )
    return Named(named, condition)


def _read(text: str) -> _Reading:
    plain = _NUMBER_OF.sub("", text)
    found = [
        (name, plain[: m.start()], m[0], plain[m.end() :])
        for pattern, name in _PATTERNS
        for m in pattern.finditer(plain)
    ]
    ours = [f for f in found if f[0] == "loss_of_diagnosis" or _of_illness(f[1], f[3])]
    if not ours:
        of = f" ({found[0][0]} of what?)" if found else ""
        return _Reading(
            (), "no", f"event not recognised{of}: {text}" if of else "event not recognised"
        )
    denied = {_denied(*f) for f in ours}
    return _Reading(tuple(dict.fromkeys(f[0] for f in ours)), *denied if len(denied) == 1 else "")


def _of_illness(before: str, after: str) -> bool:
    """Whether the words beside an event say that it is one of the illness that is treated."""
    if _NOT_OURS.search(before + after) or _PARTIAL.search(before) or _OTHER_NOUN.match(after):
        return False
    last = (re.findall(r"[^\s/(),:;|]+", before) or [""])[-1].strip(".'\"-")
    known = last.lower() in _BESIDE or _DENIAL.search(last) or instrument_of(last).value
    if last[:1].isalpha() and not known:
        return False
    of = _OBJECT.match(after)
    return of is None or bool(_OURS.match(of[1]) or instrument_of(of[1][:40]).value)


def _denied(name: str, before: str, word: str, after: str) -> str:
    """yes, no, or empty where denials stand too far away, or are too many, to be sure."""
    own = name == "remission" and word.lower().startswith("non")
    denials = own + len(_DENIAL.findall(before)) + len(_DENIAL.findall(after))
    if not denials:
        return "no"
    beside = own or _DENIED_BEFORE.search(before) or _DENIED_AFTER.match(after)
    return "yes" if denials == 1 and beside else ""
