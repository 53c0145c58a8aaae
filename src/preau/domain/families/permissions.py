"""Who may make a login for whom."""

from preau.domain.families.models import Guardian


def may_open_login(guardian: Guardian) -> bool:
    """Nobody logs in as this adult yet, and the town did not close their account."""
    return guardian.user is None or (guardian.user.is_active and not guardian.user.is_activated)
