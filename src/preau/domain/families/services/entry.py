"""First entry of an adult: with the codes of an invoice, with the family file, or with a mailed link (A04)."""

from dataclasses import dataclass, field

from django.db import transaction

from preau.domain.accounts import identifiers, rules
from preau.domain.accounts import queries as account_queries
from preau.domain.accounts import services as accounts
from preau.domain.accounts.errors import ActivationRefusedError, TooManyTriesError
from preau.domain.accounts.letters import forgotten_identifiers
from preau.domain.accounts.models import LinkPurpose, Scope, User
from preau.domain.accounts.services import LinkFor, SignInOutcome, links, throttle
from preau.domain.families import letters, queries
from preau.domain.families.models import Guardian, Household
from preau.domain.families.permissions import may_open_login
from preau.domain.families.services.invitations import open_logins
from preau.foundation.audit.actors import Actor
from preau.foundation.audit.services import record


@dataclass(frozen=True, slots=True)
class FileClaim:
    """What somebody copies from a paper invoice to say which family they are."""

    file_number: str
    file_name: str
    code: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Newcomer:
    """What an adult chooses when entering for the first time, and the browser they do it with.

    `email` may be empty; `network` is the client's address, `agent` its User-Agent.
    """

    password: str = field(repr=False)
    email: str
    terms_version: str
    network: str
    agent: str = ""
    device_token: str | None = field(default=None, repr=False)


def check_household_claim(*, claim: FileClaim, network: str) -> list[Guardian]:
    """The adults whom this claim may open an account for; a wrong code counts, a right one is not used.

    Raises:
        ActivationRefusedError: no such file, or no such code in it: never said which (W1).
        TooManyTriesError: five wrong tries on this file, or too many from the network.
    """
    _, offered = _prove(claim, network=network)
    return offered


def claim_household(*, claim: FileClaim, guardian_id: str, newcomer: Newcomer, link_for: LinkFor) -> SignInOutcome:
    """Open the account of the adult chosen (`Guardian.public_id`), linked to the family; the caller opens a session.

    Raises:
        ActivationRefusedError, TooManyTriesError: as `check_household_claim`, or an adult who cannot be chosen.
        EmailRefusedError, PasswordRefusedError, TooBusyError: as `accounts.activate`; the code still lives.
    """
    account_claim, offered = _prove(claim, network=newcomer.network)
    chosen = next((guardian for guardian in offered if guardian.public_id == guardian_id), None)
    if chosen is None:
        raise ActivationRefusedError
    user = open_logins(guardians=[chosen], by=Actor(kind="family", key=chosen.public_id, network=newcomer.network))[0]
    return _activate(account_claim, claim.code, newcomer, link_for=link_for, opens=user)


def enter_with_code(*, access_code: str, code: str, newcomer: Newcomer, link_for: LinkFor) -> SignInOutcome:
    """Open the account named by an access code with its activation code; the caller opens a session.

    Raises:
        ActivationRefusedError, TooManyTriesError, EmailRefusedError, PasswordRefusedError, TooBusyError:
            as `accounts.activate`.
    """
    return _activate(account_queries.claim(access_code), code, newcomer, link_for=link_for)


def enter_with_link(*, token: str, newcomer: Newcomer) -> SignInOutcome:
    """Open the account that a mailed link names; its address is proved by the link itself.

    Raises:
        LinkRefusedError, PasswordRefusedError, TooBusyError: as `accounts.reset_password`.
    """
    outcome = accounts.reset_password(
        token=token,
        new_password=newcomer.password,
        network=newcomer.network,
        agent=newcomer.agent,
        device_token=newcomer.device_token,
    )
    return _with_terms(outcome, newcomer)


def request_entry_link(*, file_number: str, file_name: str, email: str, link_for: LinkFor, network: str) -> None:
    """Mail a one-hour link to the adults of this file who have this e-mail; say nothing either way (W1).

    The e-mail of somebody who entered is the account's: one left behind in the file opens nothing (W6).
    Somebody who already has a login gets their identifiers. For a claim that names nobody the same rows are
    written, then undone. Requests past a few per address and hour, or per network, are dropped in silence.
    """
    address = identifiers.plain(email)
    try:
        throttle.spend(
            throttle.Watch(Scope.RECOVERY, address), throttle.Watch(Scope.RECOVERY_NETWORK, rules.network_of(network))
        )
    except TooManyTriesError:
        return
    household = queries.household_named(file_number=file_number, file_name=file_name)
    adults = [adult for adult in queries.adults_of(household) if queries.mail_address(adult) == address]
    known = [adult for adult in adults if address and (adult.user is None or adult.user.is_active)]
    with transaction.atomic(), transaction.atomic():
        for adult in known:
            _post_link(adult, adult.household, email=address, link_for=link_for, network=network)
        if not known:
            nobody = Guardian(user=User(pk=0, display_name="Personne"))
            _post_link(nobody, Household(), email=address, link_for=link_for, network=network)
            transaction.set_rollback(True)


def _post_link(adult: Guardian, household: Household, *, email: str, link_for: LinkFor, network: str) -> None:
    by = Actor(kind="family", key=adult.public_id, network=network)
    is_first = may_open_login(adult)
    user = open_logins(guardians=[adult], by=by)[0]
    link, token = links.write_link(user=user, purpose=LinkPurpose.RESET_PASSWORD, email=email)
    address = links.address_of(token, link_for=link_for)
    if is_first:
        letter = letters.first_entry(user, household=household, address=address)
    else:
        letter = forgotten_identifiers(user, address=address)
    links.post(letter, to=email, kind="entry_link", key=f"link:{link.pk}")
    record(by=by, action="entry_link_asked", subject=f"guardian:{adult.public_id}")


def _activate(
    claim: account_queries.Claim, code: str, newcomer: Newcomer, *, link_for: LinkFor, opens: User | None = None
) -> SignInOutcome:
    outcome = accounts.activate(
        claim=claim,
        code=code,
        new_password=newcomer.password,
        email=newcomer.email,
        link_for=link_for,
        network=newcomer.network,
        agent=newcomer.agent,
        device_token=newcomer.device_token,
        opens=opens,
    )
    return _with_terms(outcome, newcomer)


def _with_terms(outcome: SignInOutcome, newcomer: Newcomer) -> SignInOutcome:
    by = Actor(kind="family", key=outcome.user.public_id, network=newcomer.network)
    accounts.accept_terms(user=outcome.user, version=newcomer.terms_version, by=by)
    return outcome


def _prove(claim: FileClaim, *, network: str) -> tuple[account_queries.Claim, list[Guardian]]:
    """The claim as accounts read it, and whom its code may open."""
    household = queries.household_named(file_number=claim.file_number, file_name=claim.file_name)
    adults = queries.adults_of(household)
    account_claim = queries.claim_of(file_number=claim.file_number, file_name=claim.file_name, adults=adults)
    holder = accounts.check_activation_code(claim=account_claim, code=claim.code, network=network)
    return account_claim, queries.choosable(adults, code_holder_id=holder.pk)
