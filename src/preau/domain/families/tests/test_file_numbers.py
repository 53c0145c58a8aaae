"""Imports and first entries read file numbers without case: two families may not differ by it alone."""

import pytest
from django.db import IntegrityError, transaction

from preau.domain.families.models import Household
from preau.foundation import clock


def test_two_families_whose_numbers_differ_by_case_alone_are_refused(db):
    """An invoice of one would be recorded, read and paid in the file of the other."""
    Household.objects.create(file_number="AB-1", file_name="ROUX", created_at=clock.now())
    with pytest.raises(IntegrityError, match="file_numbers_differ_by_more_than_case"), transaction.atomic():
        Household.objects.create(file_number="ab-1", file_name="PETIT", created_at=clock.now())
