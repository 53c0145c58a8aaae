"""A family's safe: each document once, whoever races to put it there."""

import pytest

from preau.domain.messaging.models import HouseholdDocument
from preau.domain.messaging.services import keep_document
from preau.foundation.files.models import StoredFile
from preau.foundation.files.services import store
from tests.support.factories import make_household
from tests.support.refusals import refused_by, save_again


def _file() -> StoredFile:
    return store(content=b"%PDF-1.7", name="recu.pdf", content_type="application/pdf")


def _keep(household, **values) -> HouseholdDocument:
    return keep_document(
        **{
            "household": household,
            "kind": HouseholdDocument.Kind.RECEIPT,
            "source_key": "K7QF",
            "title": "Reçu n° 1",
            "file": _file(),
            **values,
        },
    )


@pytest.fixture
def household(db):
    return make_household()


def test_a_document_is_kept_with_its_title(household):
    document = _keep(household)
    assert (document.household, document.title, document.file.name) == (household, "Reçu n° 1", "recu.pdf")


def test_the_first_document_of_a_source_wins(household):
    first = _keep(household)
    assert _keep(household, title="Autre") == first
    assert HouseholdDocument.objects.get().title == "Reçu n° 1"


def test_a_document_twice_for_one_source_is_refused(household):
    document = _keep(household)
    with refused_by("a_document_is_kept_once_per_source"):
        save_again(document, file_id=_file().id)
