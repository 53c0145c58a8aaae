"""The stand-alone verifier says what Préau says, of whole chains and of whatever was done to them (P07)."""

import copy
import json
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preau.domain.payments import chain
from preau.domain.payments.documents import verifier_recus
from preau.domain.payments.documents.verifier_recus import Broken, check, main
from preau.domain.payments.queries.chain import FORMAT, VERIFIER

_NARROW = "\u202f"
_words = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
_values = st.recursive(
    st.none() | st.booleans() | st.integers() | _words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_words, inner, max_size=3),
    max_leaves=6,
)
_sheets = st.builds(
    lambda sheet, cents, code: {**sheet, "total_cents": cents, "verification_code": code},
    st.dictionaries(_words, _values, max_size=4),
    st.integers(1, 100_000_00),
    st.text("0123456789ABCDEF", min_size=16, max_size=16),
)
_instants = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001


def _chain(issued: list[tuple[dict, datetime]], *, with_content: bool, regie: str = "QUI4rT8x") -> dict:
    """What Préau would export of these sheets and instants."""
    previous, receipts = chain.genesis(regie_key=regie, year=2026), []
    for number, (sheet, at) in enumerate(issued, 1):
        content = chain.content_digest(sheet)
        digest = chain.link_digest(
            previous=previous, regie_key=regie, year=2026, number=number, issued_at=at, content=content
        )
        one = {"number": number, "issued_at": chain.written(at), "previous": previous, "content": content}
        receipts.append({**one, "digest": digest} | ({"sheet": sheet} if with_content else {}))
        previous = digest
    return {"format": FORMAT, "regie": regie, "year": 2026, "receipts": receipts}


_chains = st.builds(
    _chain,
    st.lists(st.tuples(_sheets, _instants), min_size=2, max_size=5),
    with_content=st.booleans(),
)


def _as_read(value: dict) -> dict:
    """Through a file."""
    return json.loads(json.dumps(value, ensure_ascii=False))


@given(_chains)
def test_both_agree_on_every_chain(written):
    assert check(_as_read(written)) == [one["digest"] for one in written["receipts"]]


@given(_chains, st.data())
def test_every_alteration_of_a_field_is_found(written, data):
    heads = check(written)
    altered = copy.deepcopy(written)
    place = data.draw(st.sampled_from([altered, *altered["receipts"], *_sheets_of(altered)]), label="place")
    key = data.draw(st.sampled_from([one for one in sorted(place) if one not in {"format", "receipts"}]), label="key")
    value = data.draw(_values.filter(lambda other: _differ(other, place[key])), label="value")
    place[key] = value
    assert _is_found(altered, heads)


def _sheets_of(written: dict) -> list[dict]:
    return [one["sheet"] for one in written["receipts"] if "sheet" in one]


def _differ(one: object, other: object) -> bool:
    """As JSON: `true` is no 1."""
    return json.dumps(one, sort_keys=True) != json.dumps(other, sort_keys=True)


def _is_found(altered: dict, heads: list[str]) -> bool:
    """The chain breaks, or no longer leads to the digest that somebody kept."""
    try:
        return verifier_recus.has_shape(altered, verifier_recus.HEADER) is False or heads[-1] not in check(altered)
    except Broken:
        return True


@given(_chains, st.data())
def test_a_key_added_or_taken_away_is_found(written, data):
    heads, altered = check(written), copy.deepcopy(written)
    place = data.draw(st.sampled_from([altered, *altered["receipts"], *_sheets_of(altered)]))
    if data.draw(st.booleans()):
        place["montant"] = 1
    else:
        # A chain shown without its contents is the same chain: only a sheet may be left out.
        del place[data.draw(st.sampled_from([one for one in sorted(place) if one != "sheet"]))]
    assert _is_found(altered, heads)


@given(_chains, st.data())
def test_every_other_order_removal_insertion_or_repeat_is_found(written, data):
    heads = check(written)
    rank = st.integers(0, len(heads) - 1)
    one, other = data.draw(rank, label="one"), data.draw(rank, label="other")
    taken, swapped, repeated, inserted = (copy.deepcopy(written) for _ in range(4))
    del taken["receipts"][one]
    repeated["receipts"].insert(other, repeated["receipts"][one])
    rows = swapped["receipts"]
    rows[one], rows[other] = rows[other], rows[one]
    stranger = _chain([({"total_cents": 1}, datetime(2026, 1, 1, tzinfo=UTC))], with_content=False)["receipts"][0]
    inserted["receipts"].insert(one, {**stranger, "number": one + 1, "previous": rows[one]["previous"]})
    assert _is_found(taken, heads)
    assert _is_found(repeated, heads)
    assert _is_found(inserted, heads)
    assert one == other or _is_found(swapped, heads)


def test_a_chain_made_again_from_end_to_end_leads_elsewhere():
    """The reason for anchors: it holds together, and only a digest kept outside tells."""
    at = datetime(2026, 10, 8, 13, 35, tzinfo=UTC)
    true, false = (_chain([({"total_cents": cents}, at)], with_content=True) for cents in (1850, 1))
    assert check(true) != check(false)
    assert _is_found(false, check(true))


# As its user runs it


@pytest.fixture
def written(tmp_path):
    def write(content: object, *, raw: str | None = None) -> str:
        path = tmp_path / "recus-2026.json"
        path.write_text(raw if raw is not None else json.dumps(content, ensure_ascii=False), encoding="utf-8")
        return str(path)

    return write


AT = datetime(2026, 10, 8, 13, 35, tzinfo=UTC)


def _town(count: int, *, with_content: bool = False) -> dict:
    return _chain([({"total_cents": 1850, "n": n}, AT) for n in range(count)], with_content=with_content)


def run(capsys, *arguments: str) -> tuple[int, list[str]]:
    code = main([*arguments])
    return code, capsys.readouterr().out.replace(_NARROW, " ").splitlines()


def test_a_whole_chain_is_told_with_its_last_digest(written, capsys):
    town = _town(1204)
    head = town["receipts"][-1]["digest"]
    assert run(capsys, written(town)) == (
        0,
        [
            f"1 204 reçus, chaîne intacte, empreinte finale {head}",
            "Comparez cette empreinte avec celle que vous avez gardée : une chaîne toute refaite paraît intacte.",
        ],
    )


def test_with_contents_the_total_is_told(written, capsys):
    code, said = run(capsys, written(_town(100, with_content=True)))
    assert (code, said[1]) == (0, "Total : 1 850,00 €")


def test_a_digest_that_was_kept_is_found_in_the_chain(written, capsys):
    town = _town(3)
    kept = town["receipts"][1]["digest"].upper()
    assert run(capsys, written(town), "--empreinte", f" {kept} ") == (
        0,
        [
            f"3 reçus, chaîne intacte, empreinte finale {town['receipts'][2]['digest']}",
            "L’empreinte donnée est celle du reçu n° 2026-000002. Reçus après lui : 1.",
        ],
    )


def test_receipts_taken_from_the_end_are_missed_by_a_digest_that_was_kept(written, capsys):
    town = _town(3)
    kept = town["receipts"].pop()["digest"]
    assert run(capsys, written(town))[0] == 0
    code, said = run(capsys, written(town), "--empreinte", kept)
    assert (code, said[-1]) == (
        1,
        "CHAÎNE ROMPUE – l’empreinte donnée n’est celle d’aucun reçu : la chaîne a été refaite, ou des reçus manquent",
    )


def _retouch(**values):
    def alter(town: dict) -> None:
        town["receipts"][1].update(values)

    return alter


def _drop(town: dict) -> None:
    del town["receipts"][1]


@pytest.mark.parametrize(
    ("alter", "said"),
    [
        (_retouch(issued_at="2026-10-08T13:36:00.000000Z"), "reçu n° 2026-000002 : modifié"),
        (_retouch(digest="0" * 64), "reçu n° 2026-000002 : modifié"),
        (_retouch(previous="0" * 64), "reçu n° 2026-000002 : ne suit pas le reçu précédent"),
        (_retouch(sheet={"total_cents": 1, "n": 1}), "reçu n° 2026-000002 : contenu modifié"),
        (_retouch(sheet={"nom": "\ud800"}), "reçu n° 2026-000002 : caractère interdit"),
        (_retouch(number=True), "reçu n° 2026-000002 : illisible"),
        (_retouch(montant=1), "reçu n° 2026-000002 : illisible"),
        (_drop, "reçu n° 2026-000002 : absent ou déplacé"),
    ],
)
def test_the_first_receipt_that_does_not_hold_is_named(written, capsys, alter, said):
    town = _town(3, with_content=True)
    alter(town)
    path = written(None, raw=json.dumps(town))
    assert run(capsys, path) == (1, [f"CHAÎNE ROMPUE – {said}"])


_OTHER = "un fichier « preau-recus-1 » est attendu"


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ("", "Expecting value: line 1 column 1 (char 0)"),
        ("[]", _OTHER),
        ('{"format": "preau-recus-2", "regie": "x", "year": 2026, "receipts": []}', _OTHER),
        ('{"format": "preau-recus-1", "regie": "x", "year": true, "receipts": []}', _OTHER),
        ('{"year": 2026, "year": 2027}', "une clé est écrite deux fois"),
        ('{"year": NaN}', "« NaN » n’est pas une valeur permise"),
    ],
)
def test_a_file_of_something_else_is_unreadable(written, capsys, raw, said):
    assert run(capsys, written(None, raw=raw)) == (2, [f"Fichier illisible : {said}"])


def test_a_missing_file_is_unreadable(tmp_path, capsys):
    assert run(capsys, str(tmp_path / "rien.json"))[0] == 2


def test_it_runs_alone_even_where_the_console_lacks_our_signs(written, tmp_path):
    """With the standard library only: no installed package, a copy in a folder of its own."""
    alone = tmp_path / "seul" / VERIFIER.name
    alone.parent.mkdir()
    alone.write_bytes(VERIFIER.read_bytes())
    answer = subprocess.run(
        [sys.executable, "-S", str(alone), written(_town(1204))],
        capture_output=True, check=False, cwd=alone.parent, env={"PYTHONIOENCODING": "latin-1"},
    )  # fmt: skip
    assert (answer.returncode, answer.stderr) == (0, b"")
    assert answer.stdout.startswith("1?204 reçus, chaîne intacte".encode("latin-1"))
