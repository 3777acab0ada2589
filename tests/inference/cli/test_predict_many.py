"""Many files: several processes, a file of results that is continued, and shards."""

import json
import pickle

import pytest

import inference.cli.predict as command
from inference.__main__ import main
from inference.cli.result_lines import shard_of
from inference.landmarks import Landmarks
from inference.results import VERTEBRAE
from tests.dicom_files import gradient, lateral_file
from tests.inference.spines import straight
from tests.inference.test_pipeline import StandIn


@pytest.fixture
def network(monkeypatch):
    monkeypatch.setattr(command, "load_network", lambda options: StandIn(straight()))


@pytest.fixture
def scans(tmp_path):
    paths = [tmp_path / f"scan-{k}.dcm" for k in range(6)]
    for path in paths:
        path.write_bytes(lateral_file(gradient(400, 300)))
    return [str(path) for path in paths]


def results_in(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_several_processes_give_the_same_lines_as_one_in_the_order_of_the_files(scans, tmp_path):
    broken = tmp_path / "broken.dcm"
    broken.write_bytes(b"no image")
    files = [*scans[:3], str(broken), *scans[3:]]
    for processes in ("1", "2"):
        # One thread in either case, because the number of threads affects rounding.
        threads = {"1": "1", "2": "2"}[processes]
        options = ["--processes", processes, "--threads", threads, "--overlay"]
        folder = tmp_path / f"out-{processes}"
        result = tmp_path / f"{processes}.jsonl"
        assert main(["predict", *files, *options, "--out", str(folder), "--results", str(result)])
    first, second = results_in(tmp_path / "1.jsonl"), results_in(tmp_path / "2.jsonl")
    assert first == second
    assert [line["file"] for line in first] == files
    assert ["error" in line for line in first] == [False] * 3 + [True] + [False] * 3
    assert len(list((tmp_path / "out-2").glob("*.overlay.png"))) == 6


def test_unusable_weights_give_a_one_line_error_from_several_processes(scans, tmp_path):
    bad = tmp_path / "bad.safetensors"
    bad.write_bytes(b"nonsense")
    with pytest.raises(SystemExit) as caught:
        main(["predict", *scans, "--processes", "2", "--weights", str(bad)])
    assert str(caught.value.code).startswith("The weights cannot be used")


def test_landmarks_can_be_sent_to_another_process():
    landmarks = pickle.loads(pickle.dumps(straight()))
    assert landmarks == straight()
    assert list(landmarks.bodies) == list(VERTEBRAE)
    with pytest.raises(TypeError):
        landmarks.bodies[VERTEBRAE[0]] = None
    assert pickle.loads(pickle.dumps(Landmarks({}))) == Landmarks({})


def test_resumed_run_analyses_only_what_is_missing(network, scans, tmp_path, capsys):
    results = tmp_path / "results.jsonl"
    assert main(["predict", *scans[:3], "--results", str(results)]) == 0
    complete = results.read_bytes()
    # The process was killed while it wrote the third line.
    results.write_bytes(complete[:-40])
    assert main(["predict", *scans, "--results", str(results), "--resume"]) == 0
    assert "2 analysed before" in capsys.readouterr().err
    assert [line["file"] for line in results_in(results)] == scans
    assert results.read_bytes().startswith(complete)


def test_file_that_was_not_read_is_tried_again(network, scans, tmp_path):
    results, late = tmp_path / "results.jsonl", tmp_path / "late.dcm"
    assert main(["predict", scans[0], str(late), "--results", str(results)]) == 1
    late.write_bytes(lateral_file(gradient(400, 300)))
    assert main(["predict", scans[0], str(late), "--results", str(results), "--resume"]) == 0
    lines = results_in(results)
    assert [line["file"] for line in lines] == [scans[0], str(late)]
    assert not any("error" in line for line in lines)


def test_results_are_never_overwritten_or_mixed(network, scans, tmp_path):
    results = tmp_path / "results.jsonl"
    assert main(["predict", scans[0], "--results", str(results)]) == 0
    before = results.read_bytes()
    with pytest.raises(SystemExit, match="Add --resume"):
        main(["predict", scans[0], "--results", str(results)])
    assert results.read_bytes() == before
    other = json.loads(before) | {"model": {"checksum": "f" * 64}}
    results.write_text(json.dumps(other) + "\n")
    with pytest.raises(SystemExit, match="results of other weights"):
        main(["predict", *scans, "--results", str(results), "--resume"])
    results.write_text('{"a": 1}\n')
    with pytest.raises(SystemExit, match=r"Line 1 of .* is not a result"):
        main(["predict", *scans, "--results", str(results), "--resume"])
    assert results.read_text() == '{"a": 1}\n'
    assert [path.name for path in tmp_path.glob("results*")] == ["results.jsonl"]


def test_shards_together_are_all_files_once(network, scans, tmp_path):
    seen = []
    for number in (1, 2, 3, 4):
        results = tmp_path / f"{number}.jsonl"
        main(["predict", *scans, "--shard", f"{number}/4", "--results", str(results)])
        seen += [line["file"] for line in results_in(results)]
    assert sorted(seen) == scans
    assert shard_of([], (3, 4)) == []


@pytest.mark.parametrize("text", ["0/4", "5/4", "4", "a/b", "1/0", "-1/4"])
def test_wrong_shard_is_refused(network, scans, text, capsys):
    with pytest.raises(SystemExit):
        main(["predict", *scans, f"--shard={text}"])
    assert "write 1/8 to 8/8" in capsys.readouterr().err


def test_files_are_read_from_a_list(network, scans, tmp_path, capsys):
    listed = tmp_path / "files.txt"
    listed.write_text("\n".join([*scans[1:], ""]))
    assert main(["predict", scans[0], "--files-from", str(listed)]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["file"] for line in lines] == scans


@pytest.mark.parametrize(
    "arguments, message",
    [
        ([], "name at least one file"),
        (["a.dcm", "--resume"], "needs --results"),
        (["a.dcm", "--results", "r.jsonl", "--format", "coco"], "cannot be used with --format"),
    ],
)
def test_options_that_contradict_each_other_are_refused(network, arguments, message, capsys):
    with pytest.raises(SystemExit):
        main(["predict", *arguments])
    assert message in capsys.readouterr().err
