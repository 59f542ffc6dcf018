"""Operating points, tables and plots of the training benches."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def bench():
    """The bench, imported from its folder."""
    pytest.importorskip("torch", reason="the extra [train] is not installed")
    sys.path.insert(0, str(ROOT / "bench"))
    try:
        import tasks

        yield tasks
    finally:
        sys.path.remove(str(ROOT / "bench"))


def point(error: float, reduction: float) -> dict:
    return {"error": {"mean": error}, "reduction": {"mean": reduction}}


def test_chosen_point_has_the_largest_reduction_within_the_limit(bench):
    points = [point(1.0, 5), point(1.4, 9), point(1.6, 20)]
    assert bench.choose(points, 1.5) is points[1]
    assert bench.choose(points, 0.5) is points[0]


def test_point_at_the_goal_is_the_nearest_above_it(bench):
    points = [point(1.0, 25), point(1.4, 9), point(1.6, 60)]
    assert bench.reaching(points, 20) is points[0]
    assert bench.reaching(points, 100) is points[2]


def test_figures_are_joined_over_seeds(bench):
    joined = bench.over_seeds([{"error": 1.0}, {"error": 3.0}])
    assert joined == {"error": {"mean": 2.0, "spread": pytest.approx(1.4142), "values": [1.0, 3.0]}}


def test_absent_data_ends_with_one_sentence(bench, monkeypatch, capsys):
    monkeypatch.delenv("THRESH_DATA", raising=False)
    with pytest.raises(SystemExit) as ended:
        bench.main(["ecg", "--data", "/nowhere"])
    assert ended.value.code == 2
    assert "The task needs the MIT-BIH Arrhythmia Database" in capsys.readouterr().err


def test_page_and_plots_are_those_of_the_results():
    done = subprocess.run(
        [sys.executable, ROOT / "bench" / "training_page.py", "--check"],
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
