"""Tables and plots of the pages, written from docs/results."""
