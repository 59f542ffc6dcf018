"""An accelerator as a folder of source files that other people's projects take as it is."""
