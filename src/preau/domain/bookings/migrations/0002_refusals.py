from django.db import migrations

from preau.foundation.db import AppendOnly, FrozenColumns, SameOwner


class Migration(migrations.Migration):
    dependencies = [("bookings", "0001_initial")]

    operations = [
        AppendOnly("bookings_enrolmentevent"),
        AppendOnly("bookings_bookingevent"),
        AppendOnly("bookings_orderevent"),
        AppendOnly("bookings_orderline"),
        FrozenColumns(
            "bookings_booking",
            [
                "public_id",
                "enrolment_id",
                "child_id",
                "household_id",
                "activity_id",
                "group_id",
                "unit_id",
                "day",
                "starts_minute",
                "ends_minute",
                "is_late",
                "price_cents",
                "tariff_version_id",
                "price_reasons",
                "derogation",
                "created_at",
            ],
        ),
        SameOwner("bookings_booking", "enrolment_id", "bookings_enrolment", "child_id"),
        SameOwner("bookings_booking", "enrolment_id", "bookings_enrolment", "household_id"),
        SameOwner("bookings_booking", "enrolment_id", "bookings_enrolment", "activity_id"),
        SameOwner("bookings_booking", "unit_id", "activities_unit", "activity_id"),
        FrozenColumns(
            "bookings_bookingorder",
            [
                "public_id",
                "form_key",
                "household_id",
                "user_id",
                "regie_id",
                "payment_mode",
                "total_cents",
                "created_at",
            ],
        ),
    ]
