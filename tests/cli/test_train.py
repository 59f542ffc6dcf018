"""`thresh train`: from labelled data to a model file."""

import subprocess
import sys

import numpy as np
import pytest
from cli_cases import answer, refusal
from hearing.tones import tone_folder
from labelled_cases import CLASSES, write_tones, write_waves

from thresh.audio.chain import read_features, read_microphone, read_spotter
from thresh.audio.spotter import NEVER
from thresh.cli import train
from thresh.cli.main import run
from thresh.data.inputs import load_inputs
from thresh.model.model_file import load_network

SHORT = "units = 12\nplain = 6\ndelta = 3\nquantised = 2\n"


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder with waves and short settings, in which commands run."""
    monkeypatch.chdir(tmp_path)
    write_waves(tmp_path / "waves.npz")
    (tmp_path / "short.toml").write_text(SHORT + 'data = "waves.npz"\n')
    return tmp_path


def test_data_become_a_model_file_that_is_as_good_as_said(capsys, place, torch):
    found = answer(capsys, "train", "--config", "short.toml", "-o", "w.safetensors")
    assert found["sequences"] == {"train": 66, "validation": 12, "test": 12}
    assert list(found["stages"]) == ["plain", "delta", "quantised"]
    network = load_network(place / "w.safetensors")
    assert network.classes == CLASSES
    assert network.notes["test_accuracy"] == round(found["stages"]["quantised"]["accuracy"], 4)
    assert set(found["causes"]) <= {"inputs", "states", "underfits", "by heart"}
    plain, delta = (found["findings"][name] for name in ("plain", "delta"))
    assert (plain["inputs"], plain["states"]) == (3, 12)
    assert plain["fired_h"] == 12 > delta["fired_h"]
    assert delta["reduction"] > plain["reduction"] == pytest.approx(1, abs=0.01)
    golden = answer(capsys, "golden", "w.safetensors", "waves.npz", "--split", "test")
    assert golden["sequences"] == 12
    assert golden["accuracy"] == pytest.approx(found["stages"]["quantised"]["accuracy"])
    assert golden["reduction"] == pytest.approx(found["stages"]["quantised"]["reduction"])
    plain = found["stages"]["plain"]["reduction"]
    frames = golden["frames"] / golden["sequences"]  # the last finds no next step to fetch for
    weights = found["weights"]
    assert plain == pytest.approx(frames / (frames - 12 * 36 / weights), rel=0.01)


def test_people_get_tables_and_the_file_is_named_after_the_data(capsys, place, torch):
    assert run(["train", "--config", "short.toml"]) == 0
    out = capsys.readouterr().out
    assert "12 sequences of the test part" in out
    assert "int8" in out
    assert "Why it is not sparser" in out
    assert "bind: most of what is fetched" in " ".join(out.split())
    assert (place / "waves.safetensors").exists()


def test_folders_of_clips_are_trained_and_heard(capsys, place, torch):
    write_tones(place / "tones")
    (place / "tones.toml").write_text(SHORT + "validation = 0.2\ntest = 0\n")
    answer(capsys, "train", "--config", "tones.toml", "--data", "tones")
    network = load_network(place / "tones.safetensors")
    assert len(load_inputs(place / "tones", network, split="validation")) == 2
    golden = answer(capsys, "golden", "tones.safetensors", "tones")
    assert {item["label"] for item in golden["utterances"]} == {"high", "low"}
    assert "without a test split" in refusal(
        capsys, "golden", "tones.safetensors", "tones", "--split", "test"
    )


def test_what_does_not_fit_is_refused_in_one_sentence(capsys, place):
    assert "Give --data, or a --config" in refusal(capsys, "train")
    (place / "bad.toml").write_text("units = -1")
    assert "bad.toml: units" in refusal(capsys, "train", "--config", "bad.toml")
    assert "must end in .safetensors" in refusal(
        capsys, "train", "--data", "waves.npz", "-o", "a.onnx"
    )
    assert refusal(capsys, "train", "digits", "-o", "x.onnx") == "x.onnx must end in .safetensors"
    assert refusal(capsys, "train", "--data", "none.npz").endswith("No such file or directory")
    np.savez("half.npz", x=np.zeros((3, 2, 1)))
    assert "lacks the array 'labels'" in refusal(capsys, "train", "--data", "half.npz")
    assert "nosuch" in refusal(capsys, "train", "nosuch")


def test_without_torch_the_extra_is_named(place):
    program = (
        "import sys; sys.modules['torch'] = None\n"
        "from thresh.cli.main import run; sys.exit(run(['train', '--data', 'waves.npz']))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr == 'thresh: This needs the package torch: pip install "thresh-hdl[train]"\n'


def test_tasks_are_run_by_name(capsys, place, torch, monkeypatch):
    from thresh.training.tasks import run as task_run

    asked = {}

    def train_task(name, **words):
        asked.update(words, name=name)
        words["report"]("plain", 1, 2, "loss 1")
        stages = {"plain": {"error": 1.5, "reduction": 1.0}}
        finding = {"train_error": 1, "validation_error": 2, "fired_x": 3, "fired_h": 4,
                   "inputs": 5, "states": 6}  # fmt: skip
        return {"model": str(words["output"]), "unit": "RMSE", "split": "a", "stages": stages,
                "findings": {"plain": finding}, "causes": ["inputs"]}  # fmt: skip

    assert set(train.TASKS) == set(task_run.TASKS)
    monkeypatch.setattr(task_run, "train_task", train_task)
    found = answer(capsys, "train", "steering", "--data", "sets")
    assert found["model"] == "steering.safetensors"
    assert (asked["name"], asked["data"].name) == ("steering", "sets")
    assert asked["checkpoints"].name == "steering"
    assert asked["command"] == "thresh train steering --data sets"
    assert run(["train", "steering"]) == 0
    assert "RMSE" in capsys.readouterr().out


def test_a_task_without_its_data_says_where_they_come_from(capsys, place, torch, monkeypatch):
    monkeypatch.delenv("THRESH_DATA", raising=False)
    assert "name its folder with --data" in refusal(capsys, "train", "ecg")


WAKE = (
    "units = 12\nbatch = 4\nplain = 60\ndelta = 20\nquantised = 2\nvalidation = 0.3\ntest = 0.3\n"
)


def test_recordings_of_a_word_become_a_device(capsys, place, torch):
    tone_folder(place / "own", words=12, others=20)
    (place / "wake.toml").write_text(WAKE)
    found = answer(capsys, "train", "--data", "own", "--wake", "word", "--config", "wake.toml")
    assert found["model"] == "word.safetensors"
    network = load_network(place / "word.safetensors")
    assert network.classes == ("_else_", "word")
    assert read_features(network).rate == 8000
    assert read_microphone(network).bits_per_sample == 250
    spotter = read_spotter(network)
    assert spotter.thresholds[0] == NEVER
    assert spotter.thresholds[1] == found["wake"]["as_it_is"]["threshold"]
    assert found["wake"]["words"] == 4
    assert found["wake"]["as_it_is"]["missed"] <= 1
    assert found["stages"]["quantised"]["reduction"] > 1.5
    assert network.notes["reduction"] == round(found["stages"]["quantised"]["reduction"], 2)
    scored = answer(capsys, "score", "word.safetensors", "own")
    assert scored["words"] == 12
    assert scored["as_it_is"]["threshold"] == spotter.thresholds[1]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--data", "own", "--wake", "hello"], "must hold a folder of audio files named hello"),
        (["digits", "--data", "own", "--wake", "word"], "your own data, not for a task: --wake."),
        (
            ["ecg", "--config", "a.toml", "--false-per-hour", "1"],
            "For your own data, not for a task: --config, --false-per-hour.",
        ),
        (["--data", "own", "--false-per-hour", "1"], "--false-per-hour needs a --wake"),
        (["--data", "own", "--wake", "word", "--false-per-hour", "-1"], "must be 0 or more"),
    ],
)
def test_a_word_that_cannot_be_trained_is_refused(capsys, place, torch, words, sentence):
    tone_folder(place / "own")
    assert sentence in refusal(capsys, "train", *words)
