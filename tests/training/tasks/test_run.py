"""One network for a task: what is written, and that it goes on after an interruption."""

from dataclasses import replace

import pytest

torch = pytest.importorskip("torch", reason="the extra [train] is not installed")
torch.set_num_threads(1)

from small_tasks import Small  # noqa: E402

from thresh.model.model_file import load_network  # noqa: E402
from thresh.training.tasks import run, training  # noqa: E402
from thresh.training.tasks.techniques import pair, pretraining, recommended  # noqa: E402
from thresh.training.tasks.training import pretrain, refine  # noqa: E402


@pytest.fixture(autouse=True)
def small(monkeypatch):
    monkeypatch.setitem(run.TASKS, "sums", Small)


def test_the_model_file_is_written_with_what_it_reaches(tmp_path):
    path = tmp_path / "s.safetensors"
    found = run.train_task(
        "sums", data=None, output=path, checkpoints=tmp_path, command="thresh train sums --data d"
    )
    assert list(found["stages"]) == ["plain", "delta", "quantised"]
    network = load_network(path)
    assert network.name == "sums-gru16"
    assert network.notes["command"] == "thresh train sums --data d"
    assert network.layers[0].threshold_x == round(0.1 * 2 ** network.layers[0].x_frac)
    assert network.notes["test_error"] == round(found["stages"]["quantised"]["error"], 4)
    errors = [row["error"] for row in found["stages"].values()]
    assert errors[2] == pytest.approx(errors[1], abs=0.05)
    assert found["stages"]["delta"]["reduction"] > found["stages"]["plain"]["reduction"]


def test_the_technique_and_the_rate_are_those_of_the_task(tmp_path, monkeypatch):
    monkeypatch.setattr(Small, "straight", True)
    monkeypatch.setattr(Small, "then_rate", 1e-3)
    seen, train = [], training.train

    def watched(net, task, stage, **words):
        seen.append(stage)
        train(net, task, stage, **words)

    monkeypatch.setattr(training, "train", watched)
    path = tmp_path / "s.safetensors"
    run.train_task("sums", data=None, output=path, checkpoints=tmp_path, command="c")
    assert seen == [pretraining(Small()), *recommended(Small())]
    assert [stage.straight for stage in seen] == [False, True]
    assert [stage.rate for stage in seen] == [3e-3, 1e-3]


def test_an_examined_task_is_trained_as_its_exam_does(tmp_path, monkeypatch):
    monkeypatch.setattr(Small, "examined", True)
    _, *stages = (replace(stage, epochs=2) for stage in pair(Small))
    monkeypatch.setattr(run, "recommended", lambda task: (*stages,))
    told = []
    path = tmp_path / "s.safetensors"
    found = run.train_task(
        "sums", data=None, output=path, checkpoints=tmp_path, command="c",
        report=lambda *words: told.append(words[:3]),
    )  # fmt: skip
    assert recommended(Small()) == pair(Small)[1:]
    assert {(stage, most) for stage, _, most in told} == {
        ("plain", 3), ("delta", 2), ("quantised", 2),
    }  # fmt: skip
    network = load_network(path)
    start = pretrain(Small(), seed=1, checkpoint=tmp_path / "plain-1.pt")
    delta = refine(start, Small(), stages[0], seed=1, checkpoint=tmp_path / "delta-1.pt")
    last = torch.load(tmp_path / "quantised-1.pt", weights_only=True)["net"]
    assert not torch.equal(delta.gru.weight_hh_l0.double(), last["gru.weight_hh_l0"])
    frac = network.layers[0].weight_h_frac
    wanted = torch.floor(last["gru.weight_hh_l0"] * 2.0**frac + 0.5).clamp(-128, 127)
    assert network.layers[0].weight_h.reshape(-1, 16).tolist() == wanted.tolist()
    assert found["stages"]["quantised"]["error"] != found["stages"]["delta"]["error"]


def test_an_interrupted_training_goes_on(tmp_path):
    words = {"data": None, "output": tmp_path / "s.safetensors", "command": "c"}
    whole = run.train_task("sums", checkpoints=tmp_path / "a", **words)

    def stop(stage, done, most, text):
        if (stage, done) == ("delta", 1):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run.train_task("sums", checkpoints=tmp_path / "b", report=stop, **words)
    told = []
    again = run.train_task(
        "sums", checkpoints=tmp_path / "b", report=lambda *one: told.append(one[:3]), **words
    )
    assert [one for one in told if one[1]] == [("delta", 2, 2)]
    assert again == whole
