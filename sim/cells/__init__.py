"""Cells of FPGAs as Verilog, after what their vendors publish, and netlists made of them."""
