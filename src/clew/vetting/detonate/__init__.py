"""Detonation: runs a package in the sandbox, phase by phase, and tells what it did.

::

    subject ──▶ place, npm | pypi ──▶ plan ──▶ sandbox ──▶ strace   ──▶ outside ─┐
                                                           sinkhole ──▶ heard   ─┼─▶ join ──▶ Detonation
                                                           tree     ──▶ changes ─┤
                                                           hooks    ──▶ capture ─┘
"""

from clew.vetting.detonate.run import detonate

__all__ = ["detonate"]
