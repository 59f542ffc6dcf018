"""`thresh explore`: the whole command on small data."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from cli_cases import answer, refusal, small_network

from thresh.cli.main import run
from thresh.data.inputs import load_inputs
from thresh.data.labelled import labelled_arrays
from thresh.model.decision import decide
from thresh.model.model_file import ACTIVITY_NOTE, load_network, save_network
from thresh.performance.activity import read_note
from thresh.sim.golden_runs import run_golden
from thresh.tuning.scoring import evaluate, problem_of

START = (
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
    "from thresh.cli.main import main\n"
    "if __name__ == '__main__': main()"
)
"""A background job of a shell ignores Ctrl-C; here it does not."""
PROGRAM = [sys.executable, "-c", START]
RANDOM = np.random.default_rng(2)
X = np.cumsum(RANDOM.integers(-900, 900, (12, 9, 5)), axis=1) / 2**12


@pytest.fixture
def model(tmp_path):
    """A model file of a network that decides."""
    network = replace(small_network(threshold=5), decision="mean", classes=("a", "b", "c"))
    save_network(
        replace(network, notes={ACTIVITY_NOTE: {}, "licence": "free"}), tmp_path / "m.safetensors"
    )
    return tmp_path / "m.safetensors"


@pytest.fixture
def data(tmp_path, model):
    """Sequences, labelled as the network hears them at its thresholds."""
    network = load_network(model)
    runs = run_golden(network, [network.input_integers(x) for x in X])
    heard = [decide(network, run.outputs) for run in runs]
    np.savez(tmp_path / "x.npz", x=X, labels=np.array(heard))
    return tmp_path / "x.npz"


@pytest.fixture
def words(model, data, tmp_path):
    """The command's words for a small search."""
    return ["explore", model, data, "--levels", "4", "--rounds", "1", "--processes", "1",
            "--board", "icebreaker", "--journal", tmp_path / "journal"]  # fmt: skip


def test_the_front_falls_from_most_fetches_to_fewest(capsys, words, model, data):
    found = answer(capsys, *words)
    assert found["unit"] == "%"
    assert (found["sequences"], found["frames"], found["split"]) == (12, 108, "all")
    assert found["unthresholded"]["integers"] == [0, 0]
    assert found["present"]["integers"] == [10, 5]
    costs = [(point["error"], point["fetches_per_frame"]) for point in found["front"]]
    assert costs == sorted(costs)
    assert [fetches for _, fetches in costs] == sorted((f for _, f in costs), reverse=True)
    network = load_network(model)
    problem = problem_of(network, load_inputs(data, network), ["icebreaker"])
    last = found["front"][-1]
    again = evaluate(problem, tuple(last["integers"]))
    assert again["error"] == last["error"]
    cycles = last["boards"]["icebreaker"]["cycles_per_frame"]
    assert again["boards"]["icebreaker"]["cycles"] == cycles
    assert "not measured" in found["energy"]


def test_the_chosen_thresholds_are_written_and_cost_what_was_said(capsys, words, tmp_path):
    tuned = tmp_path / "tuned.safetensors"
    found = answer(capsys, *words, "--max-loss", "20", "-o", tuned)
    network = load_network(tuned)
    assert [network.layers[0].threshold_x, network.layers[0].threshold_h] == (
        found["chosen"]["integers"]
    )
    kept = read_note(network)
    assert kept.source == "x.npz"
    cycles = answer(capsys, "estimate", tuned, "icebreaker")["cycles"]
    assert cycles["source"] == "x.npz"
    wanted = found["chosen"]["boards"]["icebreaker"]["cycles_per_frame"]
    assert cycles["mean"] == pytest.approx(wanted, rel=0.05)
    assert network.notes["licence"] == "free"
    assert network.notes["explore"]["error"] == found["chosen"]["error"]
    assert found["chosen"]["loss"] <= 20
    golden = answer(capsys, "golden", tuned, words[2])
    assert 100 * (1 - golden["accuracy"]) == pytest.approx(found["chosen"]["error"])
    assert golden["reduction"] == pytest.approx(found["chosen"]["reduction"])


def test_finished_points_are_not_run_again(capsys, words, monkeypatch):
    first = answer(capsys, *words)
    monkeypatch.setattr("thresh.tuning.spread.evaluate", None)
    assert answer(capsys, *words) == first
    assert len(Path(first["journal"]).read_text().splitlines()) == first["points"]


def test_people_get_tables_and_are_told_what_was_compared(capsys, words):
    assert run([*map(str, words)]) == 0
    captured = capsys.readouterr()
    assert "Pareto front of small" in captured.out
    assert "not measured" in captured.out
    assert "split 'all'" in captured.err


def test_the_page_stands_alone_and_knows_every_point(capsys, words, tmp_path):
    page = tmp_path / "explore.html"
    found = answer(capsys, *words, "--max-loss", "20", "-o", page)
    text = page.read_text()
    assert not re.search(r"(src|href)\s*=|https?://|@import|url\(", text)
    assert text.count("<circle") == found["points"]
    dots = json.loads(re.search(r"const dots = (.*), boards = ", text)[1])
    assert len(dots) == found["points"]
    assert {dot["name"] for dot in dots} >= {"chosen", "all thresholds 0"}
    assert sum(dot["role"] == "front" for dot in dots) == len(found["front"])
    assert "an estimate from published currents (iCE40) or assumed ones (ECP5)" in text
    command = f"thresh explore {words[1]} {words[2]} --levels 4 --rounds 1 --max-loss 20.0"
    assert f"<code>{command} --board icebreaker --output {page}</code>" in text


def test_a_network_without_classes_is_compared_with_itself(capsys, words, tmp_path):
    save_network(small_network(), tmp_path / "n.safetensors")
    np.save(tmp_path / "y.npy", X)
    found = answer(capsys, "explore", tmp_path / "n.safetensors", tmp_path / "y.npy", *words[3:])
    assert found["unit"] == "rms"
    assert found["unthresholded"]["error"] == 0
    assert found["front"][0]["error"] == 0


def test_boards_can_be_chosen(capsys, words):
    found = answer(capsys, *words, "--board", "ulx3s-85f")
    assert list(found["front"][0]["boards"]) == ["icebreaker", "ulx3s-85f"]
    assert "must be one of" in refusal(capsys, *words, "--board", "arty")


def test_words_that_do_not_fit_are_refused(capsys, words, tmp_path):
    assert "needs --max-loss" in refusal(capsys, *words, "-o", tmp_path / "t.safetensors")
    assert "t.pdf must end in .html" in refusal(capsys, *words, "-o", tmp_path / "t.pdf")
    assert "lose at most -90" in refusal(capsys, *words, "--max-loss", "-90")
    assert "levels must be 3 or more" in refusal(capsys, *words, "--levels", "2")
    assert "is not what small was trained on" in refusal(capsys, *words, "--split", "test")


def test_thresholds_are_chosen_on_what_training_held_out(capsys, words, model, data):
    digest = labelled_arrays(dict(np.load(data)), "x").digest
    note = {"seed": 3, "validation": 0.2, "test": 0.2, "digest": digest}
    network = load_network(model)
    labels = [item.label for item in load_inputs(data, network)]
    common = [place for place, label in enumerate(labels) if labels.count(label) > 2]
    np.savez(data, x=X[common], labels=np.array(labels)[common])
    note["digest"] = labelled_arrays(dict(np.load(data)), "x").digest
    save_network(replace(network, notes={"split": note}), model)
    found = answer(capsys, *words)
    assert found["split"] == "validation"
    assert (
        found["sequences"]
        == len(load_inputs(data, load_network(model), split="validation"))
        < len(common)
    )


def test_processes_give_the_same_answer(capsys, words, tmp_path):
    pytest.importorskip("distributed", reason="the extra [explore] is not installed")
    alone = answer(capsys, *words)
    words[words.index("--processes") + 1] = "2"
    words[-1] = tmp_path / "other"
    program = subprocess.run(
        [*PROGRAM, *map(str, words), "--json"], text=True, capture_output=True, check=True
    )
    together = json.loads(program.stdout)
    assert together["front"] == alone["front"]
    assert len(program.stderr.splitlines()) == 1, program.stderr


def test_a_running_cluster_gives_the_same_answer(capsys, words, tmp_path):
    distributed = pytest.importorskip("distributed", reason="[explore] is not installed")
    alone = answer(capsys, *words)
    words[-1] = tmp_path / "other"
    with distributed.LocalCluster(n_workers=1, processes=False, dashboard_address=None) as cluster:
        address = cluster.scheduler_address
        assert answer(capsys, *words, "--scheduler", address)["front"] == alone["front"]


@pytest.mark.parametrize("processes", ["1", "2"])
def test_ctrl_c_leaves_one_line_and_the_finished_points(words, tmp_path, processes):
    if processes == "2":
        pytest.importorskip("distributed", reason="the extra [explore] is not installed")
    words += ["--levels", "60", "--processes", processes]
    program = subprocess.Popen(
        [*PROGRAM, *map(str, words)], text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        start_new_session=True,
    )  # fmt: skip
    journal = None
    while program.poll() is None and journal is None:
        journal = next((tmp_path / "journal").glob("*/points.jsonl"), None)
        time.sleep(0.05)
    os.killpg(program.pid, signal.SIGINT)
    out, err = program.communicate(timeout=60)
    kept = len(journal.read_text().splitlines())
    said = r"thresh: interrupted: (\d+) points are kept, and the same search goes on from there"
    assert (program.returncode, out) == (130, "")
    assert int(re.fullmatch(said, err.strip())[1]) in (kept, kept - 1)
    assert kept >= 1


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="children are counted in /proc")
def test_ctrl_c_is_heard_while_the_processes_start(words):
    pytest.importorskip("distributed", reason="the extra [explore] is not installed")
    words[words.index("--processes") + 1] = "2"
    program = subprocess.Popen(
        [*PROGRAM, *map(str, words)], text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        start_new_session=True,
    )  # fmt: skip
    children = Path(f"/proc/{program.pid}/task")
    while program.poll() is None and not any(
        path.read_text().strip() for path in children.glob("*/children")
    ):
        time.sleep(0.01)
    os.killpg(program.pid, signal.SIGINT)
    out, err = program.communicate(timeout=120)
    assert (program.returncode, out) == (130, "")
    assert err.strip() == (
        "thresh: interrupted: 0 points are kept, and the same search goes on from there"
    )


def test_a_scheduler_that_does_not_answer_is_refused(capsys, words, monkeypatch):
    pytest.importorskip("distributed", reason="the extra [explore] is not installed")
    monkeypatch.setattr("thresh.tuning.cluster.START_TIMEOUT", 0.2)
    text = refusal(capsys, *words, "--scheduler", "tcp://127.0.0.1:1")
    assert text.startswith("No dask scheduler answers at tcp://127.0.0.1:1")


def test_workers_without_thresh_are_said(capsys, words, monkeypatch):
    distributed = pytest.importorskip("distributed", reason="[explore] is not installed")

    def lacking(problem, point):
        raise ModuleNotFoundError("No module named 'thresh'", name="thresh")

    monkeypatch.setattr("thresh.tuning.spread.evaluate", lacking)
    with distributed.LocalCluster(n_workers=1, processes=False, dashboard_address=None) as cluster:
        text = refusal(capsys, *words, "--scheduler", cluster.scheduler_address)
    assert text == "The cluster's workers lack thresh: install the same thresh there"
