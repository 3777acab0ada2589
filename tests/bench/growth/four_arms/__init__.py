"""Scenarios of a crossover of four arms with 20 hidden repeats per reader and arm.

40 readers; every case is read by two of them in each arm. Release 0.1.0 has neither more than two
arms nor repeats, so there is nothing to compare with: ``NOW_ONLY``.
"""
