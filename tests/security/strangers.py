"""Who has nothing to do at the desk of a régie."""

from django.test import Client

from preau.domain.regies.models import RegieMember
from preau.interfaces.desk.tests.conftest import hire
from tests.support.factories import make_regie, make_user
from tests.support.payer import Payer, another_payer


def a_parent(payer: Payer, bank) -> Client:
    return another_payer(bank).client


def somebody_of_set_up(payer: Payer, bank) -> Client:
    client = Client()
    client.force_login(make_user(is_staff=True))
    return client


def somebody_of_another_regie(payer: Payer, bank) -> Client:
    return hire(make_regie(label="Petite enfance"), name="Solange").client


def a_former_agent(payer: Payer, bank) -> Client:
    agent = hire(payer.regie, name="Ancien")
    RegieMember.objects.filter(user=agent.user).delete()
    return agent.client


STRANGERS = {
    "a parent": a_parent,
    "somebody of set-up": somebody_of_set_up,
    "another régie": somebody_of_another_regie,
    "a former agent": a_former_agent,
}
