"""``python -m inference convert``: weights from the authors' form to ours and back."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

from inference.network.weights_header import Bits, CheckpointError, is_safetensors, read_header

HELP = """Convert weights between the checkpoints of VerteNet's authors and VerteRead's safetensors.

A file that ends in .safetensors is ours, every other one is taken for the authors': a dictionary
with "epoch" and "state_dict". Every tensor is kept as it is, both ways; a file that does not fit
the network is refused with the list of what does not. Nothing in a file is executed.

With --bits our file is written with so many bits a weight, from one of ours as well; less than 32
loses some digits."""


def main(argv: Sequence[str]) -> int:
    """Convert one file; unusable weights end the program with one line."""
    parser = argparse.ArgumentParser(
        prog="python -m inference convert",
        description=HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("source", metavar="A", type=Path, help="weights as they are")
    parser.add_argument("target", metavar="B", type=Path, help="weights as they shall be")
    parser.add_argument(
        "--trained-on", metavar="TEXT", default="", help="to stand in the header of a .safetensors"
    )
    parser.add_argument(
        "--licence", metavar="TEXT", default="", help="to stand in the header of a .safetensors"
    )
    parser.add_argument(
        "--bits", type=int, choices=get_args(Bits), help="of a weight in a .safetensors (32)"
    )
    options = parser.parse_args(argv)
    thinned = options.bits is not None and is_safetensors(options.target)
    if is_safetensors(options.source) == is_safetensors(options.target) and not thinned:
        parser.error("one of A and B must end in .safetensors, the other must not")
    if options.bits is not None and not thinned:
        parser.error("--bits is for a B that ends in .safetensors")
    if options.target.exists():
        parser.error(f"{options.target} is there already")
    said = {"trained_on": options.trained_on, "licence": options.licence}
    try:
        given = {name: text for name, text in said.items() if text}
        convert(options.source, options.target, given, bits=options.bits or 32)
    except (CheckpointError, OSError) as error:
        sys.exit(f"Not converted: {error}")
    sys.stdout.write(f"{options.source} -> {options.target}\n")
    return 0


def convert(source: Path, target: Path, about: dict[str, Any], *, bits: Bits = 32) -> None:
    """Write ``target`` in the form that its ending asks for.

    The authors' epoch, the source's SHA-256 and what a header of ours says are kept in our header.

    Raises
    ------
    CheckpointError
        When the tensors do not fit, or the network is not the paper's.
    """
    from inference.network.checkpoint import (
        load_checkpoint,
        read_epoch,
        save_authors_checkpoint,
        save_checkpoint,
    )

    network = load_checkpoint(source).network
    header = read_header(source)
    if not is_safetensors(target):
        save_authors_checkpoint(target, network, epoch=_epoch(header.about))
    else:
        said = header.about if is_safetensors(source) else {"epoch": read_epoch(source)}
        kept = {**said, "source_sha256": header.checksum, **about}
        save_checkpoint(target, network, kept, bits=bits)


def _epoch(about: Mapping[str, Any]) -> int:
    """How many epochs weights were trained for; ours tell steps and the size of an epoch."""
    if "step" not in about:
        return int(about.get("epoch", 0))
    examples = int(about["step"]) * int(about["recipe"]["batch"])
    return examples // max(1, int(about["epoch"]))
