"""Bytes kept under a random name, read back only if they are the same."""

import pytest
from django.core.files.storage import default_storage

from preau.foundation.files.models import StoredFile
from preau.foundation.files.services import FileDamagedError, forget, read, safe_name, store
from tests.support.refusals import refused_by, save_again

CONTENT = b"%PDF-1.7 une facture"


def _stored(name: str = "facture.pdf") -> StoredFile:
    return store(content=CONTENT, name=name, content_type="application/pdf")


def test_what_is_stored_is_read_back(db):
    stored = _stored()
    assert read(StoredFile.objects.get()) == CONTENT
    assert (stored.size, stored.name) == (len(CONTENT), "facture.pdf")


def test_two_files_of_one_name_do_not_meet(db):
    assert _stored().key != _stored().key


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "a\x00b", "x" * 500, "..\\..\\c"])
def test_the_name_given_never_chooses_a_place(db, name):
    stored = _stored(name)
    folder, key = stored.key.split("/")
    assert (len(folder), len(key), key.isalnum()) == (2, 32, True)
    assert read(stored) == CONTENT


def test_an_empty_file_is_refused(db):
    with pytest.raises(ValueError, match="vide"):
        store(content=b"", name="vide.pdf", content_type="application/pdf")


def test_an_empty_row_is_refused_by_the_database(db):
    stored = _stored()
    with refused_by("stored_file_is_not_empty"):
        save_again(stored, size=0, key="autre")


def test_altered_bytes_are_never_given(db):
    stored = _stored()
    with default_storage.open(stored.key, "wb") as handle:
        handle.write(CONTENT + b"!")
    with pytest.raises(FileDamagedError, match="was altered"):
        read(stored)


def test_missing_bytes_are_said_so(db):
    stored = _stored()
    forget([stored])
    with pytest.raises(FileDamagedError, match="is missing"):
        read(stored)


@pytest.mark.parametrize(
    ("given", "label"),
    [
        ("recu-2026-000001.pdf", "recu-2026-000001.pdf"),
        ("Facture d’été n° 12 (copie).pdf", "Facture d’été n° 12 (copie).pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\factures\\mars.pdf", "mars.pdf"),
        ('a"\r\nSet-Cookie: x=1.pdf', "a_Set-Cookie_ x_1.pdf"),
        ("photo\u202egpj.exe", "photo_gpj.exe"),
        ("...", "document"),
        ("", "document"),
    ],
)
def test_a_label_can_be_misread_by_nobody(given, label):
    assert safe_name(given) == label


def test_a_long_label_keeps_its_ending():
    assert safe_name("é" * 300 + ".pdf") == "é" * 146 + ".pdf"
