"""What the database refuses about régies, contracts and payment windows."""

from datetime import UTC, date, datetime

import pytest

from preau.domain.regies.models import (
    AllowedMeans,
    BilledMonth,
    Channel,
    ContractSecret,
    GatewayContract,
    MeansOfPayment,
    NumberSequence,
    PaymentWindow,
    Regie,
    RegieMember,
)
from preau.domain.regies.queries import desk_means, open_contracts
from tests.support.factories import make_contract, make_regie, make_user, make_window
from tests.support.refusals import columns_of, refused_by

OCTOBER = date(2026, 10, 1)


@pytest.fixture
def regie(db) -> Regie:
    return make_regie()


@pytest.fixture
def window(regie) -> PaymentWindow:
    return make_window(regie, first=OCTOBER, last=date(2026, 10, 14), months=[OCTOBER])


def test_a_lock_shorter_than_a_gateway_session_is_refused(db):
    with refused_by("regie_lock_outlasts_every_gateway_session"):
        make_regie(lock_minutes=19)


def test_a_means_allowed_twice_is_refused(regie):
    with refused_by("a_means_is_allowed_once_per_regie"):
        AllowedMeans.objects.create(regie=regie, means=MeansOfPayment.CASH)


def test_a_second_open_contract_is_refused(regie):
    with refused_by("a_regie_has_one_open_contract_per_channel"):
        make_contract(regie)


def test_a_regie_has_one_open_contract_on_each_channel(regie):
    desk = make_contract(regie, channel=Channel.DESK)
    assert open_contracts([regie]) == {regie.id: regie.contracts.get(channel=Channel.ONLINE)}
    assert open_contracts([regie], channel=Channel.DESK) == {regie.id: desk}
    with refused_by("a_regie_has_one_open_contract_per_channel"):
        make_contract(regie, channel=Channel.DESK)


@pytest.mark.row("S09")
def test_a_desk_takes_what_the_act_names_in_its_order(regie):
    """Means on line and means of the bank are no matter of a desk."""
    regie.allowed_means.all().delete()
    for means in (MeansOfPayment.ANCV, MeansOfPayment.DIRECT_DEBIT, MeansOfPayment.CASH, MeansOfPayment.CARD_ONLINE):
        AllowedMeans.objects.create(regie=regie, means=means)
    assert desk_means(regie) == [MeansOfPayment.CASH, MeansOfPayment.ANCV]


def test_a_closed_contract_leaves_room_for_another(regie):
    regie.contracts.update(closed_on=date(2026, 9, 30))
    assert make_contract(regie).regie == regie


def test_a_contract_closed_before_it_opens_is_refused(regie):
    with refused_by("contract_closes_after_it_opens"):
        regie.contracts.update(opened_on=OCTOBER, closed_on=date(2026, 9, 30))


def test_a_contract_belongs_to_one_regie(regie):
    assert columns_of(GatewayContract, "a_contract_belongs_to_one_regie") == ["id", "regie_id"]


def test_a_window_that_ends_before_it_begins_is_refused(db):
    with refused_by("payment_window_ends_after_it_begins"):
        PaymentWindow.objects.create(first_day=OCTOBER, last_day=date(2026, 9, 30))


def test_a_window_of_one_day_is_one(db):
    assert PaymentWindow.objects.create(first_day=OCTOBER, last_day=OCTOBER).holds(OCTOBER)


def test_a_month_named_twice_by_a_window_is_refused(window):
    with refused_by("a_window_names_a_month_once"):
        BilledMonth.objects.create(window=window, month=OCTOBER)


def test_a_billed_month_that_is_no_first_day_is_refused(window):
    with refused_by("billed_month_is_a_first_day"):
        BilledMonth.objects.create(window=window, month=date(2026, 11, 2))


def test_a_second_post_in_one_regie_is_refused(regie):
    user = make_user()
    RegieMember.objects.create(regie=regie, user=user, post=RegieMember.Post.REGISSEUR)
    with refused_by("a_person_holds_one_post_per_regie"):
        RegieMember.objects.create(regie=regie, user=user, post=RegieMember.Post.MANDATAIRE)


def test_a_second_series_of_the_same_numbers_is_refused(regie):
    NumberSequence.objects.create(regie=regie, kind="receipt", year=2026)
    with refused_by("one_sequence_per_regie_kind_and_year"):
        NumberSequence.objects.create(regie=regie, kind="receipt", year=2026)


NOON = datetime(2026, 10, 8, 12, tzinfo=UTC)


def test_a_contract_has_one_lasting_secret_of_a_name(regie):
    contract = regie.contracts.get()
    ContractSecret.objects.create(contract=contract, name="key", sealed="x", usable_from=NOON)
    with refused_by("a_contract_has_one_lasting_secret_of_a_name"):
        ContractSecret.objects.create(contract=contract, name="key", sealed="y", usable_from=NOON)


def test_a_contract_secret_ends_after_it_begins(regie):
    with refused_by("contract_secret_ends_after_it_begins"):
        ContractSecret.objects.create(
            contract=regie.contracts.get(),
            name="key",
            sealed="x",
            usable_from=NOON,
            usable_until=datetime(2026, 10, 8, tzinfo=UTC),
        )
