"""Entry point of ``python -m studies.analytics FILE.csv``."""

import sys

from studies.analytics.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
