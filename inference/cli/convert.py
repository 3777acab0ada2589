"""Command ``python -m inference convert``: convert weights from or to the authors' format."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

from inference.network.weights_header import Bits, CheckpointError, is_safetensors, read_header

HELP = """Convert weights between the checkpoints of VerteNet's authors and VerteRead's safetensors.

A file that ends in .safetensors is in VerteRead's format; all others are taken to be in the
authors' format, a dictionary with "epoch" and "state_dict". Tensors are unchanged in both
directions. A file that does not fit the network is rejected with a list of the differences. No code
in a file is run.

With --bits, the .safetensors file has this number of bits per weight, and the source may be a
.safetensors file as well. Fewer than 32 bits lose precision."""


def main(argv: Sequence[str]) -> int:
    """Convert one file; unusable weights end the program with a one-line message."""
    parser = argparse.ArgumentParser(
        prog="python -m inference convert",
        description=HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("source", metavar="A", type=Path, help="weights to convert")
    parser.add_argument("target", metavar="B", type=Path, help="file to write")
    parser.add_argument(
        "--trained-on",
        metavar="TEXT",
        default="",
        help="text for the header of a .safetensors file",
    )
    parser.add_argument(
        "--licence", metavar="TEXT", default="", help="text for the header of a .safetensors file"
    )
    parser.add_argument(
        "--bits",
        type=int,
        choices=get_args(Bits),
        help="bits per weight in a .safetensors file (32)",
    )
    options = parser.parse_args(argv)
    reduced = options.bits is not None and is_safetensors(options.target)
    if is_safetensors(options.source) == is_safetensors(options.target) and not reduced:
        parser.error("exactly one of A and B must end in .safetensors")
    if options.bits is not None and not reduced:
        parser.error("--bits requires a B that ends in .safetensors")
    # Weights are costly to train, so existing files are never overwritten.
    if options.target.exists():
        parser.error(f"{options.target} already exists. Choose another name.")
    texts = {"trained_on": options.trained_on, "licence": options.licence}
    try:
        about = {name: text for name, text in texts.items() if text}
        convert(options.source, options.target, about, bits=options.bits or 32)
    except (CheckpointError, OSError) as error:
        sys.exit(f"Not converted: {error}")
    sys.stdout.write(f"{options.source} -> {options.target}\n")
    return 0


def convert(source: Path, target: Path, about: dict[str, Any], *, bits: Bits = 32) -> None:
    """Write weights in the format that the ending of ``target`` selects.

    Parameters
    ----------
    source, target
        Files in the two formats.
    about
        Further entries for the header of a .safetensors file.
    bits
        Bits per weight of a .safetensors file.

    Notes
    -----
    The header of a .safetensors file also contains the authors' epoch, the SHA-256 of the source
    and the header of a .safetensors source.

    Raises
    ------
    CheckpointError
        If the tensors do not fit, or the network is not the paper's.
    """
    # Imported here so that --help works without torch.
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
        source_about = header.about if is_safetensors(source) else {"epoch": read_epoch(source)}
        if "trained_on" in about:
            # The source's entry describes the training data that the new text replaces.
            source_about = {k: v for k, v in source_about.items() if k != "synthetic"}
        combined = {**source_about, "source_sha256": header.checksum, **about}
        save_checkpoint(target, network, combined, bits=bits)


def _epoch(about: Mapping[str, Any]) -> int:
    """Return the number of epochs; VerteRead's headers contain steps and the size of an epoch."""
    if "step" not in about:
        return int(about.get("epoch", 0))
    examples = int(about["step"]) * int(about["recipe"]["batch"])
    return examples // max(1, int(about["epoch"]))
