from django.db import migrations

from preau.foundation.db import FrozenColumns, Lifted

_TABLE = "bookings_bookingorder"
_FROZEN = ["public_id", "form_key", "household_id", "regie_id", "payment_mode", "total_cents", "created_at"]


class Migration(migrations.Migration):
    """An offered place has no user until somebody takes it."""

    dependencies = [("bookings", "0004_cancelled_orders")]

    operations = [
        Lifted(FrozenColumns(_TABLE, [*_FROZEN, "user_id"])),
        FrozenColumns(_TABLE, _FROZEN, once_known=("user_id",)),
    ]
