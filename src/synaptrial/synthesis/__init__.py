"""Meta-analysis: effect sizes, random effects, networks, small-study methods. NumPy and SciPy only."""
