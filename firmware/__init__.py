"""The accelerator from C99: the driver, to be compiled into somebody's own program."""
