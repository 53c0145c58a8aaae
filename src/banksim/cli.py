"""The `banksim` command."""

import argparse
import os
from collections.abc import Sequence
from pathlib import Path


def main(argv: Sequence[str] | None = None) -> int:
    """`banksim serve --port 8100 --data DIR --clients FILE`."""
    options = _parser().parse_args(argv)
    # Set, not defaulted: the program that starts this one may have settings of its own in its environment.
    os.environ["DJANGO_SETTINGS_MODULE"] = "banksim.settings"
    os.environ["BANKSIM_DATA_DIR"] = str(options.data)
    from banksim import server  # noqa: PLC0415  (its settings read the two variables set above)

    server.run(port=options.port, clients=options.clients)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="banksim", description="Imite les banques et la DGFiP, sur ce poste.")
    commands = parser.add_subparsers(required=True)
    serve = commands.add_parser("serve", help="démarrer le simulateur")
    serve.add_argument("--port", type=int, default=int(os.environ.get("PREAU_BANKSIM_PORT", "8100")))
    serve.add_argument("--data", type=Path, default=Path(os.environ.get("BANKSIM_DATA_DIR", "build/banksim")))
    serve.add_argument("--clients", type=Path, help="commerçants à déclarer (JSON, voir le README)")
    return parser
