"""The agents of the demo town: two people of the same régies, so that a case can be closed by both."""

from preau.domain.accounts.models import User
from preau.domain.regies.models import Regie, RegieMember
from preau.interfaces.jobs.demo.town import PASSWORD

_AGENTS = (
    (RegieMember.Post.REGISSEUR, "Nadège Vandenbroucke", "nadege.vandenbroucke@saint-eloi.example"),
    (RegieMember.Post.MANDATAIRE, "Omar Lefebvre", "omar.lefebvre@saint-eloi.example"),
)


def hire_agents() -> None:
    """Their logins, and their posts in every régie there is; again changes nothing."""
    for post, name, email in _AGENTS:
        known = User.objects.filter(email=email).first()
        user = known or User.objects.create_user(display_name=name, email=email, password=PASSWORD)
        posts = [RegieMember(regie=regie, user=user, post=post) for regie in Regie.objects.all()]
        RegieMember.objects.bulk_create(posts, ignore_conflicts=True)


def agent_logins() -> list[dict[str, str]]:
    """What the demo's card says of them."""
    return [
        {"role": "agent", "login": email, "password": PASSWORD, "note": f"bureau des agents : {post.label}, {name}"}
        for post, name, email in _AGENTS
    ]
