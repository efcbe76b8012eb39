"""Explain: why a detection did not fire on some events, or no higher.

A plain reading of the chain language over few events: it grows every chain as far as it comes, takes the
furthest, and puts all events of the right data components to what the next stage asks. The engine says what
was found; this says what was nearly found.
"""
