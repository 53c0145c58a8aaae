from collections.abc import Iterable
from datetime import timedelta

from preau.foundation import clock
from preau.foundation.invariants import invariant
from preau.foundation.mail.models import OutgoingMail

_IDLE = timedelta(minutes=15)


@invariant("I26", "Aucun courriel n’attend plus de 15 minutes sans être signalé")
def no_mail_is_forgotten() -> Iterable[str]:
    late = OutgoingMail.objects.filter(
        status=OutgoingMail.Status.WAITING,
        next_attempt_at__lt=clock.now() - _IDLE,
    )
    return (f"courriel {mail.public_id} ({mail.kind}) en retard" for mail in late)
