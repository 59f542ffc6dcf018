"""Recordings: self-contained, read through the door for files of others, and run again."""

import io
from dataclasses import replace

import numpy as np
import pytest
from hearing.networks import hearing_network, noise_bits

from thresh.model.model_file import description_of
from thresh.sim.device.golden import golden_device
from thresh.sim.device.recording import Recording, golden_of
from thresh.sim.device.trace import DeviceTrace, first_difference

NETWORK = hearing_network()
BITS = noise_bits(1500)
TRACE = golden_device(NETWORK, BITS)


def test_a_file_holds_all_that_another_machine_needs(tmp_path):
    cycles = np.arange(TRACE.frames)
    made = Recording(trace=TRACE, cycles=cycles, stimulus=BITS, network=NETWORK)
    made.save(tmp_path / "heard.npz")
    read = Recording.load(tmp_path / "heard.npz")
    assert first_difference(TRACE, read.trace) is None
    assert description_of(read.network) == description_of(NETWORK)
    np.testing.assert_array_equal(read.cycles, cycles)
    assert first_difference(TRACE, golden_of(read, read.network)) is None


@pytest.mark.parametrize("lacking", [(), ("samples",)])
def test_runs_again_from_the_earliest_stage(tmp_path, lacking):
    stages = {name: rows for name, rows in TRACE.stages.items() if name not in lacking}
    Recording(trace=DeviceTrace(**stages)).save(tmp_path / "heard.npz")
    read = Recording.load(tmp_path / "heard.npz")
    assert (read.network, read.stimulus, read.cycles) == (None, None, None)
    assert first_difference(TRACE, golden_of(read, NETWORK)) is None


def test_what_cannot_be_run_again():
    with pytest.raises(ValueError, match="neither bits nor samples nor features"):
        golden_of(Recording(trace=DeviceTrace(best=[1])), NETWORK)
    narrow = Recording(trace=DeviceTrace(features=[[1, 2]]))
    with pytest.raises(ValueError, match="holds 2 features per frame, and small takes 20"):
        golden_of(narrow, NETWORK)
    loud = Recording(trace=DeviceTrace(samples=[40000]))
    with pytest.raises(ValueError, match="samples must have 16 bits"):
        golden_of(loud, NETWORK)


@pytest.mark.parametrize(
    ("arrays", "sentence"),
    [
        ({"cycles": [1]}, "cycles must be integers, one for each of 0 frames"),
        ({"stimulus": [0.5]}, "stimulus must be one channel of integers"),
        ({"network": [1]}, "its network must be described by one text"),
        ({"network": "{}"}, "is not a valid network: format must be"),
        ({"layers.0.bias": [1]}, "holds tensors of a network that it does not describe"),
        ({"other": [1]}, "holds 'other', which is no stage of a device"),
    ],
)
def test_files_that_are_no_recording(tmp_path, arrays, sentence):
    packed = io.BytesIO()
    np.savez(packed, **({"format": 1} | arrays))
    (tmp_path / "t.npz").write_bytes(packed.getvalue())
    with pytest.raises(ValueError, match=sentence):
        Recording.load(tmp_path / "t.npz")


def test_a_network_that_lacks_a_tensor_is_refused(tmp_path):
    arrays = DeviceTrace(best=[1]).arrays() | {"network": np.array(description_of(NETWORK))}
    np.savez(tmp_path / "t.npz", **arrays)
    with pytest.raises(ValueError, match="lacks the tensor"):
        Recording.load(tmp_path / "t.npz")


def test_a_network_that_cannot_be_a_device_is_refused():
    with pytest.raises(ValueError, match="small names no microphone"):
        golden_of(Recording(trace=TRACE), replace(NETWORK, microphone={}))
