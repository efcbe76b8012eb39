"""Findings -> text. One file a format."""
