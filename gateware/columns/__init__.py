"""From events to sums, one column slice a cycle, out of memory on the chip."""
