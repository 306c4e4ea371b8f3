"""The check as it stands: every claim of every model, predicted once per test run."""

from __future__ import annotations

import csv
from importlib import resources

import pytest

from synaptrial.exchange.bundled import load_parameter_set
from synaptrial.pharmacology.check import Score, score
from synaptrial.pharmacology.observation import claim, observation
from synaptrial.pharmacology.predict import MODELS, predict

DATA = resources.files("synaptrial") / "evidence" / "data"


def table(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


@pytest.fixture(scope="session")
def scores() -> tuple[Score, ...]:
    observations = {r["row_id"]: observation(r) for r in table("pk_observations.csv")}
    claims = [claim(r) for r in table("pk_claims.csv")]
    notes = {(r["row_id"], r["model"]): r["explanation"] for r in table("pk_miss_notes.csv")}
    predictions = {
        model: predict(
            model,
            load_parameter_set(model),
            [observations[c.row_id] for c in claims if c.model == model],
        )
        for model in MODELS
    }
    return score(observations.values(), claims, predictions, notes)
