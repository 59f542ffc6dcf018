"""The compiled loops are built once, whole or not at all, and are not needed."""

import pytest

torch = pytest.importorskip("torch", reason="the extra [train] is not installed")

from small_tasks import references  # noqa: E402

from thresh.training.layers import delta_kernel  # noqa: E402


@pytest.fixture
def forgetful():
    """Forgets what is known of the loops, before and after."""
    delta_kernel.available.cache_clear()
    yield
    delta_kernel.available.cache_clear()


def test_is_built_once(monkeypatch):
    assert delta_kernel.available()
    assert delta_kernel.library().exists()
    monkeypatch.setattr(delta_kernel, "build", lambda path: pytest.fail("built again"))
    delta_kernel.available.cache_clear()
    assert delta_kernel.available()


def test_another_source_or_processor_is_another_file(monkeypatch):
    found = {delta_kernel.library()}
    monkeypatch.setattr(delta_kernel, "flags", lambda: ["-O0"])
    found.add(delta_kernel.library())
    monkeypatch.setattr(delta_kernel, "SOURCES", delta_kernel.SOURCES[:1])
    found.add(delta_kernel.library())
    assert len(found) == 3


def test_serves_floats_on_the_processor_only():
    assert delta_kernel.serves(torch.zeros(2, 1, 3))
    assert not delta_kernel.serves(torch.zeros(2, 1, 3, dtype=torch.float16))
    assert not delta_kernel.serves(torch.zeros(2, 1, 3, device="meta"))
    assert not delta_kernel.serves(torch.zeros(0, 1, 3))


def test_falls_back_to_pytorch_and_says_so(monkeypatch, tmp_path, caplog, forgetful):
    monkeypatch.setattr(delta_kernel, "library", lambda: tmp_path / "loop.so")

    def broken(path):
        raise RuntimeError("no compiler\nand much more")

    monkeypatch.setattr(delta_kernel, "build", broken)
    assert references(torch.ones(1, 2, 3), 0.5).tolist() == [[[1, 1, 1], [1, 1, 1]]]
    assert caplog.messages == ["Delta layers run several times slower: no compiler"]
    assert list(tmp_path.iterdir()) == []


def test_an_environment_variable_switches_it_off(monkeypatch, forgetful):
    monkeypatch.setenv(delta_kernel.SWITCH, "0")
    assert not delta_kernel.available()
