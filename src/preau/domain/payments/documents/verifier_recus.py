"""Vérifie hors ligne la chaîne des reçus d’une régie et d’une année. Ne demande que Python 3.8, sans rien installer.

    python3 verifier_recus.py recus-2026.json
    python3 verifier_recus.py recus-2026.json --empreinte 3f1c…   (celle du message gardé, ou de la page publique)

Code de sortie : 0, la chaîne est intacte ; 1, elle ne l’est pas ; 2, le fichier ne peut pas être lu.

Ce qui est calculé, pour qui veut le refaire autrement (SHA-256, en 64 chiffres hexadécimaux, de textes UTF-8) :

- avant le premier reçu : « Préau, chaîne de reçus », la clé de la régie et l’année, sur trois lignes ;
- le contenu d’un reçu : le JSON de « sheet », clés triées, sans espace ni retour à la ligne, accents tels quels ;
- un reçu : l’empreinte d’avant, la clé de la régie, l’année, le numéro, l’instant d’émission et l’empreinte du contenu,
  sur six lignes.

Aucun de ces textes ne finit par un retour à la ligne. Ce programme ne partage rien avec le portail qu’il contrôle.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from pathlib import Path
from typing import Any, Iterator  # noqa: UP035  (runs on the Python of whoever verifies, however old)

FORMAT = "preau-recus-1"
HEADER = {"format": str, "regie": str, "year": int, "receipts": list}
RECEIPT = {"number": int, "issued_at": str, "previous": str, "content": str, "digest": str}
NARROW = "\u202f"


class Unreadable(Exception):
    """The file is no file of receipts."""


class Broken(Exception):
    """The chain does not hold; the message says where."""


def read(path: str) -> dict[str, Any]:
    try:
        chain = json.loads(Path(path).read_text(encoding="utf-8"), object_pairs_hook=once, parse_constant=refuse)
    except (OSError, ValueError, RecursionError) as problem:
        raise Unreadable(str(problem)) from problem
    if not has_shape(chain, HEADER) or chain["format"] != FORMAT:
        raise Unreadable(f"un fichier « {FORMAT} » est attendu")
    return dict(chain)


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A key written twice is refused: one reader would take the first, another the last."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Unreadable("une clé est écrite deux fois")
    return found


def refuse(constant: str) -> None:
    raise Unreadable(f"« {constant} » n’est pas une valeur permise")


def has_shape(value: Any, shape: dict[str, type]) -> bool:
    """These keys, no other, and exact types: `true` is no 1."""
    if type(value) is not dict or value.keys() != shape.keys():
        return False
    return all(type(value[key]) is kind for key, kind in shape.items())


def check(chain: dict[str, Any]) -> list[str]:
    """Follow the chain to its end: the digest of each receipt, in order."""
    regie, year = chain["regie"], str(chain["year"])
    digests = [sha256(f"Préau, chaîne de reçus\n{regie}\n{year}", "régie")]
    for number, receipt in enumerate(chain["receipts"], 1):
        name = f"reçu n° {year}-{number:06d}"
        has_sheet = type(receipt) is dict and "sheet" in receipt
        if not has_shape(receipt, dict(RECEIPT, sheet=dict) if has_sheet else RECEIPT):
            raise Broken(f"{name} : illisible")
        if receipt["number"] != number:
            raise Broken(f"{name} : absent ou déplacé")
        if receipt["previous"] != digests[-1]:
            raise Broken(f"{name} : ne suit pas le reçu précédent")
        if has_sheet and receipt["content"] != content_of(receipt["sheet"], name):
            raise Broken(f"{name} : contenu modifié")
        lines = [digests[-1], regie, year, str(number), receipt["issued_at"], receipt["content"]]
        digests.append(sha256("\n".join(lines), name))
        if receipt["digest"] != digests[-1]:
            raise Broken(f"{name} : modifié")
    return digests[1:]


def content_of(sheet: dict[str, Any], name: str) -> str:
    return sha256(json.dumps(sheet, sort_keys=True, separators=(",", ":"), ensure_ascii=False), name)


def sha256(text: str, name: str) -> str:
    try:
        return hashlib.sha256(text.encode("utf-8")).hexdigest()
    except UnicodeEncodeError as odd:
        raise Broken(f"{name} : caractère interdit") from odd


def report(chain: dict[str, Any], expected: str | None) -> Iterator[str]:
    """The lines to read; stops where the chain breaks, or if the expected digest is that of no receipt."""
    digests = check(chain)
    count = len(digests)
    yield f"{grouped(count)} reçu{'s' if count > 1 else ''}, chaîne intacte, empreinte finale {(digests or ['–'])[-1]}"
    yield from total_of(chain["receipts"])
    if not expected:
        yield "Comparez cette empreinte avec celle que vous avez gardée : une chaîne toute refaite paraît intacte."
        return
    kept = expected.strip().lower()
    if kept not in digests:
        raise Broken("l’empreinte donnée n’est celle d’aucun reçu : la chaîne a été refaite, ou des reçus manquent")
    number = digests.index(kept) + 1
    yield f"L’empreinte donnée est celle du reçu n° {chain['year']}-{number:06d}. Reçus après lui : {count - number}."


def total_of(receipts: list[dict[str, Any]]) -> Iterator[str]:
    """What was received, where the file tells it."""
    cents = [one.get("sheet", {}).get("total_cents") for one in receipts]
    if cents and all(type(one) is int for one in cents):
        yield f"Total : {grouped(sum(cents) // 100)},{sum(cents) % 100:02d}{NARROW}€"


def grouped(number: int) -> str:
    return f"{number:,}".replace(",", NARROW)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Vérifie hors ligne la chaîne des reçus d’une régie et d’une année.")
    parser.add_argument("fichier", help="ce que « preau export-receipts » a écrit")
    parser.add_argument("--empreinte", help="l’empreinte gardée, à retrouver dans la chaîne")
    options = parser.parse_args(arguments)
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")  # an old console lacks some of our signs
    try:
        for line in report(read(options.fichier), options.empreinte):
            sys.stdout.write(f"{line}\n")
    except Broken as broken:
        sys.stdout.write(f"CHAÎNE ROMPUE – {broken}\n")
        return 1
    except Unreadable as unreadable:
        sys.stdout.write(f"Fichier illisible : {unreadable}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
