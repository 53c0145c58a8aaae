"""`make screenshots`: every page of the demo town, on a phone (360 px) and on a desk (1280 px), in `build/screenshots`.

A visitor, families and agents go through the demo with the imitated banks (`scenes`). The few pictures of the README
and the guides (`docs/images`) are taken again on the way. Look at them: no test does it for you.
"""

import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tools.chromium import launch
from tools.screenshots import scenes
from tools.screenshots.town import demo
from tools.screenshots.visitor import HEIGHTS, KEPT, ROOT, TARGET, Visitor


def main() -> int:
    """Take every picture; the number of files is printed."""
    shutil.rmtree(TARGET, ignore_errors=True)
    for width in HEIGHTS:
        (TARGET / f"{width}").mkdir(parents=True)
    KEPT.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="preau-pictures-") as folder,
        demo(Path(folder)) as card,
        sync_playwright() as playwright,
        launch(playwright) as browser,
    ):
        visitor = Visitor(browser, card)
        scenes.public(visitor)
        scenes.first_entries(visitor, card["logins"][4])
        scenes.forgotten(visitor, card["logins"][1]["login"])
        scenes.family(visitor)
        scenes.half_way(visitor)
        scenes.others(visitor)
        scenes.doubt(visitor)
        scenes.agents(visitor)
    print(f"{visitor.taken} pages, at each width, in {TARGET.relative_to(ROOT)}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
