"""The process that a Python model runs in."""
