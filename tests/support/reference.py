"""The full model through SciPy: the oracle of the engine, slow and plain.

Written by hand from the equations in the docstrings of the model; nothing of the engine, the
stages or the plan is used. Parameters come by the names that the stages use, doses and sessions
from the protocol. Every switch (infusion, absorption, session, daily dose) ends a stretch of
integration, so the solver never meets a jump.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.integrate import solve_ivp

PK = (
    "central", "p1", "p2", "t1", "t2", "nk", "nk_p", "venous", "effect", "pressure",
    "muscle", "subcutis", "nose", "nose_gut", "oral_gut", "mucosa", "film_gut", "gut_transit",
)  # fmt: skip
MDZ = ("central", "p1", "p2", "effect")
CIRCUITS = ("amygdala", "prefrontal", "default_mode")
CLUSTERS = {"b": 20.0, "c": 8.0, "d": 28.0, "e": 24.0}
MOOD = 60.0
MOLAR = {"parent": 237.73, "nk": 223.70}
SLOW = (
    "glutamate", "plasticity_fast", "plasticity_slow", "learning", "ssri_amount", "ssri_fast",
    "ssri_slow", *CIRCUITS, "early", "late", "expectancy_state", *(f"caps5_{k}" for k in CLUSTERS),
    "mood", "leaving", *(f"area_caps5_{k}" for k in CLUSTERS), "area_mood",
)  # fmt: skip
WASHED_OUT_MG = 1e-10  # and ng/mL; no drug acts below
LONGEST_STRETCH_H = 12.0
READINGS_H = np.array([5, 10, 15, 20, 30, 40, 45, 50, 60, 75, 90, 120]) / 60.0
METHOD, RTOL, ATOL = "DOP853", 1e-10, 1e-12


@dataclass
class Case:
    """One arm for the reference. par: (P,) or (1,) arrays; share: belief at the start; slope of
    unblinding (P,) or (1,); durations_h of absorption; given: (n_doses,) multipliers, 1 if None."""

    protocol: Any
    contact: float
    par: dict[str, np.ndarray]
    share: float
    slope: np.ndarray
    durations_h: dict[str, float]
    n: int
    given: np.ndarray | None = None
    open_label: bool = False
    felt: np.ndarray = field(default_factory=lambda: np.zeros((0, 1)))  # (n_doses, P)

    def __getitem__(self, name: str) -> np.ndarray:
        return np.broadcast_to(self.par[name], (self.n,))

    def rate(self, name: str) -> np.ndarray:
        return np.log(2.0) / self[f"{name}_half_life"]


@dataclass(frozen=True)
class Dosing:
    """Zero-order input (start, stop, array, row, state, mg/h) or bolus (stop = start, mg)."""

    start: float
    stop: float
    block: str  # "ket" or "mdz"
    state: int
    value: np.ndarray  # (2, P) S and R, or (P,)


def solve(case: Case, times_h: np.ndarray) -> dict[str, np.ndarray]:
    """States and signals of the slow layer at times_h, each (T, P)."""
    if not len(case.felt):
        case.felt = felt_at_doses(case)
    return _slow_courses(case, _integrate(case, times_h, slow=True), times_h)


def plasma(case: Case, times_h: np.ndarray) -> dict[str, np.ndarray]:
    """Acute signals at times_h (after a bolus, if one is given then), each (T, P)."""
    return acute(case, *_integrate(case, times_h, slow=False)[:2])


def _matrix(case: Case, enantiomer: str) -> np.ndarray:
    """Ketamine: d(state)/dt = A state, amounts in mg; (P, S, S)."""
    size = case["weight_kg"] / 70.0
    volume, clearance = size ** case["volume_exponent"], size ** case["clearance_exponent"]
    v1, v2, v3, vn1, vn2 = (case[k] * volume for k in ("V1", "V2", "V3", "VN1", "VN2"))
    q2, q3, qn = (case[k] * clearance for k in ("Q2", "Q3", "QN"))
    cl, cln = (case[f"{k}_{enantiomer}"] * clearance for k in ("CL", "CLN"))
    kt, fm = 2.0 / case["MTT_NK"], case["fm"]
    terms = [
        ("central", "central", -(cl + q2 + q3) / v1), ("central", "p1", q2 / v2),
        ("central", "p2", q3 / v3), ("p1", "central", q2 / v1), ("p1", "p1", -q2 / v2),
        ("p2", "central", q3 / v1), ("p2", "p2", -q3 / v3),
        ("t1", "central", cl / v1), ("t1", "t1", -kt), ("t2", "t1", kt), ("t2", "t2", -kt),
        ("nk", "t2", fm * kt), ("nk", "nk", -(cln + qn) / vn1), ("nk", "nk_p", qn / vn2),
        ("nk_p", "nk", qn / vn1), ("nk_p", "nk_p", -qn / vn2),
        ("central", "muscle", case["ka_im"]), ("muscle", "muscle", -case["ka_im"]),
        ("central", "subcutis", case["ka_sc"]), ("subcutis", "subcutis", -case["ka_sc"]),
        ("central", "nose", case["ka_nasal"]), ("nose", "nose", -case["ka_nasal"]),
        ("central", "mucosa", case["ka_sl"]), ("mucosa", "mucosa", -case["ka_sl"]),
        ("film_gut", "film_gut", -case["ka_sl_swallowed"]),
        ("gut_transit", "film_gut", case["ka_sl_swallowed"]),
        ("gut_transit", "gut_transit", -1.0 / case["MTT_gut"]),
        ("t1", "gut_transit", 1.0 / case["MTT_gut"]),
    ]  # fmt: skip
    for gut, ka, survives in (
        ("nose_gut", case["ka_swallowed"], case["swallowed_systemic"]),
        ("oral_gut", case["ka_oral"], case["oral_systemic"]),
    ):
        terms += [
            (gut, gut, -ka),
            ("central", gut, ka * survives),
            ("t1", gut, ka * (1 - survives)),
        ]
    for site, ke0 in (
        ("venous", np.log(2.0) / case["venous_half_life"]),
        ("effect", case["ke0_dissociation"]),
        ("pressure", case["ke0_pressure"]),
    ):
        terms += [(site, site, -ke0), (site, "central", ke0 * 1000.0 / v1)]
    out = np.zeros((case.n, len(PK), len(PK)))
    for to, source, value in terms:
        out[:, PK.index(to), PK.index(source)] += value
    return out


def _midazolam_matrix(case: Case) -> np.ndarray:
    k10 = case["mdz_CL"] / case["mdz_V1"]
    k12, k21, k13, k31 = (case[f"mdz_{k}"] for k in ("k12", "k21", "k13", "k31"))
    ke0, zero = case["sedation_ke0"], np.zeros(case.n)
    rows = [
        [-(k10 + k12 + k13), k21, k31, zero],
        [k12, -k21, zero, zero],
        [k13, zero, -k31, zero],
        [ke0 * 1000.0 / case["mdz_V1"], zero, zero, -ke0],
    ]
    return np.moveaxis(np.array([[np.broadcast_to(x, case.n) for x in r] for r in rows]), -1, 0)


def _multiplier(case: Case, n: int) -> float:
    return 1.0 if case.given is None else float(case.given[n])


def _dosing(case: Case) -> list[Dosing]:
    out = []
    share_s = {"racemic": 0.5, "s": 1.0, "r": 0.0}
    fixed = case.durations_h
    for n, e in enumerate(case.protocol.dose_events()):
        mg = getattr(e.amount, "mg_per_kg", 0.0) * case["weight_kg"] + getattr(e.amount, "mg", 0.0)
        mg = mg * _multiplier(case, n)
        if e.drug == "midazolam" and e.route == "iv":
            out.append(_input("mdz", 0, mg, e.time_h, e.duration_h))
        if e.drug != "ketamine":
            continue
        s = share_s[e.enantiomer]
        both = np.stack([s * mg, (1 - s) * mg])
        one = lambda state, part, t, h: out.append(_input("ket", PK.index(state), part, t, h))  # noqa: E731
        if e.route == "iv":
            one("central", both, e.time_h, e.duration_h)
        elif e.route == "im":
            one("muscle", both * case["F_im"], e.time_h, 0.0)
        elif e.route == "sc":
            one("subcutis", both * case["F_sc"], e.time_h, 0.0)
        elif e.route == "oral":
            one("oral_gut", both, e.time_h, fixed["oral_duration"])
        elif e.route == "sublingual":
            film = case["sl_fraction"]
            one("mucosa", both * film, e.time_h, fixed["sl_duration"])
            one("film_gut", both * (1 - film), e.time_h, fixed["sl_swallowed_duration"])
        elif e.route == "intranasal":
            for k in range(e.devices):
                t = e.time_h + k * 5.0 / 60.0
                first = case["nasal_fraction" if e.enantiomer == "s" else "nasal_fraction_racemate"]
                f = first * (case["nasal_next_factor"] if k else 1.0)
                one("nose", both / e.devices * f, t, 0.0)
                one("nose_gut", both / e.devices * (1 - f), t, fixed["swallowed_duration_nasal"])
    return out


def _input(block: str, state: int, mg: np.ndarray, start: float, hours: float) -> Dosing:
    return Dosing(start, start + hours, block, state, mg / hours if hours > 0 else mg)


def _concentrations(case: Case, ket: np.ndarray) -> dict[str, np.ndarray]:
    """ng/mL of S, R and their norketamine from amounts (..., 2, P, S)."""
    volume = (case["weight_kg"] / 70.0) ** case["volume_exponent"]
    v1, vn1 = case["V1"] * volume, case["VN1"] * volume
    nk = 1000.0 * MOLAR["nk"] / MOLAR["parent"] / vn1
    i, j = PK.index("central"), PK.index("nk")
    return {
        "s": ket[..., 0, :, i] * 1000.0 / v1, "r": ket[..., 1, :, i] * 1000.0 / v1,
        "s_nk": ket[..., 0, :, j] * nk, "r_nk": ket[..., 1, :, j] * nk,
    }  # fmt: skip


def _bound(case: Case, ket: np.ndarray) -> dict[str, np.ndarray]:
    conc = _concentrations(case, ket)
    out = {}
    for k, c in conc.items():
        mass = MOLAR["nk" if k.endswith("nk") else "parent"]
        out[k] = case["fu_nk" if k.endswith("nk") else f"fu_{k}"] * c / (mass * case[f"ki_{k}"])
    return out


def _drive(case: Case, ket: np.ndarray) -> np.ndarray:
    b = _bound(case, ket)
    x = b["s"] + case["potency_r"] * b["r"] * case["ki_r"] / case["ki_s"]
    x = x + case["potency_nk"] * (b["s_nk"] + b["r_nk"])
    o = x / (1 + x)
    return o / (1 + (o / case["turnover_occupancy"]) ** 4)


def _hill(x: np.ndarray, c50: np.ndarray, gamma: np.ndarray) -> np.ndarray:
    return 1.0 / (1.0 + (c50 / np.maximum(x, 1e-300)) ** gamma)


def acute(case: Case, ket: np.ndarray, mdz: np.ndarray) -> dict[str, np.ndarray]:
    """What is measured within hours, from amounts ket (..., 2, P, S), mdz (..., P, 4)."""
    v, e, p = (PK.index(k) for k in ("venous", "effect", "pressure"))
    felt = ket[..., 0, :, e] + case["dissociation_r_weight"] * ket[..., 1, :, e]
    pressing = ket[..., 0, :, p] + case["pressure_r_weight"] * ket[..., 1, :, p]
    conc = _concentrations(case, ket)
    bound = sum(_bound(case, ket).values())
    with np.errstate(over="ignore"):
        return {
            "dissociation": _hill(felt, case["dissociation_c50"], case["dissociation_gamma"]),
            "pressure": _hill(pressing, case["pressure_c50"], case["pressure_gamma"]),
            "sedation": _hill(mdz[..., 3], case["sedation_c50"], case["sedation_gamma"]),
            "venous": ket[..., 0, :, v] + ket[..., 1, :, v],
            "occupancy": bound / (1 + bound),
            "conc_midazolam": mdz[..., 0] / case["mdz_V1"] * 1000.0,
            **{f"conc_{k}": c for k, c in conc.items()},
        }


def _shifted(effect: np.ndarray, shift: np.ndarray) -> np.ndarray:
    """The same odds divided by exp(shift)."""
    odds = effect / (1 - effect) * np.exp(-shift)
    return odds / (1 + odds)


def _tolerance(case: Case) -> np.ndarray:
    """What each dose meets of tolerance, (n_doses, P); one that is not given changes nothing."""
    events = case.protocol.dose_events()
    out = np.zeros((len(events), case.n))
    level, met, since = np.zeros(case.n), np.zeros(case.n), 0.0
    for n, e in enumerate(events):
        level = level * 0.5 ** ((e.time_h - since) / case["tolerance_half_life"])
        since = e.time_h
        by_kg = (
            getattr(e.amount, "mg_per_kg", 0.0) + getattr(e.amount, "mg", 0.0) / case["weight_kg"]
        )
        share = np.minimum(by_kg * _multiplier(case, n) / 0.5, 1.0) * (e.drug == "ketamine")
        if share.max() > 0:
            met = level
            level = level + (1 - level) * case["tolerance_per_dose"] * share
        out[n] = met
    return out


def felt_at_doses(case: Case) -> np.ndarray:
    """The most that is felt at the readings after each dose, (n_doses, P); readings beyond the
    next dose are taken just before it."""
    events = case.protocol.dose_events()
    out = np.zeros((len(events), case.n))
    met = _tolerance(case)
    starts = [e.time_h for e in events]
    readings = []
    for n, t in enumerate(starts):
        stop = min([np.inf, *(x - 1e-6 for x in starts[n + 1 :])])
        after = READINGS_H * max(1.0, events[n].duration_h / 2.0)
        readings.append(np.unique(np.minimum(t + after, stop)))
    if not events:
        return out
    seen = plasma(case, np.concatenate(readings))
    first = 0
    for n in range(len(events)):
        own = slice(first, first + len(readings[n]))
        first = own.stop
        felt = seen["dissociation"][own].max(axis=0)
        felt = _shifted(felt, case["dissociation_tolerance"] * met[n])
        felt = felt + case["felt_sedation_weight"] * seen["sedation"][own].max(axis=0)
        out[n] = felt * min(_multiplier(case, n), 1.0)
    return out


def _belief(case: Case, t: float, from_the_left: bool = False) -> np.ndarray:
    starts = [e.time_h for e in case.protocol.dose_events()]
    count = int(np.searchsorted(starts, t, side="left" if from_the_left else "right"))
    faded = _open_fading(case, t, t - 1e-6 if from_the_left else t)
    if count == 0:
        return case.share * faded
    seen = case.felt[:count].max(axis=0)
    odds = np.log(case.share / (1 - case.share)) + case.slope * (seen - case["felt_reference"])
    at_dose = 1.0 / (1.0 + np.exp(-odds))
    fading = np.exp(-(t - starts[count - 1]) * case.rate("belief"))
    return (case.share + (at_dose - case.share) * fading) * faded


def _open_fading(case: Case, t: float, begun_by: float) -> np.ndarray:
    """What is left of hope in an open study, treatments counted that began at `begun_by`."""
    protocol = case.protocol
    stretches = [(s.time_h, s.time_h) for s in protocol.session_events()]
    stretches += [(e.time_h, e.time_h) for e in protocol.dose_events() if e.drug != "saline"]
    stretches += [(s.start_h, s.end_h) for s in protocol.daily_segments() if s.mg_per_day > 0]
    last = [min(end, t) for start, end in stretches if start <= begun_by + 1e-9]
    if not case.open_label or not last:
        return np.ones(case.n)
    return np.exp(-(t - max(last)) * case.rate("belief"))


def _course(case: Case) -> tuple[float, float]:
    """When treatment starts and ends, placebo included."""
    protocol = case.protocol
    times = [e.time_h for e in protocol.dose_events()]
    times += [s.time_h for s in protocol.session_events()]
    times += [t for s in protocol.daily_segments() for t in (s.start_h, s.end_h)]
    end = None if protocol.course_days is None else 24.0 * protocol.course_days
    return min(times, default=0.0), max([*times, end or 0.0], default=0.0)


@dataclass
class Stretch:
    """What is constant between two switches."""

    ket_in: np.ndarray  # (2, P, S) mg/h
    mdz_in: np.ndarray  # (P, 4)
    drugged: bool
    last_dose_h: float  # -1 before any
    belief_at: np.ndarray  # (P,) belief just after the last dose
    felt: np.ndarray  # (P,) of the last dose
    tolerance: np.ndarray  # (P,) that the latest ketamine met
    ssri: float  # mg/h
    on_ssri: float
    in_therapy: float
    start_h: float


def _stretch(case: Case, a: float, b: float, doses: list[Dosing], drugged: bool) -> Stretch:
    ket, mdz = np.zeros((2, case.n, len(PK))), np.zeros((case.n, 4))
    middle = (a + b) / 2
    for d in doses:
        if d.start < middle < d.stop:
            if d.block == "ket":
                ket[:, :, d.state] += d.value
            else:
                mdz[:, d.state] += d.value
    events = case.protocol.dose_events()
    done = [n for n, e in enumerate(events) if e.time_h < middle]
    of_ketamine = [n for n in done if events[n].drug == "ketamine"]
    met = _tolerance(case)[of_ketamine[-1]] if of_ketamine else np.zeros(case.n)
    last = events[done[-1]].time_h if done else -1.0
    daily = [s for s in case.protocol.daily_segments() if s.start_h < middle < s.end_h]
    new = not any(s.taken_before for s in case.protocol.daily_segments())
    felt = case.felt[done[-1]] if done and len(case.felt) else np.zeros(case.n)
    exposure = [s.time_h for s in case.protocol.session_events() if s.kind == "exposure"]
    in_therapy = float(bool(exposure) and exposure[0] < middle < exposure[-1])
    believed = _belief(case, last) if done and len(case.felt) else np.full(case.n, case.share)
    return Stretch(
        ket, mdz, drugged, last, believed, felt, met,
        sum(s.mg_per_day for s in daily) / 24.0, float(bool(daily) and new), in_therapy, a,
    )  # fmt: skip


def _integrate(
    case: Case, times_h: np.ndarray, *, slow: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """States at times_h: ketamine (T, 2, P, S), midazolam (T, P, 4), slow (T, C, P).

    A time at which something is given is reported after a bolus and before a session.
    """
    times_h = np.asarray(times_h, float)
    doses = _dosing(case)
    sessions = case.protocol.session_events()
    end = float(times_h[-1])
    marks = {0.0, end, *(t for d in doses for t in (d.start, d.stop))}
    marks |= {s.time_h for s in sessions} | {e.time_h for e in case.protocol.dose_events()}
    marks |= {t for s in case.protocol.daily_segments() for t in (s.start_h, s.end_h)}
    marks |= set(_course(case))
    edges = np.array(sorted(t for t in marks if t <= end))
    edges = edges[np.concatenate([[True], np.diff(edges) > 1e-9])]
    cuts = [np.linspace(a, b, int(np.ceil((b - a) / LONGEST_STRETCH_H)), endpoint=False)
            for a, b in zip(edges[:-1], edges[1:], strict=True)]  # fmt: skip
    edges = np.concatenate([*cuts, edges[-1:]])
    model = Equations(case, slow)
    y = model.start()
    found = np.empty((len(times_h), len(y)))
    for a, b in zip(edges[:-1], edges[1:], strict=True):
        _give(case, model, y, a, doses)
        at_a = np.flatnonzero(np.abs(times_h - a) < 1e-9)
        found[at_a] = y
        if slow:
            _hold_sessions(case, model, y, a, sessions)
        amounts = np.concatenate([model.ket(y).ravel(), model.mdz(y).ravel()])
        part = _stretch(case, a, b, doses, True)
        if amounts.max(initial=0.0) < WASHED_OUT_MG and not part.ket_in.any() | part.mdz_in.any():
            part.drugged = False
            model.clear(y)
            if not slow:
                found[(times_h > a + 1e-9) & (times_h <= b + 1e-9)] = 0.0
                continue
        inside = np.flatnonzero((times_h > a + 1e-9) & (times_h <= b + 1e-9))
        wanted = np.minimum(times_h[inside], b)
        y = model.advance(y, a, b, part, wanted, found, inside)
    return (
        np.stack([model.ket(x) for x in found]),
        np.stack([model.mdz(x) for x in found]),
        np.stack([model.slow(x) for x in found]),
    )


def _give(case: Case, model: Equations, y: np.ndarray, t: float, doses: list[Dosing]) -> None:
    for d in doses:
        if d.stop == d.start and abs(d.start - t) < 1e-9:
            if d.block == "ket":
                model.ket(y)[:, :, d.state] += d.value
            else:
                model.mdz(y)[:, d.state] += d.value


def _hold_sessions(case: Case, model: Equations, y: np.ndarray, t: float, sessions: Any) -> None:
    events = case.protocol.dose_events()
    now = [s for s in sessions if abs(s.time_h - t) < 1e-9]
    if not now:
        return
    near = {"ketamine": 0.0, "midazolam": 0.0}
    for n, e in enumerate(events):
        if e.drug in near and -1e-9 <= t - e.time_h <= 4.0 + 1e-9:
            near[e.drug] = max(near[e.drug], min(_multiplier(case, n), 1.0))
    x = dict(zip(SLOW, model.slow(y), strict=True))
    signal = case["fast_weight"] * x["plasticity_fast"] + x["plasticity_slow"]
    m = np.exp(
        case["learn_plasticity_modulation"] * signal
        + case["near_dose_modulation"] * near["ketamine"]
        + case["near_midazolam_modulation"] * near["midazolam"]
    )
    eta = sum(case[f"learn_{s.kind}"] for s in now)
    x["learning"] += (1 - x["learning"]) * (1 - np.exp(-eta * m))


class Equations:
    """The right-hand side on one flat state vector; parts are views of it."""

    def __init__(self, case: Case, with_slow: bool) -> None:
        self.case, self.with_slow, n = case, with_slow, case.n
        self.n_ket, self.n_mdz = 2 * n * len(PK), 4 * n
        self.a_ket = np.stack([_matrix(case, "S"), _matrix(case, "R")])
        self.a_mdz = _midazolam_matrix(case)
        p = {k: case[k] for k in case.par}
        self.p = p
        self.k = {
            k.removesuffix("_half_life"): case.rate(k.removesuffix("_half_life"))
            for k in p
            if k.endswith("_half_life")
        }
        self.w = {
            d: np.stack([p[f"w_{d}_{c}"] * p[f"{d}_effect"] for c in CIRCUITS])
            for d in ("drug", "learning", "ssri")
        }
        self.load = np.stack([[p[f"load_{k}_{c}"] for c in CIRCUITS] for k in CLUSTERS])
        base = np.stack([p[f"base_{k}"] for k in (*CLUSTERS, "mood")])
        self.top = np.array([*CLUSTERS.values(), MOOD])[:, None]
        self.base, self.logit = self.top * base, np.log(base / (1 - base))

    def ket(self, y: np.ndarray) -> np.ndarray:
        return y[: self.n_ket].reshape(2, self.case.n, len(PK))

    def mdz(self, y: np.ndarray) -> np.ndarray:
        return y[self.n_ket : self.n_ket + self.n_mdz].reshape(self.case.n, 4)

    def slow(self, y: np.ndarray) -> np.ndarray:
        return y[self.n_ket + self.n_mdz :].reshape(-1, self.case.n)

    def clear(self, y: np.ndarray) -> None:
        y[: self.n_ket + self.n_mdz] = 0.0

    def start(self) -> np.ndarray:
        slow = np.zeros((len(SLOW) if self.with_slow else 0, self.case.n))
        if self.with_slow:
            slow[[SLOW.index(c) for c in CIRCUITS]] = 1.0
            first = SLOW.index("caps5_b")
            slow[first : first + 5] = self.base
            slow[SLOW.index("ssri_amount")] = self.p["ssri_amount_start"]
            slow[[SLOW.index("ssri_fast"), SLOW.index("ssri_slow")]] = self.p["ssri_start"]
        return np.concatenate([np.zeros(self.n_ket + self.n_mdz), slow.ravel()])

    def advance(
        self, y: np.ndarray, a: float, b: float, part: Stretch, wanted: np.ndarray,
        found: np.ndarray, rows: np.ndarray,
    ) -> np.ndarray:  # fmt: skip
        """State at b; states at `wanted` go into `rows` of `found`."""
        skip = 0 if part.drugged else self.n_ket + self.n_mdz
        out = solve_ivp(
            lambda t, x: self._rhs(t, x, part), (a, b), y[skip:], METHOD,
            t_eval=[*wanted[wanted < b], b], rtol=RTOL, atol=ATOL,
        )  # fmt: skip
        if not out.success:
            raise RuntimeError(out.message)
        states = np.zeros((out.y.shape[1], len(y)))
        states[:, skip:] = out.y.T
        found[rows] = states[: len(rows)]
        return states[-1].copy()

    def _rhs(self, t: float, y: np.ndarray, part: Stretch) -> np.ndarray:
        drive = 0.0
        drugs = np.zeros(0)
        if part.drugged:
            ket, mdz = self.ket(y), self.mdz(y)
            d_ket = np.matmul(self.a_ket, ket[..., None])[..., 0] + part.ket_in
            d_mdz = np.matmul(self.a_mdz, mdz[..., None])[..., 0] + part.mdz_in
            drugs = np.concatenate([d_ket.ravel(), d_mdz.ravel()])
            if not self.with_slow:
                return drugs
            drive = _shifted(_drive(self.case, ket), self.case["drive_tolerance"] * part.tolerance)
            y = y[len(drugs) :]
        return np.concatenate([drugs, self._slow(t, y.reshape(-1, self.case.n), drive, part)])

    def _slow(self, t: float, y: np.ndarray, drive: Any, part: Stretch) -> np.ndarray:
        p, k, share = self.p, self.k, self.case.share
        g, f, s, learned, amount, u_fast, u_slow = y[:7]
        circuits, early, late, x = y[7:10], y[10], y[11], y[12]
        severity = y[13:18]
        belief = share * np.ones(self.case.n)
        if part.last_dose_h >= 0:
            belief = share + (part.belief_at - share) * np.exp(
                -(t - part.last_dose_h) * k["belief"]
            )
        belief = belief * _open_fading(self.case, t, part.start_h)
        signal = p["fast_weight"] * f + s
        u = p["ssri_fast_share"] * u_fast + (1 - p["ssri_fast_share"]) * u_slow
        conc = 1000.0 * amount / p["ssri_v"]
        bound = conc / (p["ssri_ec50"] + conc)
        veterans = p["veteran_ratio"] ** p["veteran_share"]
        q = (
            self.w["drug"] * signal
            + self.w["learning"] * veterans * learned
            + self.w["ssri"] * (u - p["ssri_start"])
        )
        hope = p["rater_expectancy_share"] * x
        relief = np.concatenate([
            (self.load * (1 - circuits)).sum(axis=1) + early + late + hope,
            [p["mood_drug_effect"] * signal + p["mood_ssri_effect"] * (u - p["ssri_start"])
             + p["mood_nonspecific_share"] * (early + late) + p["mood_expectancy_ratio"] * hope],
        ])  # fmt: skip
        target = self.top / (1 + np.exp(relief - self.logit))
        worse = severity[:4].sum(axis=0) - self.base[:4].sum(axis=0)
        hazard = p["leave_hazard"] * np.exp(
            p["leave_per_10_points"] * worse / 10 + p["leave_side_effects"] * part.felt
        )
        first, last = _course(self.case)
        treats = float(first < (part.start_h + 1e-6) < last)
        aim = p["nonspecific_change"] * (1 + p["contact_gain"] * self.case.contact)
        return np.concatenate([
            k["glutamate"] * (drive - g),
            p["fast_on"] * g * (1 - f) - k["fast"] * f,
            p["slow_on"] * f * (1 - s) - k["slow"] * s,
            -k["learning"] * learned,
            p["ssri_adherence"] * part.ssri - p["ssri_cl"] / p["ssri_v"] * amount,
            k["ssri_fast"] * (bound - u_fast),
            k["ssri_slow"] * (bound - u_slow),
            (k["circuit"] * (_deviation(q) - circuits)).ravel(),
            k["nonspecific"] * (aim - early),
            k["nonspecific_late"] * (p["nonspecific_late_change"] * veterans - late) * treats,
            k["expectancy"] * (p["expectancy"] * veterans * belief - x),
            (k["severity"] * (target - severity)).ravel(),
            (hazard + p["ssri_ae_hazard"] * part.on_ssri
             + p["therapy_hazard"] * part.in_therapy) / 168.0,
            severity.ravel(),
        ])  # fmt: skip


def _deviation(q: np.ndarray) -> np.ndarray:
    """exp(-q), and its mirror image about 1 below 0."""
    with np.errstate(over="ignore"):
        return np.where(q >= 0, np.exp(-q), 2 - np.exp(q))


def _slow_courses(case: Case, states: Any, times_h: np.ndarray) -> dict[str, np.ndarray]:
    """Named courses; belief at a time is its value before a dose given at that time."""
    x = states[2]
    out = {name: x[:, i] for i, name in enumerate(SLOW)}
    out["nonspecific"] = out["early"] + out["late"]
    out["caps5_total"] = sum(out[f"caps5_{k}"] for k in CLUSTERS)
    out["plasticity"] = case["fast_weight"] * out["plasticity_fast"] + out["plasticity_slow"]
    share = case["ssri_fast_share"]
    out["ssri"] = share * out["ssri_fast"] + (1 - share) * out["ssri_slow"]
    part, start = case["regulation_prefrontal_share"], CLUSTERS["d"] * case["base_d"]
    out["emotion_regulation"] = part * out["prefrontal"] + (1 - part) * out["caps5_d"] / start
    out["belief"] = np.stack([_belief(case, t, from_the_left=True) for t in times_h])
    return out
