"""``python -m inference.training`` is ``python -m inference train``."""

from __future__ import annotations

import sys

from inference.training.run import main

if __name__ == "__main__":
    sys.exit(main())
