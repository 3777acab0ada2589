"""Measure time and memory of a new process that loads a network and processes one image."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

IMPORT_TORCH = "import torch"
_RUN_SESSION = """
import sys
from pathlib import Path
import numpy as np
from inference.runtime.selection import open_session
from inference.network.weights_header import read_header
path, runtime, precision, threads = sys.argv[1:]
header = read_header(Path(path))
session = open_session(header, threads=int(threads), runtime=runtime, precision=precision)
session.infer(np.zeros(header.config.input_size, dtype=np.float32))
"""
_RUN_LITERAL = """
import sys
import torch
from inference.network.checkpoint import load_checkpoint
torch.set_num_threads(int(sys.argv[2]))
network = load_checkpoint(sys.argv[1]).network
with torch.inference_mode():
    network(torch.zeros(1, 3, *network.config.input_size))
"""
_REPORT = """
import json, time
# getrusage is unsuitable: its peak starts at that of the parent process.
with open("/proc/self/status") as status:
    peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
print(json.dumps([time.process_time(), peak]))
"""


@dataclass(frozen=True, slots=True)
class ProcessCost:
    """Wall time and processor time of a process in seconds, and its peak memory in MiB."""

    wall_s: float
    processor_s: float
    memory_mib: float


def measure_cold_start(weights: Path, runtime: str, precision: str, threads: int) -> ProcessCost:
    """Measure a new process that loads weights and processes one image.

    Parameters
    ----------
    weights
        The weights file.
    runtime
        A runtime of `inference.runtime.selection`, or "literal" for the unoptimised network in
        torch.
    precision
        Precision of the session; ignored for "literal", which uses 32 bits.
    threads
        Number of CPU threads.
    """
    if runtime == "literal":
        return run_in_new_process(_RUN_LITERAL, str(weights), str(threads))
    return run_in_new_process(_RUN_SESSION, str(weights), runtime, precision, str(threads))


def run_in_new_process(program: str, *arguments: str) -> ProcessCost:
    """Run a program in a new interpreter and measure it.

    Raises
    ------
    subprocess.CalledProcessError
        If the program fails.
    """
    started = time.perf_counter()
    result = subprocess.run(
        # -c rather than a file, so that importing a benchmark does not count.
        [sys.executable, "-c", program + "\n" + _REPORT, *arguments],
        capture_output=True,
        text=True,
        check=True,
    )
    # The last line is the report; the program may print lines before it.
    processor, memory = json.loads(result.stdout.splitlines()[-1])
    # VmHWM is in units of KiB.
    return ProcessCost(time.perf_counter() - started, processor, memory / 2**10)
