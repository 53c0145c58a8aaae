"""Who may open a page of the desk: every view declares it, and one that does not opens to nobody (design 4.10)."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from django.db.models import Exists, OuterRef
from django.http import HttpResponseBase, QueryDict

from preau.domain.families.models import Guardian
from preau.domain.regies.models import Regie, RegieMember
from preau.foundation.audit.actors import Actor
from preau.interfaces.doors import UserRequest, declares
from preau.interfaces.network import address_of

View = TypeVar("View", bound=Callable[..., HttpResponseBase])

AGENT = "agent"


class AgentRequest(UserRequest):
    """A request by somebody who holds a post in a régie at least; every object is sought within `regie_ids`."""

    posts: Sequence[RegieMember]
    #: Whether the same person also has a family here.
    is_guardian: bool

    @property
    def regies(self) -> list[Regie]:
        return [post.regie for post in self.posts]

    @property
    def regie_ids(self) -> list[int]:
        return [post.regie_id for post in self.posts]

    @property
    def actor(self) -> Actor:
        return Actor(kind="agent", key=self.user.public_id, network=address_of(self))


def take_posts(request: AgentRequest) -> bool:
    """Give the request the posts of its person, in the order of the régies; whether there is one."""
    family = Guardian.objects.filter(user=OuterRef("user"))
    posts = RegieMember.objects.filter(user=request.user).select_related("regie").annotate(is_guardian=Exists(family))
    held = list(posts.order_by("regie__position", "regie__label"))
    request.posts, request.is_guardian = held, any(post.is_guardian for post in held)
    return bool(held)


def agent(view: View) -> View:
    """Whoever holds a post may open this page, for their own régies."""
    marked: View = declares(AGENT)(view)
    return marked


def posted(request: AgentRequest) -> QueryDict | None:
    """What a form sent, even nothing; None when it is only looked at."""
    return request.POST if request.method == "POST" else None
