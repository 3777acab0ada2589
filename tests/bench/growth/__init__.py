"""How VerteRead grows, beside release 0.1.0 in the same run: ``make bench`` and `__main__`."""
