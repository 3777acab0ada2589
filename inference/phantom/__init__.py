"""Synthetic lateral-spine DXA images with exact truth; numpy and scipy only."""

from inference.phantom.generator import Phantom, generate

__all__ = ["Phantom", "generate"]
