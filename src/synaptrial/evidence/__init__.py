"""What is published, as rows with sources, and its meta-analysis."""

from synaptrial.synthesis import MetaAnalysis as MetaAnalysis
from synaptrial.synthesis import rma as rma
