"""Candidates -> findings. Pure: no files, no clock, no printing."""
