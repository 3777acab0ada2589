"""Why an image has to be reviewed by a person before it is analysed."""

from __future__ import annotations

from studies.cases.dicom.facts import Facts

BURNED_IN_TEXT = "The header does not rule out that a name is visible in the picture."
LONG_FIELD_TEXT = (
    "By its pixel spacing the image would be longer than 1 m, as in a whole-body scan. Release it "
    "if it shows a lateral spine; the spacing is then checked against the vertebrae."
)


def review_reason(facts: Facts) -> tuple[str, str] | None:
    """Return code and text of the reason for a review, or None if none is needed."""
    # "YES" and a missing statement alike: only an explicit NO rules out names in the picture.
    names_possible = facts.burned_in != "NO"
    texts = [BURNED_IN_TEXT] if names_possible else []
    if facts.long_field:
        texts.append(LONG_FIELD_TEXT)
    if not texts:
        return None
    return "burned_in_unknown" if names_possible else "long_field", " ".join(texts)
