"""One board a file: device, clock, pins and loader, each as `BOARDS`."""
