"""Tables that other software exports: read line by line, whatever their encoding, separator and line ends."""

from preau.foundation.tabular.columns import Column, Layout, Noted, RowReading, at_most
from preau.foundation.tabular.contacts import is_email, parse_email, parse_phone, parse_postal_code
from preau.foundation.tabular.faults import WHOLE_FILE, Fault, Severity
from preau.foundation.tabular.table import MOST_ROWS, Progress, Row, Table, normalise_header, open_table
from preau.foundation.tabular.values import parse_date, parse_key, parse_month, parse_quantity
from preau.foundation.text import csv_safe

__all__ = [
    "MOST_ROWS",
    "WHOLE_FILE",
    "Column",
    "Fault",
    "Layout",
    "Noted",
    "Progress",
    "Row",
    "RowReading",
    "Severity",
    "Table",
    "at_most",
    "csv_safe",
    "is_email",
    "normalise_header",
    "open_table",
    "parse_date",
    "parse_email",
    "parse_key",
    "parse_month",
    "parse_phone",
    "parse_postal_code",
    "parse_quantity",
]
