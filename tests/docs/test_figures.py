from pathlib import Path

import pytest

import docs.figures.architecture
import docs.figures.data_path
import docs.figures.guides
import docs.figures.measured_reading
import docs.figures.network
from docs.figures.architecture import chain, depths, drawn_imports, read_graph
from inference.network.configuration import VERTENET
from inference.network.vertenet.encoder import PLANS

FOLDER = Path(docs.figures.network.__file__).parent


@pytest.mark.parametrize(
    "figure", ["network", "guides", "architecture", "data_path", "measured_reading"]
)
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


@pytest.fixture
def checkout(tmp_path):
    """A checkout with three packages, of which ``pages`` imports the others and ``alone`` none."""
    for name in ("studies/pages", "studies/rows", "studies/alone", "inference"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "__init__.py").touch()
    code = (
        "import inference.results\nfrom studies.rows.models import Row\nfrom studies import pages"
    )
    (tmp_path / "studies" / "pages" / "views.py").write_text(code)
    return tmp_path


def test_architecture_has_the_imports_of_the_code(checkout):
    graph = read_graph(checkout)
    assert graph == {
        "inference": frozenset(),
        "pages": frozenset({"inference", "rows"}),
        "rows": frozenset(),
    }
    assert depths(graph) == {"inference": 0, "pages": 1, "rows": 0}


def test_architecture_leaves_out_imports_that_follow_from_the_chain():
    graph = {
        "top": frozenset({"middle", "low", "side"}),
        "middle": frozenset({"low", "side"}),
        "low": frozenset(),
        "side": frozenset(),
    }
    assert chain(graph)[:2] == ["top", "middle"]
    assert ("top", "middle") in drawn_imports(graph)
    assert len(drawn_imports(graph)) == 4


def test_architecture_names_packages_that_import_each_other():
    with pytest.raises(ValueError, match="a -> b -> a"):
        depths({"a": frozenset({"b"}), "b": frozenset({"a"})})
