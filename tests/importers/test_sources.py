"""Files by how their names end: what is not read names the way to what is."""

import pytest

from thresh.importers.sources import WAYS, Hints, open_source


@pytest.mark.parametrize("suffix", WAYS)
def test_files_that_are_not_read_name_the_way(tmp_path, suffix):
    with pytest.raises(ValueError, match=rf"^net\{suffix.upper()} is .*: (import|save)"):
        open_source(tmp_path / f"net{suffix.upper()}", Hints())


def test_other_files_are_told_what_is_read(tmp_path):
    with pytest.raises(ValueError, match=r"net\.txt must end in one of \.safetensors, .*\.nir"):
        open_source(tmp_path / "net.txt", Hints())
