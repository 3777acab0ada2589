"""Statistics of agreement between readers, for scripts and notebooks.

Every function takes plain arrays and returns an `Estimate`. ``python -m studies.analytics`` runs
the whole analysis on a CSV file.
"""

from studies.analytics.coefficients.alpha import krippendorff_alpha
from studies.analytics.coefficients.bland_altman import bland_altman
from studies.analytics.coefficients.correlation import kendall_tau_b, lin_ccc, pearson, spearman
from studies.analytics.coefficients.intraclass import icc
from studies.analytics.coefficients.kappa import cohen_kappa
from studies.analytics.coefficients.multirater import (
    brennan_prediger,
    conger_kappa,
    fleiss_kappa,
    gwet_ac,
    light_kappa,
    percent_agreement,
)
from studies.analytics.estimate import Estimate

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
