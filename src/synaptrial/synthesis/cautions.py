"""What has to be said beside every method that looks for missing studies."""

from __future__ import annotations

from numpy.typing import ArrayLike

from synaptrial.domain.errors import InputError
from synaptrial.synthesis.arrays import Array, effects

FEWEST = 3  # below it, a line has no residual to test against
ALIKE = 1e-4  # relative difference of the variances below which nothing can depend on them
FEW = 10  # Sterne 2011 (doi 10.1136/bmj.d4002)


def enough(yi: ArrayLike, vi: ArrayLike) -> tuple[Array, Array]:
    """Effects and variances of at least three studies. Raises InputError."""
    y, v = effects(yi, vi)
    if y.size < FEWEST:
        raise InputError("yi", f"{y.size} studies", f"{FEWEST} or more, and {FEW} to conclude from")
    return y, v


def caution(k: int, measure: str = "") -> str:
    """Sentences on too few studies and on standardised measures ("SMD", "SMDH", "SMCC", ...);
    empty where there is nothing to say."""
    said = []
    if k < FEW:
        said.append(
            f"{k} studies: below {FEW} these methods can hardly tell missing studies from chance"
            " (Sterne 2011, doi 10.1136/bmj.d4002)."
        )
    if measure.startswith("SM"):
        said.append(
            "The standard error of a standardised mean difference depends on the effect itself, so"
            " the two are associated without any study missing"
            " (Pustejovsky and Rodgers 2019, doi 10.1002/jrsm.1332)."
        )
    return " ".join(said)


def differing(v: Array) -> None:
    """Refuse studies of one precision: nothing can depend on it. Raises InputError."""
    if v.max() < v.min() * (1 + ALIKE):
        raise InputError("vi", f"{v[0]:g} for every study", "variances that differ")


def equal_rows(y: Array, v: Array) -> tuple[str, ...]:
    """A sentence where several effects are equal, with equal variances."""
    places: dict[tuple[float, float], list[int]] = {}
    for i, row in enumerate(zip(y.tolist(), v.tolist(), strict=True)):
        places.setdefault(row, []).append(i)
    twice = [at for at in places.values() if len(at) > 1]
    if not twice:
        return ()
    told = "; ".join(" and ".join(f"yi[{i}]" for i in at) for at in twice)
    return (f"Equal effects with equal variances: {told}. A trial that stands twice counts twice.",)
