"""The problem as SBML, for the peers that read it: infusions are time events."""

import antimony

from benchmarks import problem as pb

EQUATIONS = """
  A1' = rate - (CL + Q)*A1/V1 + Q/V2*A2
  A2' = Q*A1/V1 - Q/V2*A2
  CE' = KE0*(A1/V1 - CE)
  P' = KON*CE^2/(EC50^2 + CE^2)*(1 - P) - KOUT*P
  S' = KS*(S0*(1 - SMAX*P) - S)
  concentration := A1/V1
"""


def text() -> str:
    """The model in the Antimony language."""
    start = dict(zip(("A1", "A2", "CE", "P", "S"), pb.initial_state().tolist(), strict=True))
    values = {**start, "rate": pb.RATE, **vars(pb.TYPICAL)}  # the first dose starts at 0
    lines = [f"  {name} = {value!r}" for name, value in values.items()]
    for i, seg in enumerate(pb.segments()[1:]):
        lines.append(f"  switch{i}: at (time >= {seg.start!r}): rate = {seg.rate!r}")
    return "\n".join(["model course()", EQUATIONS, *lines, "end"])


def document() -> str:
    """The model as SBML."""
    antimony.clearPreviousLoads()
    if antimony.loadAntimonyString(text()) < 0:
        raise RuntimeError(antimony.getLastError())
    return str(antimony.getSBMLString("course"))
