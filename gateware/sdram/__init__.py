"""The SDRAM beside the chip: controller, and columns fetched in list order."""
