"""Files as other software really leaves them: read, or refused line by line (F1)."""

import resource
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from preau.foundation.tabular import MOST_ROWS, Column, Fault, Layout, RowReading, normalise_header, open_table
from preau.foundation.tabular.decoding import LONGEST_RECORD
from preau.foundation.tabular.table import MOST_COLUMNS, MOST_MALFORMED

TEXT = "N° famille;Prénom\r\n101;Léa Œuvrard\r\n102;Noé\r\n"
ROWS = [(2, {"nfamille": "101", "prenom": "Léa Œuvrard"}), (3, {"nfamille": "102", "prenom": "Noé"})]


def read(path, content, *, progress=None):
    file = path / "table.csv"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    with open_table(file, progress=progress) as table:
        rows = [(row.number, dict(row.cells)) for row in table]
    return rows, [(fault.line, fault.column, fault.reason) for fault in table.faults], table


def narrow(sentence):
    return sentence.replace("\u202f", " ")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("separator", [";", ",", "\t"])
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_encodings_separators_and_line_ends_change_nothing(tmp_path, encoding, separator, end):
    content = TEXT.replace(";", separator).replace("\r\n", end).encode(encoding)
    assert read(tmp_path, content)[:2] == (ROWS, [])


def test_utf_16_big_endian_is_read(tmp_path):
    assert read(tmp_path, b"\xfe\xff" + TEXT.encode("utf-16-be"))[:2] == (ROWS, [])


def test_latin_1_is_read_as_its_superset(tmp_path):
    rows, faults, _ = read(tmp_path, "N°;Prénom\n1;Léa\n".encode("latin-1"))
    assert (rows, faults) == ([(2, {"n": "1", "prenom": "Léa"})], [])


def test_line_ends_may_be_mixed(tmp_path):
    rows, faults, _ = read(tmp_path, "a;b\r\n1;2\n3;4\r5;6")
    assert ([number for number, _ in rows], faults) == ([2, 3, 4], [])


def test_a_bad_byte_is_named_by_line_and_column(tmp_path):
    rows, faults, _ = read(tmp_path, b"a;b\n1;\xe9\n2;\x81\n3;x\n")
    assert [number for number, _ in rows] == [2, 4]
    assert faults == [(3, "b", "caractère illisible\u202f: enregistrez le fichier en UTF-8")]


def test_a_cut_utf_16_file_is_read_up_to_the_cut(tmp_path):
    rows, faults, _ = read(tmp_path, "a;b\n1;2\n3;4".encode("utf-16")[:-1])
    assert ([number for number, _ in rows], [line for line, *_ in faults]) == ([2], [3])


def test_cells_may_hold_separators_quotes_and_line_breaks(tmp_path):
    rows, faults, _ = read(tmp_path, 'a;b\n"1;1";"dit ""Jo""\nle ""grand"""\n2;Rés. "Les Lilas"\n')
    assert faults == []
    assert rows == [(2, {"a": "1;1", "b": 'dit "Jo"\nle "grand"'}), (4, {"a": "2", "b": 'Rés. "Les Lilas"'})]


def test_blank_lines_are_passed_over(tmp_path):
    rows, faults, table = read(tmp_path, "\n\r\na;b\n;\n\n1;2\n;;\n  ; \n")
    assert ([number for number, _ in rows], faults, table.header_line) == ([6], [], 3)


def test_the_separator_hint_of_excel_is_obeyed(tmp_path):
    assert read(tmp_path, "sep=|\na|b\n1|2\n")[:2] == ([(3, {"a": "1", "b": "2"})], [])


def test_a_separator_inside_a_quoted_heading_does_not_count(tmp_path):
    assert read(tmp_path, '"Nom, prénom, âge";b\n1;2\n')[0] == [(2, {"nomprenomage": "1", "b": "2"})]


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", (0, "", "fichier vide")),
        (b"\n\n  \n", (0, "", "fichier vide")),
        (b"sep=;\n", (0, "", "fichier vide")),
        (b"a;b\n", (1, "", "aucune ligne sous la ligne d’en-tête")),
        (b"a;b\n;\n", (1, "", "aucune ligne sous la ligne d’en-tête")),
        (b"nom\nx\n", (0, "", "première ligne sans point-virgule, virgule ni tabulation entre les titres")),
        (b'"a;b\n1;2\n', (1, "", "guillemet ouvert et mal refermé")),
        (b"a" * (LONGEST_RECORD + 1), (0, "", "première ligne de plus de 65536 caractères")),
        (b";" * MOST_COLUMNS, (1, "", f"{MOST_COLUMNS + 1} colonnes, {MOST_COLUMNS} au plus")),
        (
            b"PK\x03\x04;",
            (
                0,
                "",
                (
                    "ce fichier est un classeur Excel, un document LibreOffice ou une archive zip : "
                    "enregistrez-le au format CSV"
                ),
            ),
        ),
        (b"\xd0\xcf\x11\xe0", (0, "", "ce fichier est un ancien classeur Excel : enregistrez-le au format CSV")),
        (b"%PDF-1.7", (0, "", "ce fichier est un document PDF : enregistrez-le au format CSV")),
        (
            "a;b\n1;2\n".encode("utf-16-le"),
            (0, "", "ce fichier n’est pas du texte : enregistrez-le au format CSV UTF-8"),
        ),
    ],
)
def test_what_is_no_table_is_refused_once(tmp_path, content, fault):
    rows, faults, table = read(tmp_path, content)
    assert rows == []
    assert [(line, column, narrow(reason)) for line, column, reason in faults] == [fault]
    assert table.rows_read == 0


def test_lines_with_too_many_or_too_few_cells_are_refused(tmp_path):
    rows, faults, _ = read(tmp_path, "a;b;c\n1;2;3\n1;2;3;4\n1;2\n1;2;3;;\n")
    assert [number for number, _ in rows] == [2, 5]
    assert [(line, narrow(reason)) for line, _, reason in faults] == [
        (3, "4 cellules pour 3 colonnes : un texte sans guillemets ?"),
        (4, "2 cellules pour 3 colonnes : ligne coupée ?"),
    ]


def test_a_broken_quote_refuses_its_line_only(tmp_path):
    rows, faults, _ = read(tmp_path, 'a;b\n1;"x\n2;y\n3;z\n4;"t" u\n5;v\n')
    assert [number for number, _ in rows] == [3, 4, 6]
    assert faults == [(2, "", "guillemet ouvert et mal refermé"), (5, "", "guillemet ouvert et mal refermé")]


def test_a_quote_never_closed_does_not_swallow_a_large_file(tmp_path):
    lines = "".join(f"{number};texte sans fin\n" for number in range(10_000))
    rows, faults, _ = read(tmp_path, f'a;b\n0;"\n{lines}')
    assert (len(rows), faults) == (10_000, [(2, "", "guillemet ouvert et mal refermé")])


def test_a_cell_of_hundreds_of_lines_is_a_quote_never_closed(tmp_path):
    text = f"{'une longue ligne ' * 10}\n" * 500
    rows, faults, _ = read(tmp_path, f'a;b\n1;"{text}"\n2;y\n')
    assert [number for number, _ in rows] == [503]
    assert faults[0] == (2, "", "guillemet ouvert et mal refermé")


def test_a_nul_byte_refuses_its_line(tmp_path):
    padding = "".join(f"{number};x\n" for number in range(1000))
    rows, faults, _ = read(tmp_path, f"a;b\n{padding}1;\0\n2;y\n")
    assert (len(rows), faults) == (1001, [(1002, "b", "octet nul\u202f: le fichier est abîmé")])


def test_a_line_without_end_is_refused_and_the_next_one_read(tmp_path):
    rows, faults, _ = read(tmp_path, f"a;b\n1;{'x' * (3 * LONGEST_RECORD)}\n2;y\n")
    assert (rows, faults) == ([(3, {"a": "2", "b": "y"})], [(2, "", "ligne de plus de 65536 caractères")])


def test_a_line_of_100_megabytes_takes_no_memory(tmp_path):
    file = tmp_path / "wide.csv"
    with file.open("wb") as stream:
        stream.write(b"a;b\n1;")
        for _ in range(100):
            stream.write(b"x" * 1_000_000)
        stream.write(b"\n2;y\n")
    tracemalloc.start()
    with open_table(file) as table:
        numbers = [row.number for row in table]
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert numbers == [3]
    assert [fault.line for fault in table.faults] == [2]
    assert peak < 8_000_000


def test_two_million_lines_stop_at_the_limit(tmp_path):
    file = tmp_path / "long.csv"
    with file.open("wb") as stream:
        stream.write(b"a;b\n")
        for _ in range(200):
            stream.write(b"1;2\n" * 10_000)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with open_table(file) as table:
        read_rows = sum(1 for _ in table)
    assert read_rows == MOST_ROWS + 1
    assert table.faults == [
        Fault(MOST_ROWS + 2, "", "plus de 200000 lignes\u202f: la lecture s’arrête ici, découpez le fichier", "error")
    ]
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20_000


def test_a_file_of_malformed_lines_is_given_up(tmp_path):
    rows, faults, _ = read(tmp_path, "a;b\n" + '1;"a""\n' * 20_000)
    assert rows == []
    assert len(faults) == MOST_MALFORMED + 1
    assert narrow(faults[-1][2]) == "1000 lignes mal formées : la lecture s’arrête ici"


def test_progress_is_told_in_rows_and_bytes(tmp_path):
    told = []
    content = "a;b\n" + "1;2\n" * 1200
    read(tmp_path, content, progress=lambda *sign: told.append(sign))
    assert [rows for rows, _, _ in told] == [500, 1000, 1200]
    assert told[-1] == (1200, len(content), len(content))


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=400) | st.text(alphabet='a1é;,\t"\n\r\0=\ufeff', max_size=200).map(str.encode))
def test_any_bytes_are_rows_or_faults(tmp_path_factory, content):
    rows, faults, table = read(tmp_path_factory.getbasetemp(), content)
    assert rows or faults
    assert all(set(cells) == set(table.keys) for _, cells in rows)


@settings(deadline=None)
@given(
    st.lists(
        st.lists(
            st.text(st.characters(exclude_characters="\0\ufffd", codec="utf-8"), max_size=20), min_size=2, max_size=2
        ),
        min_size=1,
    )
)
def test_what_a_spreadsheet_writes_is_read_back(tmp_path_factory, cells):
    quote = '"'
    body = "".join(
        ";".join(f'"{cell.replace(quote, quote * 2)}"' for cell in row) + "\r\n" for row in [["a", "b"], *cells]
    )
    rows, _, _ = read(tmp_path_factory.getbasetemp(), body.encode("utf-8-sig"))
    assert [list(read_cells.values()) for _, read_cells in rows] == [row for row in cells if any(map(str.strip, row))]


@pytest.mark.parametrize(
    ("heading", "key"),
    [
        ("N° famille", "nfamille"),
        ("Nº famille", "nfamille"),
        (" Enfant - Né(e) le ", "enfantneele"),
        ("Responsable 2 – Nom", "responsable2nom"),
        ("ligne_libellé", "lignelibelle"),
        ("Droit à l'image", "droitalimage"),
    ],
)
def test_headings_are_compared_by_letters_and_digits(heading, key):
    assert normalise_header(heading) == key


COLUMNS = (Column("number", ("N° famille", "Dossier"), required=True), Column("city", ("Ville", "Commune")))


def layout_of(tmp_path, heading_line):
    file = tmp_path / "table.csv"
    file.write_text(f"{heading_line}\n1;2;3\n", encoding="utf-8")
    with open_table(file) as table:
        return Layout(table, COLUMNS)


def test_columns_are_known_by_any_of_their_titles(tmp_path):
    layout = layout_of(tmp_path, "DOSSIER;commune;Solde")
    assert layout.complete
    assert (layout.heading("number"), layout.heading("city")) == ("DOSSIER", "commune")
    assert [narrow(str(fault)) for fault in layout.faults] == ["Fichier : colonnes non chargées : « Solde »"]


def test_a_missing_column_is_named_with_its_known_titles(tmp_path):
    layout = layout_of(tmp_path, "Nom;Ville;X")
    assert not layout.complete
    assert narrow(str(layout.faults[-1])) == (
        "Ligne 1, colonne « N° famille » : colonne absente ; titres reconnus : « N° famille », « Dossier »"
    )


def test_two_columns_of_one_meaning_are_refused(tmp_path):
    layout = layout_of(tmp_path, "Dossier;Ville;Commune")
    assert not layout.complete
    assert [narrow(str(fault)) for fault in layout.faults] == [
        "Ligne 1, colonne « Commune » : même sens que la colonne « Ville »"
    ]


def test_a_repeated_heading_is_refused_where_it_counts(tmp_path):
    assert not layout_of(tmp_path, "Dossier;Ville;Ville").complete
    assert layout_of(tmp_path, "Dossier;Note;Note").complete


def reading_of(tmp_path, cell):
    file = tmp_path / "table.csv"
    file.write_text(f'Dossier;Ville\n1;"{cell}"\n', encoding="utf-8")
    faults = []
    with open_table(file) as table:
        layout = Layout(table, COLUMNS)
        return RowReading(layout, next(iter(table)), faults), faults


def test_text_too_long_is_left_empty_and_told(tmp_path):
    reading, faults = reading_of(tmp_path, "x" * 10_000)
    assert reading.text("city", limit=20) == ""
    assert [narrow(fault.reason) for fault in faults] == [
        f"« {'x' * 60}… » : 10000 caractères, 20 au plus ; case laissée vide"
    ]
    assert not reading.refused


def test_text_that_a_spreadsheet_would_run_stays_text(tmp_path):
    reading, faults = reading_of(tmp_path, "@SUM(1+1)")
    assert reading.text("city", limit=20) == "@SUM(1+1)"
    assert [(fault.severity, narrow(fault.reason)) for fault in faults] == [
        ("warning", "commence par « @ » : gardé comme un simple texte")
    ]


def test_a_required_cell_that_is_empty_or_wrong_refuses_the_row(tmp_path):
    reading, faults = reading_of(tmp_path, "")
    assert reading.value("city", int, otherwise=0, required=True) == 0
    assert reading.refused
    reading, more = reading_of(tmp_path, "x")
    assert reading.value("city", int, otherwise=0, required=True) == 0
    assert reading.refused
    assert next(fault.reason for fault in faults + more) == "case vide"
    assert {fault.severity for fault in faults + more} == {"error"}
