"""From a core to a bitstream on a board: Yosys, nextpnr, netlist passes, reports, flashing."""
