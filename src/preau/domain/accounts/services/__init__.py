"""Writes about accounts; every function here is keyword-only."""

from preau.domain.accounts.services.activation import (
    activate,
    check_activation_code,
    issue_activation_code,
    issue_activation_codes,
)
from preau.domain.accounts.services.changes import change_password, confirm_email_change, request_email_change
from preau.domain.accounts.services.links import LinkFor
from preau.domain.accounts.services.opening import (
    accept_terms,
    correct_emails,
    open_account,
    open_accounts,
    reopen_account,
    require_new_password,
    suspend_account,
)
from preau.domain.accounts.services.recovery import request_identifiers, reset_password
from preau.domain.accounts.services.sessions import (
    end_other_sessions,
    end_session,
    forget_session,
    record_session,
    renew_session,
    see_session,
)
from preau.domain.accounts.services.signing_in import SignInOutcome, prove_password, sign_in
from preau.domain.accounts.services.upkeep import tidy

__all__ = [
    "LinkFor",
    "SignInOutcome",
    "accept_terms",
    "activate",
    "change_password",
    "check_activation_code",
    "confirm_email_change",
    "correct_emails",
    "end_other_sessions",
    "end_session",
    "forget_session",
    "issue_activation_code",
    "issue_activation_codes",
    "open_account",
    "open_accounts",
    "prove_password",
    "record_session",
    "renew_session",
    "reopen_account",
    "request_email_change",
    "request_identifiers",
    "require_new_password",
    "reset_password",
    "see_session",
    "sign_in",
    "suspend_account",
    "tidy",
]
