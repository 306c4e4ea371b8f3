"""A made-up study in the format of ClinicalTrials.gov API v2. No such trial was ever run.

Field names follow the published study data structure; each number is invented, and its value tells
where it belongs, so that a test sees a mix-up.
"""

from __future__ import annotations

from typing import Any

NCT = "NCT00000000"
KET, MDZ = "Ketamine", "Midazolam"


def groups(prefix: str, *titles: str) -> list[dict[str, str]]:
    return [
        {"id": f"{prefix}00{k}", "title": t, "description": f"made-up group {t}"}
        for k, t in enumerate(titles)
    ]


def counts(key: str, prefix: str, *values: str) -> list[dict[str, str]]:
    return [{"groupId": f"{prefix}00{k}", key: v} for k, v in enumerate(values)]


def denoms(prefix: str, *values: str) -> list[dict[str, Any]]:
    return [{"units": "Participants", "counts": counts("value", prefix, *values)}]


def cells(prefix: str, *cells_of_groups: dict[str, str]) -> list[dict[str, str]]:
    return [{"groupId": f"{prefix}00{k}", **c} for k, c in enumerate(cells_of_groups)]


def classes(*titled: tuple[str, list[dict[str, str]]]) -> list[dict[str, Any]]:
    return [({"title": t} if t else {}) | {"categories": [{"measurements": m}]} for t, m in titled]


def measure(title: str, frame: str, param: str, spread: str, unit: str, of_classes: Any) -> Any:
    return {
        "type": "PRIMARY", "title": title, "reportingStatus": "POSTED", "paramType": param,
        "dispersionType": spread, "unitOfMeasure": unit, "timeFrame": frame,
        "groups": groups("OG", KET, MDZ), "denoms": denoms("OG", "20", "19"),
        "classes": of_classes,
    }  # fmt: skip


def protocol() -> dict[str, Any]:
    return {
        "identificationModule": {"nctId": NCT, "briefTitle": "Artificial trial for tests"},
        "statusModule": {
            "resultsFirstPostDateStruct": {"date": "2019-05-06"},
            "lastUpdatePostDateStruct": {"date": "2020-01-02"},
        },
        "conditionsModule": {"conditions": ["Posttraumatic Stress Disorder"]},
        "designModule": {
            "studyType": "INTERVENTIONAL",
            "designInfo": {"interventionModel": "PARALLEL", "maskingInfo": {"masking": "TRIPLE"}},
            "enrollmentInfo": {"count": 41, "type": "ACTUAL"},
        },
        "armsInterventionsModule": {
            "armGroups": [
                {"label": KET, "type": "EXPERIMENTAL", "description": "made up",
                 "interventionNames": ["Drug: Ketamine"]},
                {"label": MDZ, "type": "ACTIVE_COMPARATOR",
                 "interventionNames": ["Drug: Midazolam"]},
            ],
            "interventions": [{"type": "DRUG", "name": KET}, {"type": "DRUG", "name": MDZ}],
        },
        "outcomesModule": {"primaryOutcomes": [{"measure": "CAPS-5", "timeFrame": "2 weeks"}]},
    }  # fmt: skip


def flow() -> dict[str, Any]:
    def milestone(kind: str, *n: str) -> dict[str, Any]:
        return {"type": kind, "achievements": counts("numSubjects", "FG", *n)}

    return {
        "groups": groups("FG", KET, MDZ),
        "periods": [
            {
                "title": "Overall Study",
                "milestones": [
                    milestone("STARTED", "21", "20"),
                    milestone("COMPLETED", "18", "19"),
                    milestone("NOT COMPLETED", "3", "1"),
                ],
                "dropWithdraws": [
                    {"type": "Adverse Event", "reasons": counts("numSubjects", "FG", "2", "0")},
                    {"type": "Lost to Follow-up", "reasons": counts("numSubjects", "FG", "1", "1")},
                ],
            }
        ],
    }


def baseline() -> dict[str, Any]:
    def age(mean: str, sd: str) -> dict[str, str]:
        return {"value": mean, "spread": sd}

    ages = cells("BG", age("36", "9"), age("38", "10"), age("37", "9.5"))
    scores = cells("BG", age("31", "6"), age("32", "7"), age("31.5", "6.4"))
    sex = [
        {"title": "Female", "measurements": cells("BG", *({"value": v} for v in ("9", "8", "17")))},
        {"title": "Male", "measurements": cells("BG", *({"value": v} for v in ("12", "12", "24")))},
    ]
    return {
        "groups": groups("BG", KET, MDZ, "Total"),
        "denoms": denoms("BG", "21", "20", "41"),
        "measures": [
            {"title": "Age, Continuous", "paramType": "MEAN", "unitOfMeasure": "years",
             "dispersionType": "STANDARD_DEVIATION",
             "classes": classes(("", ages))},
            {"title": "Sex: Female, Male", "paramType": "COUNT_OF_PARTICIPANTS",
             "unitOfMeasure": "Participants", "classes": [{"categories": sex}]},
            {"title": "MADRS", "paramType": "MEAN", "unitOfMeasure": "units on a scale",
             "dispersionType": "STANDARD_DEVIATION",
             "classes": classes(("", scores))},
        ],
    }  # fmt: skip


def outcomes() -> list[Any]:
    def spread(value: str, by: str) -> dict[str, str]:
        return {"value": value, "spread": by}

    def limits(value: str, low: str, high: str) -> dict[str, str]:
        return {"value": value, "lowerLimit": low, "upperLimit": high}

    analysis = {
        "groupIds": ["OG000", "OG001"], "paramType": "Mean Difference (Final Values)",
        "paramValue": "-7.5", "ciPctValue": "95", "ciNumSides": "TWO_SIDED",
        "ciLowerLimit": "-14", "ciUpperLimit": "-1", "pValue": "0.02",
        "statisticalMethod": "ANCOVA",
    }  # fmt: skip
    only_p = {"groupIds": ["OG000", "OG001"], "pValue": "<0.05", "statisticalMethod": "t-test"}
    score = "score on a scale"
    return [
        measure("CAPS-5 total score", "2 weeks", "MEAN", "Standard Deviation", score,
                classes(("", cells("OG", spread("22.5", "11"), spread("30", "12")))))
        | {"analyses": [analysis, only_p]},
        measure("MADRS", "Baseline, 24 hours, Day 7", "LEAST_SQUARES_MEAN", "Standard Error", score,
                classes(("24 hours", cells("OG", spread("14", "1.5"), spread("21", "1.6"))),
                        ("Day 7", cells("OG", spread("17", "1.7"), spread("22", "1.8"))))),
        measure("Change in PCL-5", "Baseline and 1 week post infusion", "MEAN",
                "95% Confidence Interval", score,
                classes(("", cells("OG", limits("-18", "-24", "-12"), limits("-9", "-15", "-3"))))),
        measure("IES-R", "24 hours", "MEDIAN", "Inter-Quartile Range", score,
                classes(("", cells("OG", limits("20", "10", "30"), limits("28", "18", "39"))))),
        measure("Number of responders on the CAPS-5", "2 weeks", "COUNT_OF_PARTICIPANTS", "",
                "Participants",
                classes(("", cells("OG", {"value": "12"}, {"value": "5"})))),
        measure("CAPS total score", "Up to 4 weeks", "MEAN", "Standard Deviation", score,
                classes(("", cells("OG", spread("40", "20"), spread("50", "21"))))),
        measure("PHQ-9", "2 weeks", "MEAN", "", score,
                classes(("", cells("OG", spread("7", "3"), {"value": "NA"})))),
        measure("Change in MADRS", "Baseline, 1 week", "MEAN", "Standard Deviation", score,
                classes(("Baseline", cells("OG", spread("31", "6"), spread("32", "7"))),
                        ("1 week", cells("OG", spread("18", "8"), spread("25", "9"))))),
    ]  # fmt: skip


def adverse_events() -> dict[str, Any]:
    def stats(*pairs: tuple[int, int]) -> list[dict[str, Any]]:
        return [
            {"groupId": f"EG00{k}", "numEvents": a + 1, "numAffected": a, "numAtRisk": n}
            for k, (a, n) in enumerate(pairs)
        ]

    def total(k: int, title: str, serious: int, other: int, n: int) -> dict[str, Any]:
        risk = {f"{kind}NumAtRisk": n for kind in ("deaths", "serious", "other")}
        found = {"deathsNumAffected": 0, "seriousNumAffected": serious, "otherNumAffected": other}
        return {"id": f"EG00{k}", "title": title, **found, **risk}

    return {
        "frequencyThreshold": "5", "timeFrame": "Up to 4 weeks",
        "eventGroups": [total(0, KET, 1, 15, 21), total(1, MDZ, 0, 9, 20)],
        "seriousEvents": [
            {"term": "Suicidal ideation", "organSystem": "Psychiatric disorders",
             "assessmentType": "SYSTEMATIC_ASSESSMENT", "stats": stats((1, 21), (0, 20))},
        ],
        "otherEvents": [
            {"term": "Nausea", "organSystem": "Gastrointestinal disorders",
             "assessmentType": "NON_SYSTEMATIC_ASSESSMENT", "stats": stats((6, 21), (2, 20))},
            {"term": "Cough", "organSystem": "Respiratory disorders",
             "stats": stats((1, 21), (3, 20))},
        ],
    }  # fmt: skip


def record() -> dict[str, Any]:
    """The whole record."""
    return {
        "protocolSection": protocol(),
        "resultsSection": {
            "participantFlowModule": flow(),
            "baselineCharacteristicsModule": baseline(),
            "outcomeMeasuresModule": {"outcomeMeasures": outcomes()},
            "adverseEventsModule": adverse_events(),
        },
        "hasResults": True,
    }
