"""Who may open a page: every view of the portal declares it; an undeclared view stays closed (design 4.10)."""

from collections.abc import Callable
from typing import TypeVar

from django.db.models import Exists, OuterRef
from django.http import HttpResponseBase

from preau.domain.accounts.models import User
from preau.domain.families.models import Guardian, Household
from preau.domain.regies.models import RegieMember
from preau.foundation.audit.actors import Actor
from preau.interfaces.doors import UserRequest, declares
from preau.interfaces.network import address_of

View = TypeVar("View", bound=Callable[..., HttpResponseBase])

PUBLIC, MEMBER, FAMILY = "public", "member", "family"


class MemberRequest(UserRequest):
    """A request by somebody who logged in, whoever they are, for themselves."""

    @property
    def actor(self) -> Actor:
        return Actor(kind="family", key=self.user.public_id, network=address_of(self))


class FamilyRequest(MemberRequest):
    """A request by a guardian, about their own household."""

    guardian: Guardian
    household: Household
    #: Whether the same person also works at the desk.
    is_agent: bool


def take_place(request: FamilyRequest) -> bool:
    """Give the request its guardian and household, once; whether the person has one (every page names it: A05)."""
    if not hasattr(request, "household"):
        posts = RegieMember.objects.filter(user=OuterRef("user"))
        known = Guardian.objects.select_related("household").annotate(is_agent=Exists(posts))
        guardian = known.filter(user=request.user).first()
        if guardian is None:
            return False
        request.guardian, request.household, request.is_agent = guardian, guardian.household, guardian.is_agent
    return True


def is_agent(user: User) -> bool:
    """Whether the desk is open to this person."""
    return RegieMember.objects.filter(user=user).exists()


def public(view: View) -> View:
    """Anybody may open this page."""
    marked: View = declares(PUBLIC)(view)
    return marked


def member(view: View) -> View:
    """Anybody who logged in may open this page (their account, their sessions)."""
    marked: View = declares(MEMBER)(view)
    return marked


def family(view: View) -> View:
    """A guardian may open this page, for their own household."""
    marked: View = declares(FAMILY)(view)
    return marked
