"""How fast and how true the programs are: estimates, simulators, importers."""
