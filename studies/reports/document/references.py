"""References of a report: a numbered list, cited in its texts by these numbers.

Texts name authors and years, as on the agreement page, which has no list. In a report they are
replaced by numbers in the order of their first citation.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

REFERENCES: Final = {
    ("Kauppila", "1997"): "Kauppila LI, Polak JF, Cupples LA, et al. New indices to classify "
    "location, severity and progression of calcific lesions in the abdominal aorta: a 25-year "
    "follow-up study. Atherosclerosis 1997;132:245–250.",
    ("Schousboe", "2007"): "Schousboe JT, Wilson KE, Hangartner TN. Detection of aortic "
    "calcification during vertebral fracture assessment (VFA) compared to digital radiography. "
    "PLoS ONE 2007;2:e715.",
    ("Cohen", "1960"): "Cohen J. A coefficient of agreement for nominal scales. Educ Psychol Meas "
    "1960;20:37–46.",
    ("Cohen", "1968"): "Cohen J. Weighted kappa: nominal scale agreement with provision for scaled "
    "disagreement or partial credit. Psychol Bull 1968;70:213–220.",
    ("Fleiss, Cohen and Everitt", "1969"): "Fleiss JL, Cohen J, Everitt BS. Large sample standard "
    "errors of kappa and weighted kappa. Psychol Bull 1969;72:323–327.",
    ("Fleiss", "1971"): "Fleiss JL. Measuring nominal scale agreement among many raters. Psychol "
    "Bull 1971;76:378–382.",
    ("Conger", "1980"): "Conger AJ. Integration and generalization of kappas for multiple raters. "
    "Psychol Bull 1980;88:322–328.",
    ("Brennan and Prediger", "1981"): "Brennan RL, Prediger DJ. Coefficient kappa: some uses, "
    "misuses, and alternatives. Educ Psychol Meas 1981;41:687–699.",
    ("Hayes and Krippendorff", "2007"): "Hayes AF, Krippendorff K. Answering the call for a "
    "standard reliability measure for coding data. Commun Methods Meas 2007;1:77–89.",
    ("Light", "1971"): "Light RJ. Measures of response agreement for qualitative data: some "
    "generalizations and alternatives. Psychol Bull 1971;76:365–377.",
    (
        "Bland and Altman",
        "1986",
    ): "Bland JM, Altman DG. Statistical methods for assessing agreement "
    "between two methods of clinical measurement. Lancet 1986;327:307–310.",
    ("Bland and Altman", "2007"): "Bland JM, Altman DG. Agreement between methods of measurement "
    "with multiple observations per individual. J Biopharm Stat 2007;17:571–582.",
    ("Carkeet", "2015"): "Carkeet A. Exact parametric confidence intervals for Bland–Altman limits "
    "of agreement. Optom Vis Sci 2015;92:e71–e80.",
    ("McGraw and Wong", "1996"): "McGraw KO, Wong SP. Forming inferences about some intraclass "
    "correlation coefficients. Psychol Methods 1996;1:30–46.",
    ("Gwet", "2014"): "Gwet KL. Handbook of inter-rater reliability. 4th ed. Gaithersburg: "
    "Advanced Analytics; 2014.",
    ("Byrt", "1993"): "Byrt T, Bishop J, Carlin JB. Bias, prevalence and kappa. J Clin Epidemiol "
    "1993;46:423–429.",
    ("Vanbelle", "2017"): "Vanbelle S. Comparing dependent kappa coefficients obtained on "
    "multilevel data. Biom J 2017;59:1016–1034.",
    ("Holm", "1979"): "Holm S. A simple sequentially rejective multiple test procedure. Scand J "
    "Stat 1979;6:65–70.",
    ("Hotelling", "1931"): "Hotelling H. The generalization of Student’s ratio. Ann Math Stat "
    "1931;2:360–378.",
    ("Hodges and Lehmann", "1963"): "Hodges JL, Lehmann EL. Estimates of location based on rank "
    "tests. Ann Math Stat 1963;34:598–611.",
    ("Williams", "1949"): "Williams EJ. Experimental designs balanced for the estimation of "
    "residual effects of treatments. Aust J Sci Res A 1949;2:149–168.",
    ("Hesterberg", "2015"): "Hesterberg TC. What teachers should know about the bootstrap: "
    "resampling in the undergraduate statistics curriculum. Am Stat 2015;69:371–386.",
    ("Efron and Tibshirani", "1993"): "Efron B, Tibshirani RJ. An introduction to the bootstrap. "
    "New York: Chapman & Hall; 1993.",
    ("Beiden, Wagner and Campbell", "2000"): "Beiden SV, Wagner RF, Campbell G. "
    "Components-of-variance models and multiple-bootstrap experiments: an alternative method for "
    "random-effects, receiver operating characteristic analysis. Acad Radiol 2000;7:341–349.",
    ("Kottner et al.", "2011"): "Kottner J, Audigé L, Brorson S, et al. Guidelines for reporting "
    "reliability and agreement studies (GRRAS) were proposed. J Clin Epidemiol 2011;64:96–106.",
}
"""The full references by authors and year, as texts name them."""

_AUTHORS: Final = "|".join(
    # The longer names first, because "Cohen" is part of others.
    sorted((re.escape(name) for name, _ in REFERENCES), key=len, reverse=True)
)
_CITATION: Final = re.compile(
    rf"\((?P<alone>{_AUTHORS}) (?P<alone_years>\d{{4}}(?:, \d{{4}})*)\)"
    rf"|(?P<named>{_AUTHORS}) \((?P<named_years>\d{{4}}(?:, \d{{4}})*)\)"
    rf"|(?P<inner>{_AUTHORS}) (?P<inner_years>\d{{4}}(?:, \d{{4}})*)"
)
_TEXTS: Final = ("text", "caption", "note", "method")


class Citations:
    """Numbers the references of a report in the order of their first citation."""

    def __init__(self) -> None:
        self.numbers: dict[tuple[str, str], int] = {}

    def cite(self, text: str) -> str:
        """Return the text with numbers in place of years.

        Examples
        --------
        >>> Citations().cite("kappa (Cohen 1960, 1968), averaged as proposed by Light (1971)")
        'kappa [1, 2], averaged as proposed by Light [3]'
        """
        return _CITATION.sub(self._replacement, text)

    @property
    def cited(self) -> list[str]:
        """Return the cited references in the order of their numbers."""
        return [REFERENCES[key] for key in self.numbers]

    def _replacement(self, match: re.Match[str]) -> str:
        kind = next(kind for kind in ("alone", "named", "inner") if match[kind])
        keys = [(match[kind], year) for year in match[f"{kind}_years"].split(", ")]
        if any(key not in REFERENCES for key in keys):
            return match[0]
        numbers = [self.numbers.setdefault(key, len(self.numbers) + 1) for key in keys]
        shown = f"[{', '.join(map(str, numbers))}]"
        return shown if kind == "alone" else f"{match[kind]} {shown}"


def cite_references(parts: Sequence[list[dict[str, Any]]]) -> list[str]:
    """Replace citations in all blocks of a report, in their order; return the references.

    Paragraphs with ``entered`` are the coordinator's own text and are not changed.
    """
    citations = Citations()
    for block in (block for part in parts for block in part):
        if block.get("entered"):
            continue
        for name in _TEXTS:
            if name in block:
                block[name] = citations.cite(block[name])
        if block["kind"] == "list":
            block["items"] = [citations.cite(item) for item in block["items"]]
    return citations.cited
