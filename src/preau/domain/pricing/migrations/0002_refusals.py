from django.db import migrations

from preau.foundation.db import KeptWith, WrittenOnce


class Migration(migrations.Migration):
    dependencies = [("pricing", "0001_initial")]

    operations = [
        WrittenOnce("pricing_tariffversion"),
        WrittenOnce("pricing_priceline"),
        KeptWith("pricing_priceline", "version_id", "pricing_tariffversion"),
    ]
