from django.db import migrations

from preau.foundation.db import AppendOnly, Balanced, SameOwner


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]

    operations = [
        AppendOnly("ledger_ledgertransaction"),
        AppendOnly("ledger_ledgerentry"),
        Balanced("ledger_ledgertransaction", "ledger_ledgerentry", "transaction_id"),
        SameOwner("ledger_ledgeraccount", "contract_id", "regies_gatewaycontract", "regie_id"),
    ]
