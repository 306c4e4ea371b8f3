"""Meta-analysis: effect sizes, random effects, networks, small-study methods.

NumPy and SciPy only.
"""

from synaptrial.synthesis.batched import BatchFit as BatchFit
from synaptrial.synthesis.batched import bootstrap as bootstrap
from synaptrial.synthesis.batched import rma_batch as rma_batch
from synaptrial.synthesis.effects import CombinedArm as CombinedArm
from synaptrial.synthesis.effects import EffectSize as EffectSize
from synaptrial.synthesis.effects import MeanAndSd as MeanAndSd
from synaptrial.synthesis.effects import Quantity as Quantity
from synaptrial.synthesis.effects import back_to_proportion as back_to_proportion
from synaptrial.synthesis.effects import combine_arms as combine_arms
from synaptrial.synthesis.effects import combine_events as combine_events
from synaptrial.synthesis.effects import correlation_from_change as correlation_from_change
from synaptrial.synthesis.effects import effect_from_correlation as effect_from_correlation
from synaptrial.synthesis.effects import effect_from_crossover as effect_from_crossover
from synaptrial.synthesis.effects import effect_from_estimate as effect_from_estimate
from synaptrial.synthesis.effects import effect_from_first_period as effect_from_first_period
from synaptrial.synthesis.effects import effect_from_mean as effect_from_mean
from synaptrial.synthesis.effects import effect_from_means as effect_from_means
from synaptrial.synthesis.effects import effect_from_pairs as effect_from_pairs
from synaptrial.synthesis.effects import effect_from_pre_post as effect_from_pre_post
from synaptrial.synthesis.effects import effect_from_proportion as effect_from_proportion
from synaptrial.synthesis.effects import effect_from_ratio as effect_from_ratio
from synaptrial.synthesis.effects import effect_from_tables as effect_from_tables
from synaptrial.synthesis.effects import effect_size as effect_size
from synaptrial.synthesis.effects import hedges_j as hedges_j
from synaptrial.synthesis.effects import hedges_j_approximate as hedges_j_approximate
from synaptrial.synthesis.effects import mean_sd_from_quantiles as mean_sd_from_quantiles
from synaptrial.synthesis.effects import sd_from_ci as sd_from_ci
from synaptrial.synthesis.effects import sd_from_difference_se as sd_from_difference_se
from synaptrial.synthesis.effects import sd_from_se as sd_from_se
from synaptrial.synthesis.effects import sd_of_change as sd_of_change
from synaptrial.synthesis.effects import se_from_ci as se_from_ci
from synaptrial.synthesis.effects import se_from_f as se_from_f
from synaptrial.synthesis.effects import se_from_p as se_from_p
from synaptrial.synthesis.effects import se_from_t as se_from_t
from synaptrial.synthesis.effects import smd_from_test as smd_from_test
from synaptrial.synthesis.grouped import Subgroups as Subgroups
from synaptrial.synthesis.grouped import subgroups as subgroups
from synaptrial.synthesis.two_by_two import PooledTables as PooledTables
from synaptrial.synthesis.two_by_two import mantel_haenszel as mantel_haenszel
from synaptrial.synthesis.two_by_two import peto as peto
from synaptrial.synthesis.univariate import MetaAnalysis as MetaAnalysis
from synaptrial.synthesis.univariate import Predicted as Predicted
from synaptrial.synthesis.univariate import rma as rma
