"""One module per scenario.

Each has ``WHAT``, ``TARGET``, ``RECORDED`` (what 0.1.0 took when it was measured, by cases) and
``measure(version, cases)``, which returns the figures of one round on a database of its own.
``LARGEST_ONLY`` leaves out the smaller size.
"""
