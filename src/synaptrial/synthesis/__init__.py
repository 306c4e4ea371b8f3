"""Meta-analysis: effect sizes, random effects, networks, small-study methods.

NumPy and SciPy only.
"""

from synaptrial.synthesis.batched import BatchFit as BatchFit
from synaptrial.synthesis.batched import bootstrap as bootstrap
from synaptrial.synthesis.batched import rma_batch as rma_batch
from synaptrial.synthesis.grouped import Subgroups as Subgroups
from synaptrial.synthesis.grouped import subgroups as subgroups
from synaptrial.synthesis.univariate import MetaAnalysis as MetaAnalysis
from synaptrial.synthesis.univariate import Predicted as Predicted
from synaptrial.synthesis.univariate import rma as rma
