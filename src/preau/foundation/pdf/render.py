"""One call from a template and plain data to the bytes of a PDF.

A `Compiler` may not be used by two threads at once, hence one per thread and template (20 ms to build, fonts shared).
It releases the GIL while it works.
"""

import json
import threading
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, cast

import typst

from preau.foundation.pdf.printable import printable

_HERE = Path(__file__).resolve().parent
#: Longer strings are refused in a PDF/A (32,767 bytes); nobody reads such a title.
_TITLE = 200
_local = threading.local()


def render(template: Path, data: Mapping[str, Any], *, title: str, at: datetime) -> bytes:
    """The PDF of `template` (an absolute path) filled with `data` (JSON values), dated `at` (aware).

    Same template, data, title and instant give the same bytes. The template reads its own folder and the package
    `@preau/base`, nothing else. Texts are made printable first; none is ever read as a command.

    Raises:
        typst.TypstError: the template is wrong, or would break PDF/UA-1 or PDF/A-2a.
        ValueError: `at` is not aware.
    """
    if at.tzinfo is None:
        raise ValueError("a document needs an aware instant")
    inputs = {"title": printable(title[:_TITLE]), "data": json.dumps(_printable(data), ensure_ascii=False)}
    pdf = _compiler(template).compile(
        format="pdf", sys_inputs=inputs, pdf_standards=["ua-1", "a-2a"], timestamp=int(at.timestamp())
    )
    return cast("bytes", pdf)


def _printable(value: Any) -> Any:
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, Mapping):
        return {key: _printable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_printable(item) for item in value]
    return value


def _compiler(template: Path) -> typst.Compiler:
    compilers: dict[Path, typst.Compiler] = _local.__dict__.setdefault("compilers", {})
    if template not in compilers:
        compilers[template] = typst.Compiler(
            template,
            root=template.parent,
            font_paths=_fonts(),
            package_path=_HERE / "packages",
            package_cache_path=_HERE / "packages",
        )
    return compilers[template]


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[_HERE / "fonts"])
