"""Settings: flags over CLEW_* variables over ./clew.toml over the user's over the system's over defaults.

Every value keeps its origin (`flag --threads`, `CLEW_THREADS`, `clew.toml:3`, `default`). The tables of
clew.toml that belong to other parts (`TABLES`) are handed on as they stand.
"""

from clew.settings.file import TomlFile
from clew.settings.layers import FILE, SYSTEM, TABLES, Settings, read_settings
from clew.settings.option import OPTIONS, Option

__all__ = ["FILE", "OPTIONS", "SYSTEM", "TABLES", "Option", "Settings", "TomlFile", "read_settings"]
