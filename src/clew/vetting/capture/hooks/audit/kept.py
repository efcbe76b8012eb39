"""The built-in functions as they were at the start.

A module that has them as ``__builtins__`` is not moved by what the package puts into their place
(https://docs.python.org/3/reference/executionmodel.html#builtins-and-restricted-execution).
"""

from __future__ import annotations

import builtins

kept = dict(vars(builtins))
