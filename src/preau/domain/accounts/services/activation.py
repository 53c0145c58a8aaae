"""First entry with the code printed on an invoice (A04, L01, W4)."""

from collections.abc import Sequence
from datetime import timedelta

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import F, Q
from django.utils.crypto import constant_time_compare

from preau.domain.accounts import marks, passwords, queries, rules
from preau.domain.accounts.errors import ActivationRefusedError
from preau.domain.accounts.models import CODE_TRIES, ActivationCode, Scope, User
from preau.domain.accounts.services import changes, credentials, throttle
from preau.domain.accounts.services.links import LinkFor, actor_of
from preau.domain.accounts.services.signing_in import SignInOutcome, admit
from preau.foundation import clock, ids
from preau.foundation.audit.actors import Actor
from preau.foundation.audit.services import record

#: Three groups of five characters; W4 asks for 64 bits at least.
_CODE_BITS = 75
_GROUP = 5


def issue_activation_code(*, user: User, valid_for: timedelta, by: Actor) -> str:
    """Make a new code, `K7QF3-MXR2A-9PWT4`: told once, here; earlier codes of the account die."""
    return issue_activation_codes(users=[user], valid_for=valid_for, by=by)[user.pk]


def issue_activation_codes(*, users: Sequence[User], valid_for: timedelta, by: Actor) -> dict[int, str]:
    """One new code per account, in clear, by the account's key; as many queries for one as for a thousand."""
    now = clock.now()
    codes = {user.pk: ids.base32(_CODE_BITS) for user in users}
    with transaction.atomic():
        live = Q(used_at__isnull=True, withdrawn_at__isnull=True)
        ActivationCode.objects.filter(live, user_id__in=codes).update(withdrawn_at=now)
        ActivationCode.objects.bulk_create(
            ActivationCode(
                user_id=pk,
                code_mark=marks.mark("activation", f"{pk}:{code}"),
                created_at=now,
                expires_at=now + valid_for,
            )
            for pk, code in codes.items()
        )
        throttle.forget(*(_watch(queries.Claim(typed="", user=user)) for user in users))
        subject = f"user:{users[0].public_id}" if len(users) == 1 else "users"
        record(by=by, action="activation_codes_issued", subject=subject, details={"count": len(codes)})
    return {pk: ids.grouped(code, _GROUP) for pk, code in codes.items()}


def check_activation_code(*, claim: queries.Claim, code: str, network: str) -> User:
    """The account whose code this is, without using it; a wrong one counts.

    Raises:
        ActivationRefusedError: no such account; a code wrong, used, expired or killed by five wrong tries.
        TooManyTriesError: five failures on the same claim, or too many from the network.
    """
    return _prove(claim, code=code, network=network).user


def activate(
    *,
    claim: queries.Claim,
    code: str,
    new_password: str,
    email: str,
    link_for: LinkFor,
    network: str,
    agent: str = "",
    device_token: str | None = None,
    opens: User | None = None,
) -> SignInOutcome:
    """Choose the first password with a one-time code; the caller then opens a session.

    `claim` comes from `queries.claim` (access code) or from the app that found the accounts by file number and
    name; that app may let the code open another of them, `opens`. An `email` (may be empty) that is not yet
    the account's must first be confirmed by its reader.

    Raises:
        ActivationRefusedError, TooManyTriesError: as `check_activation_code`; or `opens` has already entered.
        EmailRefusedError: the e-mail is no address.
        PasswordRefusedError: the code is right and unused, the password breaks the rule.
        TooBusyError: no hashing slot came free.
    """
    address = changes.valid_email(email) if email else ""
    live = _prove(claim, code=code, network=network)
    user = opens or live.user
    passwords.accept_new_password(new_password, user=user)
    encoded = make_password(new_password)
    with transaction.atomic():
        _use(live)
        if user != live.user:
            _refuse_if_entered(user)
        credentials.put_password(user=user, encoded=encoded, keep_session_key=None)
        if address and address != user.email:
            changes.ask_confirmation(user=user, email=address, link_for=link_for)
        outcome = admit(user=user, device_token=device_token, agent=agent)
        record(by=actor_of(user, network=network), action="account_activated", subject=f"user:{user.public_id}")
    return outcome


def _prove(claim: queries.Claim, *, code: str, network: str) -> ActivationCode:
    """The live code that was typed, with its user; a wrong try counts on every code of the claim (W4)."""
    spent = throttle.spend(_watch(claim), throttle.Watch(Scope.NETWORK, rules.network_of(network)))
    live = queries.live_activation_codes(claim)
    right = next((one for one in live if _is_code_of(one.user_id, code, mark=one.code_mark)), None)
    if right is None:
        if not live:
            _is_code_of(0, code, mark="")  # nobody costs what somebody costs (W1)
        wrong = ActivationCode.objects.filter(pk__in=[one.pk for one in live] or [0], failures__lt=CODE_TRIES)
        wrong.update(failures=F("failures") + 1)
        raise ActivationRefusedError
    throttle.take_back(spent)
    return right


def _is_code_of(user_id: int, code: str, *, mark: str) -> bool:
    expected = marks.readable_marks("activation", f"{user_id}:{ids.ungrouped(code)}")
    return any(constant_time_compare(mark, one) for one in expected)


def _use(code: ActivationCode) -> None:
    """Spend a code in the caller's transaction: of two simultaneous requests, one gets here first."""
    free = ActivationCode.objects.filter(
        pk=code.pk, used_at__isnull=True, withdrawn_at__isnull=True, failures__lt=CODE_TRIES
    )
    if free.update(used_at=clock.now()) != 1:
        raise ActivationRefusedError


def _refuse_if_entered(relative: User) -> None:
    """One adult's code never replaces the password that another has chosen, even a moment before."""
    now = User.objects.select_for_update().get(pk=relative.pk)
    if now.is_activated or not now.is_active:
        raise ActivationRefusedError


def _watch(claim: queries.Claim) -> throttle.Watch:
    return throttle.Watch(Scope.ACTIVATION, f"user:{claim.user.pk}" if claim.user else claim.typed)
