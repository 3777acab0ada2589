from pathlib import Path

import pytest

import docs.figures.guides
import docs.figures.network
from inference.network.configuration import VERTENET
from inference.network.vertenet.encoder import PLANS

FOLDER = Path(docs.figures.network.__file__).parent


@pytest.mark.parametrize("figure", ["network", "guides"])
def test_committed_figure_is_what_the_script_draws(figure):
    drawn = getattr(docs.figures, figure).draw()
    again = f"python -m docs.figures.{figure} > docs/figures/{figure}.svg"
    assert (FOLDER / f"{figure}.svg").read_text() == drawn, f"draw it again: {again}"


def test_sizes_in_the_figure_are_the_networks():
    plan = PLANS["tf_efficientnetv2_s"]
    assert tuple(docs.figures.network.CHANNELS.values()) == tuple(plan.channels)


def test_heads_in_the_figure_are_the_networks():
    assert VERTENET.input_size == docs.figures.network.INPUT
    heads = {name: head.outputs for name, head in VERTENET.heads.items()}
    assert heads == {name: channels for name, (channels, _) in docs.figures.network.HEADS.items()}
