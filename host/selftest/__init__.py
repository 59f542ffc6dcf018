"""Whether an accelerator behind its line is whole: its memories, its link, every kind of layer."""
