"""The wake word's recipe in small: folds, seeds, delta networks and controls, and the command."""

import json
from functools import cache

import numpy as np
import pytest
import soundfile
from click.testing import CliRunner

torch = pytest.importorskip("torch", reason="the extra [train] is not installed")
torch.set_num_threads(1)

from thresh.audio.announcements import smoothed  # noqa: E402
from thresh.audio.chain import read_features, read_microphone, read_spotter  # noqa: E402
from thresh.audio.decimator import Decimator  # noqa: E402
from thresh.audio.spotter import NEVER  # noqa: E402
from thresh.model.model_file import load_network  # noqa: E402
from thresh.sim.golden_runs import run_golden  # noqa: E402
from thresh.training.device import synthesised, wake_pieces, wake_recipe  # noqa: E402
from thresh.training.device.computer import NAME, NEAR, Computer  # noqa: E402
from thresh.training.device.wake import ELSE, SHIFT, WORD  # noqa: E402
from thresh.training.device.wake_exam import streams_of  # noqa: E402
from thresh.training.sets.keywords import CLASSES, Clip  # noqa: E402
from thresh.training.tasks.integers import in_integers  # noqa: E402
from thresh.training.tasks.spoken import device_front_end  # noqa: E402
from thresh.training.tasks.training import make_net  # noqa: E402
from thresh.training.trainer.scoring import integer_outputs  # noqa: E402


def sound(seed):
    return np.random.default_rng(seed).integers(-999, 999, 4000).astype(np.int16)


def noises(label, count, seed):
    return [
        Clip(pcm=sound([seed, number]), label=label, speaker=f"{label}{number}")
        for number in range(count)
    ]


@pytest.fixture
def brief(monkeypatch):
    """Trainings of an epoch, and networks of 16 units."""
    short = tuple(wake_pieces.replace(stage, epochs=1) for stage in wake_pieces.STAGES)
    monkeypatch.setattr(wake_pieces, "STAGES", short)
    monkeypatch.setattr(Computer, "units", 16)


@pytest.fixture
def command(tmp_path, brief):
    """Recordings in their folders, and the command on them."""
    for place, count in (
        (f"sets/wake/{NAME}", 10), (f"sets/wake/{NEAR}", 5), ("talk/anna", 3),
        *((f"sets/keywords/{name}", 2) for name in CLASSES),
        (f"said/{synthesised.WORD}", 2), (f"said/{synthesised.TALK}", 2),
    ):  # fmt: skip
        (tmp_path / place).mkdir(parents=True)
        for number in range(count):
            name = f"{number:08x}_nohash_0.flac"
            soundfile.write(tmp_path / place / name, sound([len(place), number]), 8000)
    places = {
        "--data": "sets", "--talk": "talk", "--synthesised": "said", "-o": "w.safetensors",
        "--results": "t.json", "--checkpoints": "c",
    }  # fmt: skip
    words = [word for name, place in places.items() for word in (name, str(tmp_path / place))]
    return lambda *more: CliRunner().invoke(wake_recipe.main, [*words, *more])


def test_the_control_is_trained_alike_without_thresholds():
    delta, control = map(wake_pieces.stages_of, wake_pieces.KINDS)
    for one, other in zip(delta, control, strict=True):
        assert other.thresholds() == (0, 0)
        assert other.activity_h == other.rise == 0
        assert other.draws == one.name
        changed = {"name", "draws", "threshold_x", "threshold_h", "activity_h", "rise"}
        assert {name for name, value in vars(one).items() if value != vars(other)[name]} <= changed


def test_the_command_reaches_its_end_and_goes_on_from_where_it_was(command, tmp_path, monkeypatch):
    found = command("--seeds", "2,5")
    assert found.exit_code == 0, found.output
    table = json.loads((tmp_path / "t.json").read_text())
    assert table["command"] == wake_recipe.COMMAND + " --seeds 2,5"
    for kind in (table, table["control"]):
        assert (set(kind["by_seed"]), kind["words"], kind["seeds"]) == ({"2", "5"}, 20, 2)
        for name in ("missed", "false_accepts", "words", "hours"):
            assert kind[name] == pytest.approx(sum(one[name] for one in kind["by_seed"].values()))
    network = load_network(tmp_path / "w.safetensors")
    seed = table["shipped"]["seed"]
    own = table["by_seed"][str(seed)]["by_fold"][0]
    assert network.notes["seed"] == seed
    assert read_spotter(network).thresholds == (NEVER, own["threshold"])
    assert read_microphone(network) == Decimator()
    written = {path: path.read_bytes() for path in tmp_path.glob("[tw].*")}
    for path in written:
        path.unlink()
    monkeypatch.setattr(wake_recipe, "Computer", Kept)
    found = command("--seeds", "2,5")
    assert found.exit_code == 0, found.output
    assert {path: path.read_bytes() for path in written} == written


def test_a_network_that_ships_already_stays_unless_another_is_better(command, tmp_path):
    assert command("--seeds", "2").exit_code == 0
    place, results = tmp_path / "w.safetensors", tmp_path / "t.json"
    ships, first = place.read_bytes(), json.loads(results.read_text())["shipped"]
    assert first.pop("of_earlier_training") is False
    found = command("--seeds", "3")
    assert found.exit_code == 0, found.output
    assert place.read_bytes() == ships
    again = json.loads(results.read_text())["shipped"]
    assert again.pop("of_earlier_training") is True
    validation = again.pop("validation")
    assert validation["that ships"] == first.pop("validation")["2"]
    assert again == first


def test_a_network_of_other_recordings_is_replaced(command, tmp_path):
    assert command("--seeds", "2").exit_code == 0
    network = load_network(tmp_path / "w.safetensors")
    for path in (tmp_path / "talk/anna").iterdir():
        soundfile.write(path, sound(99), 8000)
    assert command("--seeds", "2").exit_code == 0
    other = load_network(tmp_path / "w.safetensors")
    assert other.front_end != network.front_end
    assert not json.loads((tmp_path / "t.json").read_text())["shipped"]["of_earlier_training"]


class Kept(Computer):
    """Is never made: what it would train is kept."""

    def __init__(self, *given):
        pytest.fail("trained again")


def test_another_partition_leaves_what_ships(command, tmp_path):
    found = command("--seeds", "1", "--partition", "1")
    assert found.exit_code == 0, found.output
    names = {path.name for path in tmp_path.iterdir()}
    assert "t-again.json" in names
    assert not {"t.json", "w.safetensors"} & names
    assert {path.name for path in (tmp_path / "c").iterdir()} == {"again1"}
    table = json.loads((tmp_path / "t-again.json").read_text())
    assert table["command"] == wake_recipe.COMMAND + " --partition 1 --seeds 1"


@pytest.mark.parametrize("seeds", ["", "1,one", "1,1", "-1"])
def test_seeds_are_different_numbers(command, seeds):
    found = command("--seeds", seeds)
    assert found.exit_code == 2
    assert "numbers" in found.output


@pytest.mark.parametrize(
    ("missing", "said"),
    [("sets/wake", "wake"), ("talk/anna", "one folder of recordings per speaker"),
     ("said/computer", "must be written by")],
)  # fmt: skip
def test_recordings_that_are_missing_end_it(command, tmp_path, missing, said):
    (tmp_path / missing).rename(tmp_path / "elsewhere")
    found = command("--seeds", "1")
    assert found.exit_code == 2
    assert said in found.output
    assert not (tmp_path / "t.json").exists()


@pytest.fixture
def clips():
    return noises(WORD, 10, 1) + noises(ELSE, 30, 2)


def pieces(clips, tmp_path, seed=1, material=0, kinds=wake_pieces.KINDS):
    log_of = cache(lambda clip: device_front_end().log_mel(clip.pcm))
    return wake_pieces.pieces_of(
        lambda: Computer(clips, 0, log_of), 0, seed, tmp_path, material, kinds=kinds
    )


def test_a_piece_is_kept_whole(brief, clips, tmp_path, monkeypatch):
    made = pieces(clips, tmp_path)
    monkeypatch.setattr(wake_pieces, "train", lambda *given, **more: pytest.fail("trained again"))
    kept = pieces(clips, tmp_path)
    for kind in wake_pieces.KINDS:
        one, other = made[kind], kept[kind]
        assert (one.network.microphone, one.work) == (other.network.microphone, other.work)
        for side in ("streams", "elsewhere", "validation"):
            for a, b in zip(getattr(one, side), getattr(other, side), strict=True):
                assert a.spans == b.spans
                np.testing.assert_array_equal(a.scores, b.scores)
    with pytest.raises(pytest.fail.Exception, match="trained again"):
        pieces(clips, tmp_path, material=1)


def test_a_piece_that_was_interrupted_while_it_was_kept_is_none(
    brief, clips, tmp_path, monkeypatch
):
    """Neither one recipe's scores stand beside another's network, nor scores alone."""
    made = pieces(clips, tmp_path, kinds=("delta",))["delta"]
    path = tmp_path / "fold0-seed1" / "delta"
    name = wake_pieces._recipe("delta", 1, 0)
    assert wake_pieces._kept(path, name).network == made.network
    monkeypatch.setattr(wake_pieces.np, "savez_compressed", lambda *given, **more: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        wake_pieces._keep(path, "another", made)
    assert wake_pieces._kept(path, name) is None
    monkeypatch.undo()
    wake_pieces._keep(path, name, made)
    path.with_suffix(".safetensors").unlink()
    assert wake_pieces._kept(path, name) is None


def test_both_kinds_start_alike_whichever_is_first(brief, clips, tmp_path):
    together = pieces(clips, tmp_path / "a")
    alone = pieces(clips, tmp_path / "b", kinds=("control",))
    for one, other in zip(
        together["control"].streams, alone["control"].streams, strict=True
    ):  # fmt: skip
        np.testing.assert_array_equal(one.scores, other.scores)
    assert together["control"].work.reduction < together["delta"].work.reduction


def test_every_clip_of_the_wake_word_is_tested_once(clips):
    log_of = cache(lambda clip: device_front_end().log_mel(clip.pcm))
    tested = {
        partition: [
            sorted(clip.speaker for clip in Computer(clips, n, log_of, (), partition).sides["test"])
            for n in range(5)
        ]
        for partition in (0, 1)
    }
    assert tested[0] != tested[1]
    for found in tested.values():
        assert sorted(name for names in found for name in names) == sorted(
            clip.speaker for clip in clips
        )


def test_the_inputs_have_the_format_of_the_front_end_whatever_validation_holds(clips):
    task = Computer(clips, 0, lambda clip: device_front_end().log_mel(clip.pcm))
    for (features,) in task.corpora["validation"].copies:
        features[0] = -(1 << 14)
    network, exact = in_integers(make_net(task), task)
    assert network.layers[0].x_frac == read_features(network).x_frac
    items = task.items("validation")[:2]
    runs = run_golden(network, [(one.x * 2**task.front_end.x_frac).astype(int) for one in items])
    made = integer_outputs(exact, items, network.output_frac)
    for outputs, run in zip(made, runs, strict=True):
        np.testing.assert_array_equal(outputs, run.outputs)


def test_scores_are_those_of_the_golden_model_on_the_joined_clips(clips):
    task = Computer(clips, 0, lambda clip: device_front_end().log_mel(clip.pcm))
    net = make_net(task)
    net.set_thresholds(0.4, 0.3)
    network, exact = in_integers(net, task)
    items = task.items("test")
    (stream,) = streams_of(exact, network, items)
    order = np.random.default_rng(0).permutation(len(items))
    joined = np.concatenate([items[place].x for place in order]) * 2**task.front_end.x_frac
    (run,) = run_golden(network, [joined.astype(np.int64)])
    np.testing.assert_array_equal(smoothed(run.outputs, SHIFT), stream.scores)
