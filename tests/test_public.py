import subprocess
import sys

import pytest

import clew


def test_the_public_names() -> None:
    for name in clew.__all__:
        assert getattr(clew, name).__name__ == name
    with pytest.raises(AttributeError, match="nothing"):
        _ = clew.nothing


def test_importing_clew_loads_nothing_heavy() -> None:
    code = (
        "import sys, clew; print(sorted({'duckdb', 'pyarrow', 'rich', 'sqlglot', 'yaml'} & set(sys.modules)))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.strip() == "[]"
