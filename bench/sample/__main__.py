"""Lets `python bench/sample` run the generator as it stands, without an installation."""

import sys
from pathlib import Path

if not __package__:
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from sample.command import main

if __name__ == "__main__":
    raise SystemExit(main())
