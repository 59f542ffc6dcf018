"""Operating points, tables and plots of the training benches."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def bench(torch):
    """The bench of tasks."""
    from bench.training import tasks

    return tasks


@pytest.fixture(scope="module")
def points(torch):
    """Operating points."""
    from bench.training import points

    return points


def test_the_page_shows_every_task(torch):
    from bench.pages import training as page
    from thresh.training.tasks.table import TASKS

    assert sorted(page.TASKS) == sorted(TASKS)


def point(error: float, reduction: float) -> dict:
    return {"error": {"mean": error}, "reduction": {"mean": reduction}}


def test_chosen_point_has_the_largest_reduction_within_the_limit(points):
    some = [point(1.0, 5), point(1.4, 9), point(1.6, 20)]
    assert points.choose(some, 1.5) is some[1]
    assert points.choose(some, 0.5) is some[0]


def test_point_at_the_goal_is_the_nearest_above_it(points):
    some = [point(1.0, 25), point(1.4, 9), point(1.6, 60)]
    assert points.reaching(some, 20) is some[0]
    assert points.reaching(some, 100) is some[2]


def test_technique_at_the_goal_makes_the_fewest_errors_there(points):
    curves = {"a": [point(1.0, 9), point(3.0, 25)], "b": [point(2.0, 22)], "c": [point(0.5, 15)]}
    assert points.at_goal(curves, 20) == ("b", curves["b"][0])
    assert points.at_goal(curves, 30) == ("a", curves["a"][1])


def test_figures_are_joined_over_seeds(points):
    joined = points.over_seeds([{"error": 1.0}, {"error": 3.0}])
    assert joined == {"error": {"mean": 2.0, "spread": pytest.approx(1.4142), "values": [1.0, 3.0]}}


def test_a_task_becomes_rows_and_model_files(bench, monkeypatch, tmp_path):
    """Every technique on a task of seconds; a goal that sparse columns alone reach."""
    from small_tasks import Small

    class Reached(Small):
        around, allowance, wanted, training = (1.0, 2.0), 10.0, 9.0, 2

    monkeypatch.setattr(bench, "ROOT", tmp_path)
    (tmp_path / "examples").mkdir()
    found = bench.measure(Reached(), tmp_path / "build", (1, 2), (1,))
    rows = {row["technique"]: row for row in found["rows"]}
    assert [len(rows[name]["seeds"]) for name in (bench.PLAIN, bench.PRUNED)] == [2, 1]
    assert rows[bench.PLAIN]["reduction"]["mean"] == pytest.approx(1.0, abs=0.05)
    integers = {name: row for name, row in rows.items() if row["bits"] == 8}
    dense, _, sparse, _ = integers
    assert sparse == f"int8: {bench.SPARSE}"
    more = integers[sparse]["more"]
    assert integers[sparse]["reduction"]["mean"] > 2.5 * more["reduction_dense"]["mean"]
    assert "reduction_dense" not in integers[dense]["more"]
    float_row = rows[bench.SPARSE]
    assert integers[sparse]["reduction"]["mean"] == pytest.approx(
        float_row["reduction"]["mean"], rel=0.1
    )
    written = sorted(path.stem for path in (tmp_path / "examples").iterdir())
    assert written == ["sums-gru16", "sums-gru16-sparse"]
    bench.training_page.curve(found)
    ours, exams = (tmp_path / "examples" / f"{name}.safetensors" for name in written)
    notes = {"command": "python -m bench.training.shipped sums --sparse"}
    bench.save_network(replace(bench.load_network(exams), notes=notes), exams)
    ours.unlink()
    bench.measure(Reached(), tmp_path / "build", (1, 2), (1,))
    assert not ours.exists()
    assert bench.load_network(exams).notes == notes


def test_a_goal_with_sparse_columns_may_be_another(torch):
    from thresh.training.tasks.table import TASKS

    wanted = {name: (made.wanted_of(False), made.wanted_of(True)) for name, made in TASKS.items()}
    assert wanted["digits"] == (12, 30)
    assert wanted["an4-digits"] == (6, 6)


def test_integers_hear_what_the_front_end_writes(bench, tmp_path):
    """In the front end's format, after what the task does before integers."""
    from small_tasks import Small

    from bench.training.experiment import Experiment
    from thresh.training.tasks.training import make_net

    class Heard(Small):
        seen: tuple = ()

        def front_end_of(self):
            return {"x_frac": 9}

        def before_integers(self, net):
            self.seen = (*self.seen, net)

    task = Heard()
    net = make_net(task)
    network, _ = Experiment(task, tmp_path).integers(net, "test")
    assert network.layers[0].x_frac == network.front_end["x_frac"] == 9
    assert task.seen == (net,)


def test_a_cluster_trains_every_technique_and_seed(bench, monkeypatch, tmp_path, capsys):
    distributed = pytest.importorskip("distributed", reason="[explore] is not installed")
    from small_tasks import Small

    from bench.training.experiment import Experiment
    from bench.training.spread import train_elsewhere
    from thresh.training.tasks.unit import TASKS, _task
    from thresh.training.trainer import loop

    monkeypatch.setitem(TASKS, "sums", Small)
    _task.cache_clear()
    task, trials = Small(), bench.techniques(Small())
    units = bench.units(task, None, (1, 2), (1,))
    assert len(units) == 2 + len([one for one in trials if one.epochs]) + 5
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=False, dashboard_address=None
    ) as cluster:
        train_elsewhere(units, tmp_path, cluster.scheduler_address)
    said = capsys.readouterr().out.splitlines()
    assert said[-1].endswith(f"trained, {len(units)} of {len(units)}")

    def again(*words):
        raise AssertionError("a unit was not trained to its end")

    monkeypatch.setattr(loop, "_epoch", again)
    nets, _ = bench.train_all(Experiment(task, tmp_path), trials, (1, 2), (1,))
    assert {name for name, seed in nets if seed == 1} == {one.name for one in trials}
    assert {name for name, seed in nets if seed == 2} == set(bench.CORE) - {bench.NAIVE}


def test_absent_data_ends_with_one_sentence(bench, monkeypatch, capsys):
    monkeypatch.delenv("THRESH_DATA", raising=False)
    with pytest.raises(SystemExit) as ended:
        bench.main(["ecg", "--data", "/nowhere"])
    assert ended.value.code == 2
    assert "The task needs the MIT-BIH Arrhythmia Database" in capsys.readouterr().err


def test_page_and_plots_are_those_of_the_results(torch):
    done = subprocess.run(
        [sys.executable, "-m", "bench.pages.training", "--check"],
        cwd=ROOT,
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
