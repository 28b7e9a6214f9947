"""What identity must conserve: every standardised record belongs to exactly one customer."""

from __future__ import annotations

from customer_warehouse.database import Connection
from customer_warehouse.ops.conservation import Balance, balances

READS = ("standardised.customers",)
MAKES = ("identity.customer_records", "identity.customers")
WHAT_TO_DO = "Run standardise and identity of this night again; do not go on with customers that lost records."
RECORDS = """
    select coalesce(given.source, found.source), 'customers', 'rows', coalesce(given.rows, 0), coalesce(found.rows, 0)
    from (select source, count(*) as rows from standardised.customers group by source) as given
    full join (select source, count(*) as rows from identity.customer_records group by source) as found
        on found.source = given.source
    union all
    select '*', 'customers', 'records of customers', (select count(*) from identity.customer_records),
        (select coalesce(sum(records), 0) from identity.customers)
    order by 1, 3
"""


def record_balances(connection: Connection) -> list[Balance]:
    """Records by source, and the records that the customers say they have."""
    return balances(connection, RECORDS, ["identified"])
