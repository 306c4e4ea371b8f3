"""Effect sizes from whatever was reported, each with a trace that a report can print.

A measure has the name that it has in metafor's escalc, and its inputs have the names of escalc in
lower case. Group 1 minus group 2 always, or 1 over 2; what counts as better is the caller's.
"""

from synaptrial.synthesis.effects.arms import CombinedArm as CombinedArm
from synaptrial.synthesis.effects.arms import combine_arms as combine_arms
from synaptrial.synthesis.effects.arms import combine_events as combine_events
from synaptrial.synthesis.effects.by_name import MEASURES as MEASURES
from synaptrial.synthesis.effects.by_name import effect_size as effect_size
from synaptrial.synthesis.effects.hedges import hedges_j as hedges_j
from synaptrial.synthesis.effects.hedges import hedges_j_approximate as hedges_j_approximate
from synaptrial.synthesis.effects.means import effect_from_means as effect_from_means
from synaptrial.synthesis.effects.pairs import effect_from_crossover as effect_from_crossover
from synaptrial.synthesis.effects.pairs import effect_from_first_period as effect_from_first_period
from synaptrial.synthesis.effects.pairs import effect_from_pairs as effect_from_pairs
from synaptrial.synthesis.effects.prepost import effect_from_pre_post as effect_from_pre_post
from synaptrial.synthesis.effects.quantiles import MeanAndSd as MeanAndSd
from synaptrial.synthesis.effects.quantiles import mean_sd_from_quantiles as mean_sd_from_quantiles
from synaptrial.synthesis.effects.reported import effect_from_estimate as effect_from_estimate
from synaptrial.synthesis.effects.reported import effect_from_ratio as effect_from_ratio
from synaptrial.synthesis.effects.reported import smd_from_test as smd_from_test
from synaptrial.synthesis.effects.single import back_to_proportion as back_to_proportion
from synaptrial.synthesis.effects.single import effect_from_correlation as effect_from_correlation
from synaptrial.synthesis.effects.single import effect_from_mean as effect_from_mean
from synaptrial.synthesis.effects.single import effect_from_proportion as effect_from_proportion
from synaptrial.synthesis.effects.size import EffectSize as EffectSize
from synaptrial.synthesis.effects.size import Quantity as Quantity
from synaptrial.synthesis.effects.spread import correlation_from_change as correlation_from_change
from synaptrial.synthesis.effects.spread import sd_from_ci as sd_from_ci
from synaptrial.synthesis.effects.spread import sd_from_difference_se as sd_from_difference_se
from synaptrial.synthesis.effects.spread import sd_from_se as sd_from_se
from synaptrial.synthesis.effects.spread import sd_of_change as sd_of_change
from synaptrial.synthesis.effects.spread import se_from_ci as se_from_ci
from synaptrial.synthesis.effects.spread import se_from_f as se_from_f
from synaptrial.synthesis.effects.spread import se_from_p as se_from_p
from synaptrial.synthesis.effects.spread import se_from_t as se_from_t
from synaptrial.synthesis.effects.tables import effect_from_tables as effect_from_tables
