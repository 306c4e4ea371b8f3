#!/bin/sh
# statsmodels 0.15.0 (PyPI), statsmodels.stats.meta_analysis.combine_effects, run on 2026-11-29.
#
# Guess: method_re="dl" (or "chi2") is DerSimonian and Laird's estimator, which their paper cuts at 0;
# effects that agree more than their variances would let them give tau2 = 0 and the common effect.
# Seen: the moment is not cut. tau2 is negative and is added to the variances all the same: a study
# gets a negative weight, the random-effects mean lies outside the range of the effects (here below
# the least of four), and its standard error is the root of a negative number, NaN. "iterated" (Paule
# and Mandel) stops at 0 on the same numbers.
# What follows: DerSimonian and Laird's results are compared with this function only where Q exceeds
# its degrees of freedom. Ends with status 1 if any of this changes.
#
# Output seen:
#   dl: tau2 -0.0430, mean 0.2892, se nan, least weight -0.7051
#   chi2: tau2 -0.0430, mean 0.2892, se nan, least weight -0.7051
#   iterated: tau2 0.0000, mean 0.2986, se 0.1026, least weight 0.1754
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet statsmodels==0.15.0
cat > run.py <<'PY'
import warnings

import numpy as np
from statsmodels.stats.meta_analysis import combine_effects

warnings.simplefilter("ignore")
effects, variances = np.array([0.30, 0.31, 0.29, 0.30]), np.array([0.04, 0.05, 0.03, 0.06])
for method in ("dl", "chi2", "iterated"):
    found = combine_effects(effects, variances, method_re=method)
    print(
        f"{method}: tau2 {found.tau2:.4f}, mean {found.mean_effect_re:.4f}, se"
        f" {found.sd_eff_w_re:.4f}, least weight {found.weights_rel_re.min():.4f}"
    )
PY
env/bin/python run.py | tee seen
cat > expected <<'TXT'
dl: tau2 -0.0430, mean 0.2892, se nan, least weight -0.7051
chi2: tau2 -0.0430, mean 0.2892, se nan, least weight -0.7051
iterated: tau2 0.0000, mean 0.2986, se 0.1026, least weight 0.1754
TXT
diff expected seen
