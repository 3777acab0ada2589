from __future__ import annotations

from dataclasses import replace

import pytest

from inference.geometry.guide_warnings import check_guides
from inference.geometry.pixel_size import PixelSize
from inference.results import CORNERS, Body, Landmarks, Point, Vertebra
from tests.inference.spines import mapped, straight

SQUARE = PixelSize.of(None)


def without(*levels: Vertebra) -> Landmarks:
    return Landmarks({v: b for v, b in straight().bodies.items() if v not in levels})


def with_l5(**changes: object) -> Landmarks:
    bodies = dict(straight().bodies)
    bodies[Vertebra.L5] = replace(bodies[Vertebra.L5], **changes)
    return Landmarks(bodies)


def codes(landmarks: Landmarks) -> list[str]:
    return [notice.code for notice in check_guides(landmarks, SQUARE)]


def test_complete_column_has_no_warning() -> None:
    assert codes(with_l5(confidence=0.8)) == []


def test_missing_l5_leaves_guide_l4_l5_to_a_person() -> None:
    (notice,) = check_guides(without(Vertebra.L5), SQUARE)
    assert notice.code == "l5_not_visible"
    assert notice.text.startswith("L5 not visible: place guide L4/L5 from L4 and the sacrum")


def test_missing_t12_leaves_guide_t12_l1_to_a_person() -> None:
    assert codes(without(Vertebra.T12)) == ["t12_not_visible"]


def test_weak_l5_is_uncertain_until_a_person_places_it() -> None:
    assert codes(with_l5(confidence=0.2)) == ["l5_uncertain"]
    assert codes(with_l5(confidence=None)) == []


def test_weak_bodies_above_l5_are_named_until_a_person_places_them() -> None:
    bodies = dict(straight().bodies)
    for level, confidence in ((Vertebra.T12, 0.29), (Vertebra.L3, 0.1), (Vertebra.L4, 0.3)):
        bodies[level] = replace(bodies[level], confidence=confidence)
    (notice,) = check_guides(Landmarks(bodies), SQUARE)
    assert notice.code == "bodies_uncertain"
    assert notice.text == ("Detected with low confidence: T12, L3. Check the corners and guides.")
    placed = {level: replace(body, confidence=None) for level, body in bodies.items()}
    assert codes(Landmarks(placed)) == []


def test_l5_of_another_depth_than_l4_is_uncertain() -> None:
    """Half as deep as L4, although detected with confidence."""
    last = straight().bodies[Vertebra.L5]
    posterior = (last.superior_posterior, last.inferior_posterior)
    middle = [
        ((back[0] + front[0]) / 2, front[1])
        for back, front in zip(
            posterior, (last.superior_anterior, last.inferior_anterior), strict=True
        )
        if back is not None and front is not None
    ]
    narrow = Body(posterior[0], middle[0], posterior[1], middle[1], confidence=0.9)
    assert codes(Landmarks({**straight().bodies, Vertebra.L5: narrow})) == ["l5_uncertain"]


@pytest.mark.parametrize(
    ("move", "expected"),
    [
        ((0, 0), []),
        ((0, 28), []),
        ((0, 35), ["l5_uncertain"]),
        ((0, -20), ["l5_uncertain"]),
        ((25, 0), []),
        ((40, 0), ["l5_uncertain"]),
    ],
)
def test_l5_that_does_not_continue_the_column_is_uncertain(
    move: tuple[float, float], expected: list[str]
) -> None:
    """The steps from body to body are 40 pixels long and straight down."""

    def displaced(point: Point | None) -> Point | None:
        return None if point is None else (point[0] + move[0], point[1] + move[1])

    last = straight().bodies[Vertebra.L5]
    corners = [displaced(getattr(last, name)) for name in CORNERS]
    bodies = {**straight().bodies, Vertebra.L5: Body(*corners, confidence=0.9)}
    assert codes(Landmarks(bodies)) == expected


def test_position_of_l5_is_judged_in_true_proportions() -> None:
    """Pixels are twice as high as wide, so the same turn takes twice as many columns."""
    tall = PixelSize.of(None, aspect=2.0)
    bodies = dict(straight().bodies)
    aside = mapped(Landmarks({Vertebra.L5: bodies[Vertebra.L5]}), lambda x, y: (x + 50, y))
    bodies[Vertebra.L5] = replace(aside.bodies[Vertebra.L5], confidence=0.9)
    assert [notice.code for notice in check_guides(Landmarks(bodies), SQUARE)] == ["l5_uncertain"]
    assert check_guides(Landmarks(bodies), tall) == []


def test_without_l4_the_guide_has_no_other_end() -> None:
    assert codes(without(Vertebra.L4, Vertebra.L5)) == []
