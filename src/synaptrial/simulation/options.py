"""How much is simulated, and the bounds of every number that a caller may give."""

from __future__ import annotations

from dataclasses import dataclass

from synaptrial.domain.errors import InputError

CHUNK = 192  # of patients: its propagators and courses fit the cache of two cores
MOST_SIMULATED = 10**8
MOST_DRAWS = 10_000  # the sums of each draw stay in memory
MOST_CHUNK = 2**16
MOST_CORES = 1024
SAMPLED = 200  # courses in the table


@dataclass(frozen=True)
class Options:
    """How many patients and draws, from which seed, on how many threads."""

    patients: int = 40
    draws: int = 500
    seed: int = 1
    cores: int = 1
    chunk: int = CHUNK
    sampled: int = SAMPLED
    unblinding: bool = True

    def check(self) -> None:
        """Raise InputError for a number that cannot be used."""
        within("--patients", self.patients, 2, None, "A spread between patients needs two")
        within("--draws", self.draws, 2, None, "An uncertainty needs two draws")
        within("--cores", self.cores, 1, MOST_CORES)
        within("--chunk", self.chunk, 1, MOST_CHUNK)
        check_seed(self.seed)
        within("--courses", self.sampled, 0, SAMPLED)
        if self.patients * self.draws > MOST_SIMULATED:
            raise InputError(
                "--patients and --draws",
                f"{self.patients} x {self.draws} = {self.patients * self.draws:.3g} an arm",
                f"at most {MOST_SIMULATED:.0e}",
                "Lower one of them: 40 patients in each of 500 draws serve most questions",
            )
        within(
            "--draws", self.draws, 2, MOST_DRAWS,
            "For more patients raise --patients: the sums of each draw stay in memory",
        )  # fmt: skip


def check_seed(seed: int) -> None:
    """Raise InputError for a seed that the generators do not take."""
    within("--seed", seed, 0, 2**63 - 1)


def within(name: str, found: int, low: int, high: int | None, advice: str = "") -> None:
    """Raise InputError for a number outside its bounds; `high` None: without an upper one."""
    if found < low or (high is not None and found > high):
        accepted = f"{low} or more" if high is None else f"{low} to {high}"
        raise InputError(name, found, accepted, advice)
