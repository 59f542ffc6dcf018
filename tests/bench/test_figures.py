"""Published figures are the measured ones."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent


def test_pages_show_what_the_results_say():
    done = subprocess.run(
        [sys.executable, "-m", "bench.pages.figures", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
