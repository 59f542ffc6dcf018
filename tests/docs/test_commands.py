"""Every page: its commands are the command line's, arguments included, and its names exist."""

import importlib
import re
import shlex
import subprocess
from pathlib import Path

import click
import pytest

from thresh.cli.main import cli

ROOT = Path(__file__).parent.parent.parent
PAGES = {
    name: (ROOT / name).read_text().replace("\\\n", " ")
    for name in subprocess.run(
        ["git", "ls-files", "*.md"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.split()
    if name != "CHANGELOG.md"  # which says what commands were, too
}
SHOWN = re.compile(r"^(?: {4})?(?:\$ )?(thresh [a-z]+\b[^`\n]*)$", re.M)
SAID = re.compile(r"`(thresh [a-z]+\b[^`]*)`")
NAMED = re.compile(r"(?:`|-m )((?:thresh|bench)(?:\.[A-Za-z_]\w*)+)")
UNSET = getattr(click.core, "UNSET", None)
"""What click 8.3 has where nothing was given."""

FILES = {"bin", "bit", "c", "cst", "fs", "h", "img", "rules", "svg"}
"""What ``thresh.`` begins with where it is a file."""


def words_of(line):
    """A command's words, without comment, brackets and what follows it on its line."""
    line = re.split(r"\s#|\s(?:&&|\||>)\s", line)[0]
    return shlex.split(line.replace("[", "").replace("]", "").replace("\n", " "))[1:]


def found(pattern):
    """Commands on all pages by their text, each with the page that has it first."""
    lines = {}
    for page, text in PAGES.items():
        for line in pattern.findall(text):
            lines.setdefault(" ".join(words_of(line)), page)
    return [pytest.param(shlex.split(line), id=f"{page}: {line}") for line, page in lines.items()]


def given(words):
    """The command and what its parser makes of ``words``."""
    name, *rest = words
    command = cli.get_command(click.Context(cli), name)
    assert command is not None, f"there is no thresh {name}"
    options, left, _ = command.make_parser(click.Context(command)).parse_args(rest)
    assert left == []
    return command, options


def is_whole(words):
    """Refuse a command that lacks an argument, or chooses what there is not."""
    command, options = given(words)
    for part in command.params:
        value = options.get(part.name)
        missing = value in (None, (), UNSET) and part.required
        assert not missing, f"{part.human_readable_name} is missing"
        if isinstance(part.type, click.Choice) and isinstance(value, str) and not value.isupper():
            assert set(value.split("|")) <= set(part.type.choices)


@pytest.mark.parametrize("words", found(SHOWN))
def test_a_command_that_is_shown_has_all_that_it_needs(words):
    is_whole(words)


@pytest.mark.parametrize("words", found(SAID))
def test_a_command_within_a_sentence_has_all_its_arguments_or_none(words):
    command = cli.get_command(click.Context(cli), words[0])
    assert command is not None, f"there is no thresh {words[0]}"
    flags = {option for part in command.params for option in part.opts}
    if len(words) == 1 or words[1].startswith("-"):
        assert {word for word in words if word.startswith("-")} <= flags
    else:
        is_whole(words)


def test_every_command_is_on_a_page():
    shown = {case.values[0][0] for case in (*found(SHOWN), *found(SAID))}
    assert shown == set(cli.list_commands(click.Context(cli)))


def test_a_missing_argument_is_seen():
    with pytest.raises(AssertionError, match="BOARD is missing"):
        is_whole(["image", "MODEL"])
    with pytest.raises(click.NoSuchOption):
        is_whole(["image", "MODEL", "BOARD", "--packets"])
    with pytest.raises(AssertionError):
        is_whole(["verilog", "MODEL", "--shell", "usb"])


@pytest.mark.parametrize("page", PAGES)
def test_every_dotted_name_exists(page):
    for name in NAMED.findall(PAGES[page]):
        parts = name.split(".")
        if parts[1] in FILES:
            continue
        try:
            known = importlib.import_module(parts[0])
            for number, part in enumerate(parts[1:], 2):
                if not hasattr(known, part):
                    importlib.import_module(".".join(parts[:number]))
                known = getattr(known, part)
        except ModuleNotFoundError as error:  # of an extra that is not installed
            if str(error.name).partition(".")[0] in ("thresh", "bench"):
                raise
