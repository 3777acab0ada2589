import io
import json
import re

import pytest

from inference.annotations.marked_images import MarkedImage
from inference.evaluation.evaluation_run import ResultsMismatch, evaluate
from inference.evaluation.progress import Progress
from inference.evaluation.samples import Sample
from inference.image import UnreadableImage
from tests.inference.spines import grey_image, straight
from tests.inference.test_pipeline import StandIn

TRUTH = MarkedImage("a", 300, 400, straight(), crop="ok")


class Counting:
    """Samples that record when they are opened."""

    def __init__(self, keys, truth=TRUTH, version=""):
        self.opened = []
        self.samples = [Sample(key, self._opener(key, truth), version) for key in keys]

    def _opener(self, key, truth):
        def open_it():
            self.opened.append(key)
            if key == "broken":
                raise UnreadableImage("undecodable", "This file is damaged.")
            return grey_image(), truth

        return open_it


def test_interrupted_run_is_resumed(tmp_path):
    results_file = tmp_path / "images.jsonl"
    first = Counting(["a", "b"])
    evaluate(first.samples, StandIn(straight()), results_file=results_file)
    with results_file.open("a") as file:
        file.write('{"key": "c", "fam')
    second = Counting(["a", "b", "c"])
    outcomes, failures = evaluate(second.samples, StandIn(straight()), results_file=results_file)
    assert second.opened == ["c"]
    assert [outcome.key for outcome in outcomes] == ["a", "b", "c"]
    assert failures == []
    assert outcomes[0] == evaluate(Counting(["a"]).samples, StandIn(straight()))[0][0]


def test_results_after_an_incomplete_line_are_reused(tmp_path):
    results_file = tmp_path / "images.jsonl"
    evaluate(Counting(["a"]).samples, StandIn(straight()), results_file=results_file)
    with results_file.open("a") as file:
        file.write('{"key": "c", "fam')
    evaluate(Counting(["a", "c"]).samples, StandIn(straight()), results_file=results_file)
    last = Counting(["a", "c"])
    evaluate(last.samples, StandIn(straight()), results_file=results_file)
    assert last.opened == []


def test_results_of_other_weights_are_rejected(tmp_path):
    results_file = tmp_path / "images.jsonl"
    evaluate(Counting(["a"]).samples, StandIn(straight()), results_file=results_file)
    with pytest.raises(ResultsMismatch):
        evaluate(Counting(["a"]).samples, None, results_file=results_file)


def test_results_in_another_precision_are_rejected(tmp_path):
    results_file = tmp_path / "images.jsonl"
    evaluate(Counting(["a"]).samples, StandIn(straight()), results_file=results_file)
    with pytest.raises(ResultsMismatch, match="in bf16"):
        evaluate(
            Counting(["a"]).samples,
            StandIn(straight()),
            results_file=results_file,
            precision="bf16",
        )


def test_results_of_other_code_are_rejected(tmp_path, monkeypatch):
    results_file = tmp_path / "images.jsonl"
    evaluate(Counting(["a"]).samples, StandIn(straight()), results_file=results_file)
    monkeypatch.setattr("inference.evaluation.evaluation_run._code_digest", lambda: "0" * 64)
    with pytest.raises(ResultsMismatch, match="by code 000000000000"):
        evaluate(Counting(["a"]).samples, StandIn(straight()), results_file=results_file)


def test_image_with_corrected_landmarks_is_evaluated_again(tmp_path):
    results_file = tmp_path / "images.jsonl"
    for version, opened in (("1", ["a"]), ("2", ["a"]), ("2", [])):
        counting = Counting(["a"], version=version)
        outcomes, _ = evaluate(counting.samples, StandIn(straight()), results_file=results_file)
        assert (len(outcomes), counting.opened) == (1, opened)


def test_unreadable_image_is_reported_and_tried_again(tmp_path):
    results_file = tmp_path / "images.jsonl"
    outcomes, failures = evaluate(
        Counting(["broken", "a"]).samples, None, results_file=results_file
    )
    assert [outcome.key for outcome in outcomes] == ["a"]
    assert [(one.key, one.text) for one in failures] == [("broken", "This file is damaged.")]
    again = Counting(["broken", "a"])
    evaluate(again.samples, None, results_file=results_file)
    assert again.opened == ["broken"]


def test_landmarks_of_an_image_of_another_size_are_a_failure():
    truth = MarkedImage("a", 402, 1104, straight())
    _, failures = evaluate(Counting(["a"], truth).samples, None)
    assert failures[0].text == (
        "the true landmarks are for 402 x 1104 pixels, but the image has 300 x 400"
    )


def test_crop_rules_can_be_evaluated_without_a_network():
    ((outcome,), _) = evaluate(Counting(["a"]).samples, None)
    assert outcome.predicted is None
    assert outcome.crop == {"true": {"field": "ok", "vertenet": "ok"}}


def test_outcome_is_unchanged_after_json():
    ((outcome,), _) = evaluate(Counting(["a"]).samples, StandIn(straight()))
    assert type(outcome).from_dict(json.loads(json.dumps(outcome.to_dict()))) == outcome


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_progress_is_a_bar_on_a_terminal_and_ten_lines_elsewhere():
    terminal, pipe = Terminal(), io.StringIO()
    for stream in (terminal, pipe):
        progress = Progress(200, stream)
        for _ in range(200):
            progress.step()
    *_, last = terminal.getvalue().split("\r")
    assert re.fullmatch(r"\[#{30}\] 200 of 200 images, [\d.]+ per second    \n", last)
    assert re.search(r"100 of 200 images, [\d.]+ per second, about 0 s", terminal.getvalue())
    assert len(pipe.getvalue().splitlines()) == 10
