"""The default scoring guide, with the rule of the study for boundaries between grades."""

from __future__ import annotations

from django.template.loader import render_to_string
from django.urls import reverse

from studies.analytics.scale import CELL_SCORES, WALLS
from studies.protocol.models import Study


def scoring_guide_html(study: Study) -> str:
    """Return the guide as HTML; its pictures are loaded from this server."""
    walls = [
        (wall, [(grade, reverse("scoring-example", args=[wall, grade])) for grade in CELL_SCORES])
        for wall in WALLS
    ]
    context = {
        "upper": study.boundary == Study.Boundary.UPPER,
        "aac8": study.scores_aac8,
        "walls": walls,
    }
    return render_to_string("practice/scoring_guide.html", context)
