"""Reputation: who published this, and how, told from the registry's metadata before any code is read.

A recorded document goes in (npm's packument, PyPI's JSON of a project); each signal comes out hit, clear or unknown
with the field that told it. A field that is not there is unknown, and unknown never counts as bad. What hits mean
together is said in `weigh`.
"""

from clew.vetting.reputation.load import gather, load
from clew.vetting.reputation.metadata import Metadata
from clew.vetting.reputation.signals import signals
from clew.vetting.reputation.weigh import facts

__all__ = ["Metadata", "facts", "gather", "load", "signals"]
