"""One module per scenario.

Each module has ``WHAT`` (name of the scenario), ``TARGET``, ``RECORDED`` (measurements of 0.1.0 by
number of cases) and ``measure(version, cases)``, which returns the measurements of one round on a
separate database. ``LARGEST_ONLY`` leaves out the smaller size, ``SIZES`` replaces the sizes, and
``ROUNDS`` limits the rounds of what takes minutes; ``NOW_ONLY`` marks what 0.1.0 does not have.
"""
