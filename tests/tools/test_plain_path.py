"""Links in the place of paths that make cannot read."""

import pytest

from thresh.tools.plain_path import plain_path, work_folder


@pytest.fixture(autouse=True)
def temporary(tmp_path, monkeypatch):
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("thresh.tools.plain_path.tempfile.gettempdir", lambda: str(folder))
    return folder


def test_a_plain_path_is_itself(tmp_path):
    assert plain_path(tmp_path / "a-b_c.1") == tmp_path / "a-b_c.1"


@pytest.mark.parametrize("name", ["my projects", "a$b", "Größe & Co", "100%", "x:y", "it's"])
def test_an_awkward_path_gets_a_link_to_the_same_place(tmp_path, temporary, name):
    (tmp_path / name).mkdir()
    link = plain_path(tmp_path / name)
    (link / "file").write_text("here")
    assert (tmp_path / name / "file").read_text() == "here"
    assert link.is_relative_to(temporary)
    assert plain_path(tmp_path / name) == link


def test_a_link_that_leads_elsewhere_is_made_again(tmp_path):
    (tmp_path / "my projects").mkdir()
    link = plain_path(tmp_path / "my projects")
    link.unlink()
    link.symlink_to(tmp_path)
    assert plain_path(tmp_path / "my projects").resolve() == tmp_path / "my projects"


def test_make_works_elsewhere_where_it_cannot_work(tmp_path, temporary):
    (tmp_path / "my projects").mkdir()
    assert work_folder(tmp_path / "build") == tmp_path / "build"
    elsewhere = work_folder(tmp_path / "my projects" / "build")
    assert elsewhere.parent.parent == temporary
    link = plain_path(tmp_path / "my projects")
    assert work_folder(link / "build") == elsewhere
