import numpy as np
import pytest

from inference.overlay import BODY_COLOUR, GUIDE_COLOUR, HEIGHT, MARGIN, draw_overlay
from inference.pipeline import analyze
from inference.results import Landmarks, Uncertainty
from tests.inference.spines import grey_image, straight
from tests.inference.test_pipeline import StandIn


def drawn(image, landmarks, **options):
    return draw_overlay(image, analyze(image, StandIn(landmarks, **options)))


def has(picture, colour, x, y):
    neighbourhood = np.asarray(picture)[y - 3 : y + 4, x - 3 : x + 4].reshape(-1, 3)
    return (neighbourhood == colour).all(axis=1).any()


@pytest.mark.parametrize("aspect", [1.0, 2.0])
def test_corners_and_guides_are_drawn_at_their_positions(aspect):
    """A 300 x 400 image is scaled by HEIGHT / 400, and horizontally also by 1 / aspect."""
    picture = drawn(grey_image(aspect=aspect), straight())
    down = HEIGHT / 400
    across = down / aspect
    assert picture.width == round(300 * across) + 2 * MARGIN
    assert has(picture, BODY_COLOUR, round(MARGIN + 100.5 * across), round(100.5 * down))
    assert has(picture, GUIDE_COLOUR, round(MARGIN + 170 * across), round(135.5 * down))


def test_guides_are_clipped_to_the_image():
    picture = np.asarray(drawn(grey_image(width=160), straight()))
    inside = picture[:, MARGIN : picture.shape[1] - MARGIN]
    outside = picture[:, picture.shape[1] - MARGIN + 4 :]
    assert (inside == GUIDE_COLOUR).all(axis=2).any()
    assert not (outside == GUIDE_COLOUR).all(axis=2).any()


def test_image_is_extended_for_its_notes():
    uncertainty = Uncertainty("gap", "A gap of 1.9 body heights between L2 and L3.")
    plain = drawn(grey_image(), straight())
    flagged = drawn(grey_image(), straight(), level_uncertainty=uncertainty)
    assert flagged.height > plain.height > HEIGHT


def test_image_without_landmarks_is_drawn():
    assert drawn(grey_image(), Landmarks({})).height > HEIGHT
