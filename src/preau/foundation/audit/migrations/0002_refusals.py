from django.db import migrations

from preau.foundation.db import AppendOnly


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]

    operations = [
        AppendOnly("audit_auditevent"),
    ]
