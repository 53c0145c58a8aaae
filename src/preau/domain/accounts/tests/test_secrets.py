"""Secrets stay out of the database, the logs, the audit trail and whatever is printed (W6, W21)."""

import logging
from datetime import timedelta

import pytest
from django.apps import apps

from preau.domain.accounts import letters, queries, services
from preau.domain.accounts.errors import CredentialsRefusedError
from preau.domain.accounts.tests.conftest import NETWORK, PASSWORD, enter, link_for, mailed_token
from preau.foundation import ids
from preau.foundation.audit.actors import SYSTEM

CHOSEN = "tambour cerise igloo"


def _everything_kept_but_mails() -> str:
    models = [model for model in apps.get_models() if model._meta.label != "mail.OutgoingMail"]
    return "\n".join(str(row) for model in models for row in model._default_manager.values())


def test_no_secret_is_kept_logged_or_printed(parent, newcomer, caplog):
    with caplog.at_level(logging.DEBUG):
        device = enter("julie.d")
        with pytest.raises(CredentialsRefusedError):
            enter("julie.d", "faux mot de passe très reconnaissable")
        services.request_identifiers(email=parent.email, link_for=link_for, network=NETWORK)
        token = mailed_token("identifiers")
        reset = services.reset_password(token=token, new_password=CHOSEN, network=NETWORK)
        code = services.issue_activation_code(user=newcomer, valid_for=timedelta(days=1), by=SYSTEM)
        services.check_activation_code(claim=queries.claim(newcomer.access_code), code=code, network=NETWORK)
    letter = letters.forgotten_identifiers(parent, address=f"http://testserver{link_for(token)}")
    kept = _everything_kept_but_mails()
    printed = repr([device, reset, letter]) + str(letter)
    secrets = [PASSWORD, CHOSEN, "reconnaissable", token, code, ids.ungrouped(code), device.device_token]
    assert [secret for secret in secrets if secret in kept + caplog.text + printed] == []
    assert "sign-in refused from 192.0.2.10" in caplog.text


def test_codes_printed_before_a_change_of_key_still_open(newcomer, code, settings):
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "new" * 20
    claim = queries.claim(newcomer.access_code)
    assert services.check_activation_code(claim=claim, code=code, network=NETWORK) == newcomer


def test_devices_known_before_a_change_of_key_stay_known(parent, settings):
    device = enter("julie.d").device_token
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "new" * 20
    assert enter("julie.d", device_token=device).device_token == device
