"""`studies.analytics` as one file that Python runs and imports, with numpy and scipy installed."""

from __future__ import annotations

import zipfile
from io import BytesIO
from pathlib import Path
from typing import Final

import studies
from studies import analytics
from studies.reports.package.archive import zip_entry

ZIPAPP: Final = "analytics.pyz"
MAIN: Final = """import sys

from studies.analytics.cli.main import main

sys.exit(main())
"""


def build_zipapp() -> bytes:
    """Return the package as a zipapp; its sources are those that this process runs."""
    sources = {"__main__.py": MAIN}
    root = Path(str(studies.__file__)).parent
    package = Path(str(analytics.__file__)).parent
    for path in [root / "__init__.py", *sorted(package.rglob("*.py"))]:
        sources[path.relative_to(root.parent).as_posix()] = path.read_text(encoding="utf-8")
    target = BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, text in sources.items():
            archive.writestr(zip_entry(name), text)
    return target.getvalue()
