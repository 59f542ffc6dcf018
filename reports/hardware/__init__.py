"""Boards and what holds on them: which there are, what fits, whether an accelerator is whole."""
