"""What can be told of code without running it: of the files of a package, and again of the layers it decoded.

Rules are data (YARA-X, content/vetting/*.yar): what code *can do* (capability), what honest code seldom *holds*
(threat), how obfuscated code *looks* (shape), and which of them beside which is a *risk*.
"""

from clew.vetting.static.code import Code, code_of
from clew.vetting.static.examine import examine_files, examine_layers
from clew.vetting.static.rules import rules_version

__all__ = ["Code", "code_of", "examine_files", "examine_layers", "rules_version"]
