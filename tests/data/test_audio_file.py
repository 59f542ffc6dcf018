"""WAV files: every usual encoding, said conversions, one-sentence refusals."""

import struct

import numpy as np
import pytest

from thresh.data.audio_file import read_wav, resample, write_wav


def riff(body: bytes, code: int, channels: int, rate: int, bits: int, extra: bytes = b"") -> bytes:
    """A RIFF WAVE file with a format, a list and a data chunk."""
    frame = channels * bits // 8
    form = struct.pack("<HHIIHH", code, channels, rate, rate * frame, frame, bits) + extra
    chunks = [(b"fmt ", form), (b"LIST", b"odd"), (b"data", body)]
    content = b"WAVE"
    for name, data in chunks:
        content += name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)
    return b"RIFF" + struct.pack("<I", len(content)) + content


def tone(samples: int, rate: int, hertz: float = 440.0) -> np.ndarray:
    return 10_000 * np.sin(2 * np.pi * hertz * np.arange(samples) / rate)


def test_own_files_come_back_unchanged(tmp_path):
    pcm = np.array([0, 1, -1, 32767, -32768], np.int16)
    write_wav(tmp_path / "a.wav", pcm, 8000)
    came, note = read_wav(tmp_path / "a.wav", 8000)
    assert came.dtype == np.int16
    np.testing.assert_array_equal(came, pcm)
    assert note is None
    assert [path.name for path in tmp_path.iterdir()] == ["a.wav"]


def encoded(samples: np.ndarray, code: int, bits: int) -> bytes:
    if code == 3:
        return (samples / 32768.0).astype(f"<f{bits // 8}").tobytes()
    if bits == 8:
        return np.round(samples / 256 + 128).astype(np.uint8).tobytes()
    wide = np.round(samples * 2.0 ** (bits - 16)).astype("<i4")
    return wide.view(np.uint8).reshape(-1, 4)[:, : bits // 8].tobytes()


@pytest.mark.parametrize(
    ("code", "bits", "step"), [(1, 8, 128), (1, 16, 0.5), (1, 24, 0.5), (1, 32, 0.5), (3, 32, 0.5),
                               (3, 64, 0.5)]
)  # fmt: skip
def test_reads_every_usual_encoding(tmp_path, code, bits, step):
    samples = tone(800, 8000)
    path = tmp_path / "a.wav"
    path.write_bytes(riff(encoded(samples, code, bits), code, 1, 8000, bits))
    came, note = read_wav(path, 8000)
    assert np.abs(came - samples).max() <= step + 1e-9
    assert note is None


def test_reads_extensible_headers(tmp_path):
    extra = struct.pack("<HHIH", 22, 16, 4, 1) + b"\0" * 14
    path = tmp_path / "a.wav"
    path.write_bytes(riff(encoded(tone(800, 8000), 1, 16), 0xFFFE, 1, 8000, 16, extra))
    assert np.abs(read_wav(path, 8000)[0] - tone(800, 8000)).max() <= 0.5


def test_mixes_down_and_resamples_and_says_so(tmp_path):
    left = tone(44_100, 44_100)
    both = np.stack((left, left / 2), axis=1).ravel()
    path = tmp_path / "music.wav"
    path.write_bytes(riff(encoded(both, 1, 16), 1, 2, 44_100, 16))
    came, note = read_wav(path, 8000)
    assert note == ("music.wav: 2 channels mixed down to one, resampled from 44100 Hz to 8000 Hz")
    assert came.shape == (8000,)
    assert np.abs(came - 0.75 * tone(8000, 8000))[100:-100].max() < 2


@pytest.mark.parametrize(("came", "wanted"), [(44_100, 8000), (16_000, 8000), (8000, 11_025)])
def test_resampling_keeps_what_fits_and_removes_what_does_not(came, wanted):
    kept = resample(tone(came, came, 1000.0), came, wanted)
    assert len(kept) == wanted
    assert np.abs(kept - tone(wanted, wanted, 1000.0))[200:-200].max() < 1
    if wanted < came:
        removed = resample(tone(came, came, 0.58 * wanted), came, wanted)
        assert np.abs(removed)[200:-200].max() < 20


GOOD = riff(encoded(tone(80, 8000), 1, 16), 1, 1, 8000, 16)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "not a WAV file"),
        (b"ID3 some other music format", "not a WAV file"),
        (GOOD[:30], "truncated: its fmt chunk"),
        (GOOD[:50], "truncated: it has no audio data"),
        (GOOD[:-10], "truncated: its data chunk should hold 160 bytes and has 150"),
        (riff(b"", 1, 1, 8000, 16), "holds no samples"),
        (riff(b"\0\0\0", 1, 1, 8000, 16), "end within a sample"),
        (riff(b"\0\0", 7, 1, 8000, 8), "not 8 bits of format 7"),
        (riff(b"\0\0", 1, 0, 8000, 16), "not 0 channels at 8000 Hz"),
        (riff(b"\0\0", 1, 1, 0, 16), "not 1 channels at 0 Hz"),
        (riff(np.float32([np.nan]).tobytes(), 3, 1, 8000, 32), "not NaN or infinity"),
    ],
)
def test_refuses_in_one_sentence(tmp_path, content, sentence):
    path = tmp_path / "bad.wav"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=f"^bad.wav .*{sentence}"):
        read_wav(path, 8000)


def test_a_missing_file_is_an_os_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_wav(tmp_path / "none.wav", 8000)
