from __future__ import annotations

from pathlib import Path

from inference.training.log import Log, draw_log, read_log


def test_resumed_run_continues_after_its_saved_step(tmp_path: Path) -> None:
    log = Log(tmp_path / "log.csv", ["hm"], step=0)
    for step in (1, 2, 3):
        log.add({"step": step, "total": 1.0 / step})
    with (tmp_path / "log.csv").open("a") as file:
        file.write("4,1,0.0")
    again = Log(tmp_path / "log.csv", ["hm"], step=2)
    again.add({"step": 3, "total": 7.0, "validation_px": 2.5})
    rows = read_log(tmp_path / "log.csv")
    assert [row["step"] for row in rows] == ["1", "2", "3"]
    assert (rows[2]["total"], rows[2]["validation_px"], rows[1]["validation_px"]) == (
        "7",
        "2.5",
        "",
    )


def test_log_without_validation_can_be_plotted(tmp_path: Path) -> None:
    Log(tmp_path / "log.csv", ["hm"], step=0).add({"step": 1, "total": 2.0})
    draw_log(tmp_path / "log.csv", tmp_path / "log.png")
    assert (tmp_path / "log.png").read_bytes().startswith(b"\x89PNG")
