"""`make docs` with the generator from its lock."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_site_is_built_with_strict_links_and_an_api_reference() -> None:
    command = [sys.executable, "-m", "tools.docs"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    site = ROOT / "var" / "docs" / "site"
    reference = (site / "reference" / "studies.analytics.html").read_text()
    assert 'id="studies.analytics.cohen_kappa"' in reference
    assert "Running a reading study" in (site / "index.html").read_text()
