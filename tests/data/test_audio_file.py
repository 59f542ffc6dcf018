"""WAV files: every usual encoding, said conversions, one-sentence refusals."""

import io
import struct
import tracemalloc

import numpy as np
import pytest
import soundfile

from thresh.data.audio_file import clips_in, read_audio, resample, write_wav


def riff(body: bytes, code: int, channels: int, rate: int, bits: int, extra: bytes = b"") -> bytes:
    """A RIFF WAVE file with a format, a list and a data chunk."""
    frame = channels * bits // 8
    form = struct.pack("<HHIIHH", code, channels, rate, rate * frame, frame, bits) + extra
    chunks = [(b"fmt ", form), (b"LIST", b"odd"), (b"data", body)]
    content = b"WAVE"
    for name, data in chunks:
        content += name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)
    return b"RIFF" + struct.pack("<I", len(content)) + content


GUID = bytes.fromhex("000000001000800000aa00389b71")
"""The end of an extensible header's format, which begins with its code."""


def tone(samples: int, rate: int, hertz: float = 440.0) -> np.ndarray:
    return 10_000 * np.sin(2 * np.pi * hertz * np.arange(samples) / rate)


def test_own_files_come_back_unchanged(tmp_path):
    pcm = np.array([0, 1, -1, 32767, -32768], np.int16)
    write_wav(tmp_path / "a.wav", pcm, 8000)
    came, note = read_audio(tmp_path / "a.wav", 8000)
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
    came, note = read_audio(path, 8000)
    assert np.abs(came - samples).max() <= step + 1e-9
    assert note is None


def test_reads_extensible_headers(tmp_path):
    extra = struct.pack("<HHIH", 22, 16, 4, 1) + GUID
    path = tmp_path / "a.wav"
    path.write_bytes(riff(encoded(tone(800, 8000), 1, 16), 0xFFFE, 1, 8000, 16, extra))
    assert np.abs(read_audio(path, 8000)[0] - tone(800, 8000)).max() <= 0.5


def test_mixes_down_and_resamples_and_says_so(tmp_path):
    left = tone(44_100, 44_100)
    both = np.stack((left, left / 2), axis=1).ravel()
    path = tmp_path / "music.wav"
    path.write_bytes(riff(encoded(both, 1, 16), 1, 2, 44_100, 16))
    came, note = read_audio(path, 8000)
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


def test_long_audio_is_resampled_in_pieces_as_it_is_at_once(tmp_path):
    noise = np.random.default_rng(1).normal(0, 4000, 6_000_000).astype(np.int16)
    soundfile.write(tmp_path / "a.flac", noise, 44_100)
    tracemalloc.start()
    came, _ = read_audio(tmp_path / "a.flac", 8000)
    assert tracemalloc.get_traced_memory()[1] < 80 << 20
    tracemalloc.stop()
    at_once = resample(noise, 44_100, 8000)
    np.testing.assert_array_equal(came, np.clip(np.floor(at_once + 0.5), -32768, 32767))


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
        (riff(b"\0\0", 0x160, 1, 8000, 8), "cannot be decoded: "),
        (riff(b"\0\0", 1, 0, 8000, 16), "not 0 channels at 8000 Hz"),
        (riff(b"\0\0", 1, 1, 0, 16), "not 1 channels at 0 Hz"),
        (riff(np.float32([np.nan]).tobytes(), 3, 1, 8000, 32), "not NaN or infinity"),
    ],
)
def test_refuses_in_one_sentence(tmp_path, content, sentence):
    path = tmp_path / "bad.wav"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=f"^bad.wav .*{sentence}"):
        read_audio(path, 8000)


def test_a_missing_file_is_an_os_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_audio(tmp_path / "none.wav", 8000)


@pytest.mark.parametrize(
    ("form", "subtype"),
    [("WAV", "ULAW"), ("WAV", "ALAW"), ("WAV", "IMA_ADPCM"), ("WAV", "MS_ADPCM"),
     ("RF64", "PCM_16"), ("W64", "PCM_16"), ("FLAC", "PCM_16"), ("FLAC", "PCM_24"),
     ("OGG", "VORBIS"), ("OGG", "OPUS")],
)  # fmt: skip
def test_reads_what_libsndfile_decodes(tmp_path, form, subtype):
    samples = tone(8000, 8000)
    path = tmp_path / "a.audio"
    soundfile.write(path, samples / 32768, 8000, format=form, subtype=subtype)
    came, note = read_audio(path, 8000)
    assert abs(len(came) - 8000) <= 512
    assert np.abs(came[200:7800] - samples[200:7800]).max() <= (1 if "PCM_" in subtype else 1500)
    assert note is None


@pytest.mark.parametrize(
    ("suffix", "form"), [("a.WAV", "WAV"), ("b.Flac", "FLAC"), ("c.ogg", "OGG"), ("d.wav", "WAV")]
)
def test_a_folder_gives_names_in_whatever_case(tmp_path, suffix, form):
    soundfile.write(tmp_path / suffix, tone(800, 8000) / 32768, 8000, format=form)
    (tmp_path / "notes.txt").write_text("no audio")
    assert [path.name for path in clips_in(tmp_path)] == [suffix]


def test_a_folder_with_audio_that_is_not_read_is_refused_by_its_name(tmp_path):
    write_wav(tmp_path / "a.wav", np.zeros(100, np.int16), 8000)
    (tmp_path / "b.MP3").write_bytes(b"ID3")
    with pytest.raises(ValueError, match=r"b\.MP3 is audio of a kind that is not read: convert"):
        clips_in(tmp_path)


SAMPLES = np.arange(1, 81, dtype=np.int16)


@pytest.mark.parametrize("size", [0, 0x7FFF_F000, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF])
@pytest.mark.parametrize("rest", [b"", b"\x01"])
def test_a_writer_to_a_pipe_is_read_to_the_end_of_the_file(tmp_path, size, rest):
    form = struct.pack("<HHIIHH", 1, 1, 8000, 16_000, 2, 16)
    head = b"RIFF" + struct.pack("<I", size) + b"WAVEfmt " + struct.pack("<I", 16) + form
    path = tmp_path / "pipe.wav"
    path.write_bytes(head + b"data" + struct.pack("<I", size) + SAMPLES.tobytes() + rest)
    np.testing.assert_array_equal(read_audio(path, 8000)[0], SAMPLES)


def test_data_of_no_bytes_before_other_chunks_are_none(tmp_path):
    path = tmp_path / "a.wav"
    path.write_bytes(riff(b"", 1, 1, 8000, 16) + b"LIST" + struct.pack("<I", 4) + b"INFO")
    with pytest.raises(ValueError, match="holds no samples"):
        read_audio(path, 8000)


def test_float_samples_on_the_scale_of_integers_are_refused(tmp_path):
    path = tmp_path / "a.wav"
    path.write_bytes(riff(tone(800, 8000).astype("<f4").tobytes(), 3, 1, 8000, 32))
    with pytest.raises(ValueError, match=r"float samples up to 10000, and full scale is 1"):
        read_audio(path, 8000)


def test_what_clips_is_said(tmp_path):
    path = tmp_path / "a.wav"
    path.write_bytes(riff(np.array([0.5, 1.5, -2, 1], "<f4").tobytes(), 3, 1, 8000, 32))
    came, note = read_audio(path, 8000)
    assert came.tolist() == [16384, 32767, -32768, 32767]
    assert note == "a.wav: 2 of 4 samples beyond full scale clipped"


def test_a_truncated_flac_is_refused(tmp_path):
    content = io.BytesIO()
    noise = np.random.default_rng(1).normal(0, 0.1, 80_000)
    soundfile.write(content, noise, 8000, format="FLAC")
    path = tmp_path / "a.flac"
    path.write_bytes(content.getvalue()[:60_000])
    with pytest.raises(ValueError, match=r"^a\.flac (is truncated|cannot be decoded)"):
        read_audio(path, 8000)


def test_hours_of_silence_are_refused_before_they_are_decoded(tmp_path):
    path = tmp_path / "long.flac"
    with soundfile.SoundFile(path, "w", 1000, 1, format="FLAC") as file:
        for _ in range(15):
            file.write(np.zeros(1_000_000, np.int16))
    assert path.stat().st_size < 1 << 20
    with pytest.raises(ValueError, match="longer than the 14400 seconds"):
        read_audio(path, 1000)
