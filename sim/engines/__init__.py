"""Simulators: cocotb, Verilator and Icarus Verilog, and compiled designs with their harnesses."""
