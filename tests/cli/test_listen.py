"""`thresh listen` on a simulated board behind a pseudo-terminal, and on files."""

import json

import numpy as np
import pytest
from cli_cases import answer, refusal, write_tone
from hearing.networks import hearing_network, noise_bits
from hearing.twin import CYCLES, HearingTwin
from link_bench import deadline

from thresh.cli.main import run
from thresh.host.errors import LinkError
from thresh.listening import with_thresholds
from thresh.model.model_file import save_network
from thresh.sim.device.golden import golden_device
from thresh.sim.device.recording import Recording
from thresh.sim.device.trace import DeviceTrace, first_difference
from thresh.sim.pty_server import PtyServer
from thresh.simulation import DeviceRun

NETWORK = hearing_network()
BITS = noise_bits(3000)
TRACE = golden_device(NETWORK, BITS)
NEVER_SHOWN = 32767 / (1 << NETWORK.output_frac)
WORDS = [NETWORK.classes[label] for label in TRACE.heard[:, 1]]


@pytest.fixture(autouse=True)
def _deadline():
    with deadline(30):
        yield


@pytest.fixture
def model(tmp_path):
    save_network(NETWORK, tmp_path / "small.safetensors")
    return tmp_path / "small.safetensors"


@pytest.fixture
def board():
    with PtyServer(HearingTwin(NETWORK, BITS)) as server:
        yield server.path


def test_a_board_is_heard_and_recorded(capsys, tmp_path, model, board):
    kept = tmp_path / "heard.npz"
    data = answer(capsys, "listen", model, "--port", board, "--seconds", 2, "--record", kept)
    assert data["network"] == "small"
    assert (data["frames"], data["frames_lost"]) == (TRACE.frames, 0)
    assert [item["word"] for item in data["heard"]] == WORDS
    assert [item["frame"] for item in data["heard"]] == TRACE.heard[:, 0].tolist()
    assert data["cycles_per_frame"] == CYCLES
    recording = Recording.load(kept)
    assert first_difference(TRACE, recording.trace) is None
    assert recording.network.name == "small"


def test_what_was_heard_before_the_port_was_lost_is_kept(capsys, tmp_path, model, monkeypatch):
    class Line:
        name = "line"

        def __init__(self, twin):
            self.twin, self.left = twin, 22

        def write(self, data):
            if self.left < 0:
                raise LinkError("The serial port line was lost")
            self.twin.receive(data)

        def read(self, timeout):
            self.left -= 1
            if self.left < 0:
                raise LinkError("The serial port line was lost")
            return self.twin.poll()

    line = Line(HearingTwin(NETWORK, BITS))
    monkeypatch.setattr("thresh.device_sources.SerialTransport", lambda port, baud: line)
    kept = tmp_path / "heard.npz"
    assert run(["listen", str(model), "--port", "x", "--record", str(kept), "--json"]) == 2
    captured = capsys.readouterr()
    assert captured.err == "thresh: The serial port line was lost\n"
    frames = json.loads(captured.out)["frames"]
    trace = Recording.load(kept).trace
    assert frames == trace.frames == 20
    assert first_difference(DeviceTrace(features=TRACE.features[:frames]), trace) is None


def test_a_board_without_a_model_tells_numbers(capsys, board):
    data = answer(capsys, "listen", "--port", board, "--seconds", 1.5)
    assert data["network"] is None
    assert [item["word"] for item in data["heard"]] == [str(n) for n in TRACE.heard[:, 1]]
    assert {item["score_real"] for item in data["heard"]} == {None}


def test_bits_are_heard_without_a_board(capsys, tmp_path, model):
    np.savez(tmp_path / "bits.npz", first=BITS[:100], second=np.packbits(BITS))
    kept = tmp_path / "heard.npz"
    data = answer(
        capsys, "listen", model, "--simulate", tmp_path / "bits.npz", "--array", "second",
        "--record", kept,
    )  # fmt: skip
    assert [item["word"] for item in data["heard"]] == WORDS
    assert data["events_per_frame"] == pytest.approx(TRACE.events.sum(axis=1).mean())
    recording = Recording.load(kept)
    assert first_difference(TRACE, recording.trace) is None
    np.testing.assert_array_equal(recording.stimulus, BITS)


def test_the_network_that_ships_hears_audio(capsys, tmp_path):
    tone = write_tone(tmp_path / "tone.wav")
    data = answer(capsys, "listen", "--simulate", tone)
    assert data["network"] == "digits-gru128"
    assert data["frames"] == 28


def test_the_compiled_device_is_heard_with_its_cycles(capsys, model, tmp_path, monkeypatch):
    class Device:
        def __init__(self, device, network, kind, folder):
            assert (device.name, kind) == ("icebreaker", "pdm")

        def run(self, stimulus):
            cycles = np.full(TRACE.frames, 12_000)
            cycles[0] = 2_400_000
            return DeviceRun(
                stimulus=stimulus, trace=TRACE, golden=TRACE, cycles=cycles, announcements=(),
                first_bit=0.1,
            )  # fmt: skip

    monkeypatch.setattr("thresh.simulation.SimulatedDevice", Device)
    np.save(tmp_path / "bits.npy", BITS)
    kept = tmp_path / "heard.npz"
    data = answer(
        capsys, "listen", model, "--simulate", tmp_path / "bits.npy", "--engine", "compiled",
        "--record", kept,
    )  # fmt: skip
    assert [item["word"] for item in data["heard"]] == WORDS
    assert data["cycles_per_frame"] == 12_000
    assert data["share_awake"] == pytest.approx(12_000 * 100 / 12e6)
    assert first_difference(Recording.load(kept).trace, TRACE) is None


def test_announcements_are_lines_where_there_is_no_terminal(capsys, model, tmp_path):
    np.save(tmp_path / "bits.npy", BITS)
    assert run(["listen", str(model), "--simulate", str(tmp_path / "bits.npy")]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[2] for line in lines[: len(WORDS)]] == WORDS


def never(*labels):
    """Options by which these classes are not announced."""
    return [word for n in labels for word in ("--threshold", f"{NETWORK.classes[n]}={NEVER_SHOWN}")]


def test_it_is_said_that_compiling_comes_first(capsys, model, tmp_path, monkeypatch):
    def stop(*words):
        raise ValueError("stopped here")

    monkeypatch.setattr("thresh.cli.listen.simulated", stop)
    words = ["listen", str(model), "--simulate", "bits.npy", "--engine"]
    assert run([*words, "compiled"]) == 2
    assert capsys.readouterr().err.startswith("note: the device is made, compiled and run before")
    assert run([*words, "golden"]) == 2
    assert capsys.readouterr().err == "thresh: stopped here\n"


def test_a_threshold_is_told_to_the_board_and_kept_in_the_recording(capsys, tmp_path, model, board):
    first = TRACE.heard[0, 1]
    kept = tmp_path / "heard.npz"
    data = answer(
        capsys, "listen", model, "--port", board, "--seconds", 2, "--record", kept, *never(first)
    )  # fmt: skip
    wanted = golden_device(with_thresholds(NETWORK, {first: 32767}), BITS)
    assert wanted.heard.tolist() != TRACE.heard.tolist()
    assert [item["frame"] for item in data["heard"]] == wanted.heard[:, 0].tolist()
    assert first_difference(wanted, Recording.load(kept).trace) is None
    assert Recording.load(kept).network.spotter["thresholds"][first] == 32767


def test_a_simulated_device_has_other_thresholds_too(capsys, tmp_path, model):
    np.save(tmp_path / "bits.npy", BITS)
    words = answer(
        capsys, "listen", model, "--simulate", tmp_path / "bits.npy", *never(0, 1, 2)
    )  # fmt: skip
    assert words["heard"] == []


def test_classes_of_a_board_without_a_model_have_numbers(capsys, board):
    never = [word for label in range(3) for word in ("--threshold", f"{label}=32767")]
    assert answer(capsys, "listen", "--port", board, "--seconds", 1.5, *never)["heard"] == []
    text = refusal(capsys, "listen", "--port", board, "--threshold", "3=0")
    assert text == "The board's network has 3 classes, so none is 3"


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("zap=1", "A threshold is WORD=VALUE with one of {names}, not 'zap=1'"),
        ("{first}", "A threshold is WORD=VALUE with one of {names}, not '{first}'"),
        ("{first}=loud", "The threshold of {first} is a number from {range}, not 'loud'"),
        ("{first}=1e9", "The threshold of {first} is a number from {range}, not '1e9'"),
        ("{first}=nan", "The threshold of {first} is a number from {range}, not 'nan'"),
    ],
)
def test_a_threshold_that_cannot_be_is_refused(capsys, model, given, wanted):
    scale = 1 << NETWORK.output_frac
    known = {
        "first": NETWORK.classes[0], "names": ", ".join(NETWORK.classes),
        "range": f"{-32768 / scale:g} to {32767 / scale:g}",
    }  # fmt: skip
    text = refusal(
        capsys, "listen", model, "--simulate", "x.wav", "--threshold", given.format(**known)
    )  # fmt: skip
    assert text == wanted.format(**known)


def test_refusals(capsys, tmp_path, model, board):
    assert "not both and not neither" in refusal(capsys, "listen", model)
    text = refusal(capsys, "listen", model, "--port", board, "--simulate", "x.wav")
    assert "not both and not neither" in text
    text = refusal(capsys, "listen", "--port", board, "--engine", "compiled", "--array", "a")
    assert text == "Only for --simulate, not for a board: --array, --engine."
    np.savez(tmp_path / "bits.npz", a=[2])
    text = refusal(capsys, "listen", model, "--simulate", tmp_path / "bits.npz")
    assert text == "bits.npz must hold bits from 0 to 1, not 2 to 2"
    wide = hearing_network(spotter={})
    save_network(wide, tmp_path / "wide.safetensors")
    text = refusal(capsys, "listen", tmp_path / "wide.safetensors", "--simulate", "bits.npz")
    assert text == "small has no decision, so it cannot be a device"


def test_another_network_than_the_boards_is_refused(capsys, board):
    shipped = "examples/digits-gru128-magnitude.safetensors"
    text = refusal(capsys, "listen", shipped, "--port", board)
    assert "The board holds a network of 20 bands, 3 classes and 2 layers" in text


def test_scores_are_shown_as_a_threshold_is_given(capsys, model, tmp_path):
    np.save(tmp_path / "bits.npy", BITS)
    assert run(["listen", str(model), "--simulate", str(tmp_path / "bits.npy")]) == 0
    table = capsys.readouterr().out.partition("Heard")[2].splitlines()
    scores = [float(line.split()[-2]) for line in table if line.startswith("│")]
    wanted = TRACE.score[TRACE.heard[:, 0]] / (1 << NETWORK.output_frac)
    assert scores == pytest.approx(wanted.tolist(), abs=0.005)


def test_a_sentence_says_that_nothing_was_heard(capsys, model, tmp_path):
    np.save(tmp_path / "bits.npy", BITS[:1000])
    assert run(["listen", str(model), "--simulate", str(tmp_path / "bits.npy")]) == 0
    shown = capsys.readouterr().out
    assert shown.endswith("Nothing was heard.\n")
    assert "score" not in shown


def test_seconds_of_a_file_are_its_own(capsys, model, tmp_path):
    np.save(tmp_path / "bits.npy", BITS)
    data = answer(capsys, "listen", model, "--simulate", tmp_path / "bits.npy", "--seconds", 0.15)
    assert 15 <= data["frames"] < 25 < TRACE.frames


def test_json_is_one_object(capsys, model, tmp_path):
    np.save(tmp_path / "bits.npy", BITS[:100])
    assert run(["listen", str(model), "--simulate", str(tmp_path / "bits.npy"), "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert (data["frames"], data["heard"], data["events_per_frame"]) == (0, [], None)
