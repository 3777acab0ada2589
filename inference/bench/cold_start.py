"""A process of its own that loads a network and answers once: cold start and memory."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

IMPORT_TORCH = "import torch"
_ANSWER = """
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
_LITERAL = """
import sys
import torch
from inference.network.checkpoint import load_checkpoint
torch.set_num_threads(int(sys.argv[2]))
network = load_checkpoint(sys.argv[1]).network
with torch.inference_mode():
    network(torch.zeros(1, 3, *network.config.input_size))
"""
_TELL = """
import json, time
# Not getrusage: its peak begins with that of the process that started this one.
with open("/proc/self/status") as status:
    peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
print(json.dumps([time.process_time(), peak]))
"""


@dataclass(frozen=True, slots=True)
class Fresh:
    """What a fresh process took: by the clock, of processor time, and of memory at its most."""

    wall_s: float
    processor_s: float
    memory_mib: float


def measure_cold_start(weights: Path, runtime: str, precision: str, threads: int) -> Fresh:
    """Load weights and answer one image; ``runtime`` "literal" is the plain network in torch."""
    if runtime == "literal":
        return run_in_new_process(_LITERAL, str(weights), str(threads))
    return run_in_new_process(_ANSWER, str(weights), runtime, precision, str(threads))


def run_in_new_process(program: str, *arguments: str) -> Fresh:
    """Run a program in a new interpreter to its end."""
    begun = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", program + "\n" + _TELL, *arguments],
        capture_output=True,
        text=True,
        check=True,
    )
    processor, memory = json.loads(done.stdout.splitlines()[-1])
    return Fresh(time.perf_counter() - begun, processor, memory / 2**10)
