"""Tables that other software exports: read line by line, whatever their encoding, separator and line ends."""

from preau.foundation.tabular.faults import WHOLE_FILE, Fault, Severity

__all__ = ["WHOLE_FILE", "Fault", "Severity"]
