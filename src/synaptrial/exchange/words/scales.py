"""Names of rating scales, as titles and instrument columns write them, in our vocabulary.

An edition that is not named stays unknown: CAPS alone may be the DSM-IV or the DSM-5 scale.
"""

from __future__ import annotations

import re

from synaptrial.exchange.words.named import Named

_CAPS = r"clinician[ -]administered (ptsd|post-?traumatic stress disorder) scale"
_PCL = r"(ptsd|post-?traumatic stress disorder) check ?list"
_DSM4, _DSM5 = r".{0,12}dsm[ -]?(iv|4)\b", r".{0,12}dsm[ -]?(5|v)\b"
SCALE_NAMES = (
    (rf"\bCAPS[ -]?5\b|{_CAPS}({_DSM5}|[ ,-]*5\b)", "CAPS5"),
    (rf"\bCAPS[ -]?(IV|4|2)\b|{_CAPS}{_DSM4}", "CAPS4"),
    (rf"\bPCL[ -]?5\b|{_PCL}({_DSM5}|[ ,-]*5\b)", "PCL5"),
    (rf"\bPCL[ -]?(C|M|S|4|IV)\b|{_PCL}({_DSM4}|.{{0,12}}(civilian|military|specific))", "PCL4"),
    (r"\bIES[ -]?R\b|impact of events? scale.{0,4}revised", "IESR"),
    (r"\bIES\b(?![ -]?R\b)|impact of events? scale(?!.{0,4}revised)", "IES"),
    (r"\bPSS[ -]?I\b|ptsd symptom scale.{0,4}interview", "PSSI"),
    (r"\bMADRS\b|montgomery.{0,3}[aå]sberg", "MADRS"),
    (r"\bPHQ[ -]?9\b|patient health questionnaire.{0,4}(9|nine)", "PHQ9"),
    (r"\b(HAM[ -]?D|HDRS)[ -]?6\b", "HAMD6"),
    (r"\b(HAM[ -]?D|HDRS)([ -]?17)?\b(?![ -]?(6|2\d))|hamilton (depression|rating scale for dep)",
     "HAMD"),
    (r"\bCADSS\b|clinician[ -]administered dissociative states? scale", "CADSS"),
    (r"\bCGI[ -]?S\b|clinical global impressions?.{0,6}severity", "CGIS"),
    (r"\bCGI[ -]?I\b|clinical global impressions?.{0,6}improvement", "CGII"),
)  # fmt: skip
# Instruments of a kind, whose edition is not named or which have no key of their own.
OF_A_KIND = (
    (r"\b(CAPS|PCL|PDS|PSS|MPSS|SI[ -]?PTSD|M[ -]?PTSD|HTQ|TSI|SPTSS|DTS|SPRINT)\b", "PTSD_ANY"),
    (r"\b(BDI|CES[ -]?D|EPDS|GDS|QIDS|IDS[ -]?SR|HAM[ -]?D|HDRS|HRSD)\b", "DEPRESSION_ANY"),
)  # fmt: skip
_SCALES = tuple((re.compile(p, re.IGNORECASE), key) for p, key in SCALE_NAMES)
_NO_EDITION = re.compile(rf"\bCAPS\b|{_CAPS}|\bPCL\b|{_PCL}", re.IGNORECASE)

PTSD_SCALES = ("CAPS5", "CAPS4", "PCL5", "PCL4", "IESR", "IES", "PSSI", "PTSD_ANY")

# Criteria of DSM-5 by letter; words for another part leave the part unknown.
_CLUSTER = re.compile(r"\b(?:criterion|cluster)\s+([b-e])\b", re.IGNORECASE)
_PART = re.compile(
    r"sub-?scale|cluster|criteri|\bitems?\b|sub-?score|factor|intrusi|re-?experienc|avoidan"
    r"|arousal|numbing|mood",
    re.IGNORECASE,
)


def scale_of(text: str) -> Named:
    """The scale that a text names; none where it names several, or none that we know."""
    found = [key for pattern, key in _SCALES if pattern.search(text)]
    if len(found) == 1:
        return Named(found[0])
    if found:
        return Named("", (f"several scales named: {', '.join(found)}",))
    if _NO_EDITION.search(text):
        return Named("", ("scale not recognised: its edition is not named",))
    return Named("", ("scale not recognised",))


def part_of(text: str) -> Named:
    """The cluster that a title names, ``total`` where it speaks of no part."""
    letter = _CLUSTER.search(text)
    if letter:
        return Named(letter[1].lower())
    if not re.search(r"\btotal\b", text, re.IGNORECASE) and _PART.search(text):
        return Named("", ("part of the scale not recognised",))
    return Named("total")


def instrument_of(text: str) -> Named:
    """The scale of an instrument column, else the kind of its scale, which is flagged."""
    exact = scale_of(text)
    kind = next((k for p, k in OF_A_KIND if re.search(p, text, re.IGNORECASE)), "")
    if exact.value or not kind:
        return exact
    return Named(kind, (f"instrument {text}: only its kind is known",))
