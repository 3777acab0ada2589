"""Synthetic lateral-spine DXA images with an exact reference standard; numpy and scipy only.

A seed determines an image completely. Model cards, tests and published figures rely on this, so
random numbers must always be drawn in the same order.
"""

from inference.phantom.generator import Phantom, generate

__all__ = ["Phantom", "generate"]
