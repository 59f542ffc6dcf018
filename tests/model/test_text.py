"""Texts of files never reach a terminal as they are."""

from thresh.model.text import shown


def test_what_is_shown_has_one_line_and_no_control_characters():
    assert shown("a\n\tb\x1b[2J\x00c\u202ed\x9b") == "a b [2J c d"
    assert len(shown("x" * 1000)) == 300
