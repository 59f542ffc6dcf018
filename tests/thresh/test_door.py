"""`import thresh`: light, complete, and one sentence for what is not installed."""

import subprocess
import sys

import pytest
from import_cases import float_network

import thresh
from thresh.extras import EXTRAS, names_extras


def loaded(program):
    """Heavy packages that are loaded after ``program``."""
    heavy = "{'torch', 'amaranth', 'matplotlib', 'numpy', 'rich', 'jinja2', 'pydantic', 'onnx'}"
    program += f"\nimport sys; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()[-1]


def test_import_is_light():
    assert loaded("import thresh; thresh.__version__") == "[]"


def test_a_network_is_opened_without_hardware_or_plots():
    program = (
        "import thresh\n"
        "net = thresh.load('examples/digits-gru128.safetensors')\n"
        "repr(net), net.predict([[0.0] * 40])"
    )
    assert loaded(program) == "['numpy', 'pydantic']"


def test_every_name_is_there_and_listed():
    for name in thresh.__all__:
        assert getattr(thresh, name) is not None
        assert name in dir(thresh)
    assert thresh.convert.__module__ == "thresh.conversion"
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = thresh.nothing


@pytest.mark.parametrize(("package", "extra"), [("torch", "train"), ("onnx", "onnx")])
def test_a_missing_package_is_one_sentence_that_names_the_extra(
    tmp_path, monkeypatch, package, extra
):
    path = tmp_path / {"torch": "a.pt", "onnx": "a.onnx"}[package]
    path.write_bytes(b"x")
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(thresh.MissingExtraError) as caught:
        thresh.convert(path)
    assert str(caught.value) == (
        f'This needs the package {package}: pip install "thresh-hdl[{extra}]"'
    )
    assert isinstance(caught.value, ModuleNotFoundError)


def test_other_missing_modules_are_not_hidden():
    @names_extras
    def fail():
        raise ModuleNotFoundError("No module named 'nothing'", name="nothing")

    with pytest.raises(ModuleNotFoundError, match="No module named 'nothing'") as caught:
        fail()
    assert not isinstance(caught.value, thresh.MissingExtraError)


def test_every_extra_that_is_named_exists():
    from importlib.metadata import metadata

    offered = set(metadata("thresh-hdl").get_all("Provides-Extra"))
    assert set(EXTRAS.values()) <= offered


def test_a_float_network_says_what_is_missing_for_the_next_step():
    net = thresh.convert(float_network("gru", "linear"))
    with pytest.raises(AttributeError, match=r"cannot compile: make its integers first, with .q"):
        net.compile("ulx3s-85f")
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = net.nothing
