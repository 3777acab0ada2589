"""Agreement between readers: the statistics of VerteRead for scripts and notebooks."""

from studies.analytics.alpha import krippendorff_alpha
from studies.analytics.continuous import bland_altman
from studies.analytics.correlation import kendall_tau_b, lin_ccc, pearson, spearman
from studies.analytics.estimate import Estimate
from studies.analytics.intraclass import icc
from studies.analytics.kappa import cohen_kappa
from studies.analytics.multirater import (
    brennan_prediger,
    conger_kappa,
    fleiss_kappa,
    gwet_ac,
    light_kappa,
    percent_agreement,
)

__all__ = [
    "Estimate",
    "bland_altman",
    "brennan_prediger",
    "cohen_kappa",
    "conger_kappa",
    "fleiss_kappa",
    "gwet_ac",
    "icc",
    "kendall_tau_b",
    "krippendorff_alpha",
    "light_kappa",
    "lin_ccc",
    "pearson",
    "percent_agreement",
    "spearman",
]
