"""`thresh score`: a word's misses and false accepts, or the table of classes."""

from dataclasses import replace

import pytest
from cli_cases import answer, refusal, small_network, write_tone
from hearing.tones import tone_folder, tone_network

from thresh.audio.chain import read_spotter
from thresh.cli.main import run
from thresh.model.model_file import load_network, save_network


@pytest.fixture
def model(tmp_path):
    save_network(tone_network(), tmp_path / "tones.safetensors")
    return tmp_path / "tones.safetensors"


def test_a_word_s_curve_and_the_threshold(capsys, model, tmp_path):
    home = tone_folder(tmp_path / "clips")
    data = answer(capsys, "score", model, home, "--false-per-hour", 2)
    assert (data["word"], data["words"], data["missed"], data["false_accepts"]) == ("word", 6, 0, 0)
    assert data["met"] is True
    scale = 1 << load_network(model).output_frac
    assert data["threshold_real"] == data["threshold"] / scale
    assert data["false_per_hour_limit_95"] > data["false_per_hour"] == 0
    low, high = data["misses_interval_95"]
    assert low == 0 < high < 1
    misses = [point["misses"] for point in data["curve"]]
    assert misses == sorted(misses)
    assert data["threshold"] in [point["threshold"] for point in data["curve"]]


def test_writes_the_page_and_the_network(capsys, model, tmp_path):
    home = tone_folder(tmp_path / "clips")
    page, tuned = tmp_path / "page.html", tmp_path / "tuned.safetensors"
    data = answer(capsys, "score", model, home, "-o", page, "-o", tuned)
    assert read_spotter(load_network(tuned)).thresholds[1] == data["threshold"]
    text = page.read_text()
    assert "false accepts per hour" in text
    assert "<svg" in text
    assert 'aria-label="misses over false accepts per hour"' in text


def test_prints_tables(capsys, model, tmp_path):
    assert run(["score", str(model), str(tone_folder(tmp_path / "clips"))]) == 0
    text = capsys.readouterr().out
    assert "tones: word" in text
    assert "as a score" in text
    assert "Thresholds" in text


def test_classes_have_a_table(capsys, tmp_path):
    save_network(small_network(audio=True), tmp_path / "a.safetensors")
    for number, name in enumerate(("zero", "one", "two")):
        (tmp_path / "clips" / name).mkdir(parents=True)
        write_tone(tmp_path / "clips" / name / "a.wav", hertz=300 * (number + 1))
    page = tmp_path / "page.html"
    data = answer(capsys, "score", tmp_path / "a.safetensors", tmp_path / "clips", "-o", page)
    assert data["classes"] == ["zero", "one", "two"]
    assert [sum(row) for row in data["confusion"]] == [1, 1, 1]
    right = sum(data["confusion"][place][place] for place in range(3))
    assert data["accuracy"] == right / 3
    assert "heard as" in page.read_text()
    assert run(["score", str(tmp_path / "a.safetensors"), str(tmp_path / "clips")]) == 0
    assert "mistaken for" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--word", "seven"], "knows no 'seven'"),
        (["--false-per-hour", "-1"], "False accepts per hour must be 0 or more, not -1.0"),
        (["-o", "x.txt"], "x.txt must end in .html for a page or .safetensors"),
        (["--split", "test"], "--split is for the table of classes"),
    ],
)
def test_refuses_in_one_sentence(capsys, model, tmp_path, options, sentence):
    assert sentence in refusal(capsys, "score", model, tone_folder(tmp_path / "clips"), *options)


def test_a_threshold_is_for_one_word(capsys, tmp_path):
    both = replace(tone_network(spotter=False), name="both")
    save_network(both, tmp_path / "m.safetensors")
    options = [tone_folder(tmp_path / "clips"), "-o", tmp_path / "t.safetensors"]
    said = refusal(capsys, "score", tmp_path / "m.safetensors", *options)
    assert "name it with --word" in said
    said = refusal(capsys, "score", tmp_path / "m.safetensors", options[0], "--false-per-hour", 1)
    assert said == "--false-per-hour is for one word: name it with --word."


def test_clips_without_a_label_have_no_confusion(capsys, tmp_path):
    save_network(small_network(audio=True), tmp_path / "a.safetensors")
    tone = write_tone(tmp_path / "hum.wav")
    assert "hum.wav has no label" in refusal(capsys, "score", tmp_path / "a.safetensors", tone)
