"""The network: encoder, fusion with attention, heads, and its files of weights."""

from inference.vertenet.checkpoint import load

__all__ = ["load"]
