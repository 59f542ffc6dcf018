"""Small labelled data that a network learns in seconds."""

import numpy as np

from thresh.data.audio_file import write_wav

CLASSES = ("slow", "middle", "fast")


def write_waves(path, *, count=90, frames=16, inputs=3, seed=1):
    """A ``.npz`` of noisy waves of three speeds, padded to ``frames``."""
    random = np.random.default_rng(seed)
    labels = np.arange(count) % len(CLASSES)
    lengths = random.integers(frames - 4, frames + 1, count)
    x = np.zeros((count, frames, inputs))
    time = np.arange(frames)[:, None]
    for place, (label, length) in enumerate(zip(labels, lengths, strict=True)):
        speed, phase = (0.2, 0.6, 1.4)[label], random.uniform(0, 6, inputs)
        wave = 10 * np.sin(speed * time + phase) + random.normal(0, 0.5, (frames, inputs))
        x[place, :length] = wave[:length]
    np.savez(path, x=x, labels=labels, lengths=lengths, classes=np.array(CLASSES))
    return path


def write_tones(folder, *, count=6, rate=8000):
    """Folders ``high`` and ``low`` of short noisy tones."""
    random = np.random.default_rng(1)
    time = np.arange(rate // 8) / rate
    for name, hertz in (("high", 2000), ("low", 300)):
        for number in range(count):
            (folder / name).mkdir(parents=True, exist_ok=True)
            tone = 8000 * np.sin(2 * np.pi * hertz * random.uniform(0.9, 1.1) * time)
            pcm = tone + random.normal(0, 100, len(time))
            write_wav(folder / name / f"{number}.wav", pcm.astype(np.int16), rate)
    return folder
