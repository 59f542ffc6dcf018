"""From events to sums, one whole column after another: sparse columns, and those of SDRAM."""
