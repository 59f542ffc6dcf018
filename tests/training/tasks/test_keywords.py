"""Keywords: speakers on one side each, copies with them, clips that begin a little earlier."""

import zlib

import numpy as np
import pytest
import soundfile

torch = pytest.importorskip("torch", reason="the extra [train] is not installed")
torch.set_num_threads(1)

from thresh.training.sets.keywords import (  # noqa: E402
    CLASSES,
    SILENCE,
    UNKNOWN,
    load_keywords,
    speaker_of,
    split_of,
)
from thresh.training.tasks.keywords import Keywords  # noqa: E402
from thresh.training.tasks.training import make_net  # noqa: E402
from thresh.training.trainer.loop import train  # noqa: E402
from thresh.training.trainer.scoring import evaluate  # noqa: E402
from thresh.training.trainer.stage import Stage  # noqa: E402

SPEAKERS = [f"{number * 0x01234567 % 2**32:08x}" for number in range(1, 10)]
SAMPLES = 2400


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Tones at 16 kHz in the layout of the set; the last speaker's are copies of the first's."""
    home, draw = tmp_path_factory.mktemp("sets") / "keywords", np.random.default_rng(1)
    time = np.arange(SAMPLES) / 16000
    for number, name in enumerate(CLASSES):
        (home / name).mkdir(parents=True)
        tones = 8000 * np.sin(2 * np.pi * (200 + 150 * number) * time)
        tones = tones + draw.normal(0, 300, (len(SPEAKERS), SAMPLES))
        if name not in (SILENCE, UNKNOWN):
            tones[-1] = tones[0]
        for place, (speaker, tone) in enumerate(zip(SPEAKERS, tones, strict=True)):
            stem = {SILENCE: f"{1000 + place}", UNKNOWN: f"bed_{speaker}_nohash_0"}.get(
                name, f"{speaker}_nohash_0"
            )
            soundfile.write(home / name / f"{stem}.flac", tone.astype(np.int16), 16000)
    return home.parent


def test_names_say_who_speaks_and_speakers_say_which_split():
    assert speaker_of("022cd682_nohash_0") == speaker_of("bird_022cd682_nohash_13") == "022cd682"
    assert speaker_of("1024") == "1024"
    for speaker in SPEAKERS:
        rest = zlib.crc32(speaker.encode()) % 10
        assert split_of(speaker) == (
            "test" if rest == 0 else "validation" if rest == 1 else "train"
        )


def test_copies_are_of_the_speaker_of_the_first(folder):
    clips = load_keywords(folder, 8000)
    assert len(clips) == 12 * len(SPEAKERS)
    assert {clip.label for clip in clips} == set(range(12))
    assert all(len(clip.pcm) == SAMPLES // 2 for clip in clips)
    homes = {}
    for clip in clips:
        assert homes.setdefault(clip.pcm.tobytes(), clip.speaker) == clip.speaker
    assert len(homes) == 12 * len(SPEAKERS) - 10
    copied = {clip.speaker for clip in clips if CLASSES[clip.label] == "yes"}
    assert len(copied) == len(SPEAKERS) - 1


@pytest.fixture(scope="module")
def tasks(folder):
    """The usual split, then every fold."""
    return [Keywords(folder), *(Keywords(folder, fold=fold) for fold in range(Keywords.folds))]


def test_no_speaker_and_no_clip_is_on_two_sides(tasks):
    for task in tasks:
        items = {split: task.items(split) for split in ("train", "validation", "test")}
        for found in (lambda item: item.source, lambda item: item.x.tobytes()):
            sides = [{found(item) for item in part} for part in items.values()]
            assert all(sides)
            assert sum(map(len, sides)) == len(set.union(*sides))
        assert sum(map(len, items.values())) == 12 * len(SPEAKERS)


def test_folds_test_every_clip_once(tasks):
    tested = [item.source for task in tasks[1:] for item in task.items("test")]
    usual = [item.source for corpus in tasks[0].corpora.values() for item in corpus.items()]
    assert sorted(tested) == sorted(usual)


def test_training_clips_are_heard_elsewhere_and_others_are_not(tasks):
    task = tasks[0]
    items = task.epoch(np.random.default_rng(2))
    originals = task.items("train")
    assert [item.target for item in items] == [item.target for item in originals]
    assert all(item.x.shape == one.x.shape for item, one in zip(items, originals, strict=True))
    assert 0 < np.abs(items[0].x - originals[0].x).mean() < 2
    groups = task.groups(16, np.random.default_rng(2))
    assert sum(map(len, groups)) == len(originals)


def test_the_clips_are_learned_and_scored(tasks, monkeypatch):
    task = tasks[0]
    monkeypatch.setattr(Keywords, "units", 24)
    torch.manual_seed(1)
    net = make_net(task)
    train(net, task, Stage(name="plain", epochs=8, rate=2e-2, size=8), seed=1)
    assert evaluate(net, task, task.items("validation")).score.error < 50
    right = np.zeros((4, 12))
    right[:, 3] = 1
    assert task.score([right], [3]).error == 0
    assert task.score([right, right], [3, 4]).error == 50
    assert task.front_end_of()["bands"] == 20


def test_absent_clips_are_named_with_their_origin(tmp_path, monkeypatch):
    monkeypatch.delenv("THRESH_DATA", raising=False)
    with pytest.raises(ValueError, match=r"Speech Commands .* no directory is given"):
        Keywords(None)
    with pytest.raises(ValueError, match="lacks _silence_ and"):
        Keywords(tmp_path)
    for name in CLASSES:
        (tmp_path / name).mkdir()
    with pytest.raises(ValueError, match="_silence_ holds no clips"):
        Keywords(tmp_path)
