"""Build the schema `warehouse` for a night."""

from __future__ import annotations

from customer_warehouse.database import connect, scalar
from customer_warehouse.night import Night
from customer_warehouse.ops import ledger
from customer_warehouse.ops.conservation import hand_over, hold, taken_over
from customer_warehouse.settings import Settings
from customer_warehouse.warehouse import dbt_runner, touched
from customer_warehouse.warehouse.balance import MAKES, READS, WHAT_TO_DO, event_balances

SELECTION = ["path:seeds", "path:models/staging", "path:models/intermediate", "path:models/marts/core"]
LEFT_TO_THE_TEST_SUITE = ["path:models/intermediate,test_name:key"]
"""The keys of tables that nobody reads: what comes of them is tested each night."""
FACTS = {
    "orders": "fct_orders",
    "order_lines": "fct_order_lines",
    "returns": "fct_returns",
    "cases": "fct_service_cases",
    "payments": "fct_payments",
    "points": "fct_points",
    "coupons": "fct_coupons",
    "carts": "fct_carts",
    "reviews": "fct_reviews",
    "campaign_contacts": "fct_campaign_contacts",
    "marketing_costs": "fct_marketing_spend",
    "leads": "fct_leads",
    "warranties": "fct_warranties",
}
"""Each standard entity of events and the fact that takes all its rows."""
SOURCE_QUALITY = "select source, average_score from warehouse.source_quality order by source"
LINES_WITHOUT_ORDER = "select count(*) from warehouse.int_order_lines_without_order"


def build(settings: Settings, night: Night) -> None:
    """Build and test facts and dimensions from what is standardised and identified now.

    The ledger's step counts the rows of the events: in = out + the order lines whose order is missing; its detail has
    the mean quality score of each source's records of people, 0 to 100. Raises StageError when a model or a test fails.
    """
    with ledger.step(settings.url, night, "warehouse", "dbt build") as step:
        with connect(settings.url) as connection:
            hold(settings.url, night, "warehouse", taken_over(connection, READS), WHAT_TO_DO)
            counts = [scalar(connection, f"select count(*) from standardised.{entity}") for entity in FACTS]
            touched.watch(connection)
            batch = touched.take(connection)
        step.rows_in = sum(counts)
        variables = {"touched_batch": batch, "program": touched.program(settings.dbt_project_dir)}
        dbt_runner.build(settings, night, "warehouse", SELECTION, step, variables, LEFT_TO_THE_TEST_SUITE)
        with connect(settings.url) as connection:
            touched.forget(connection, batch)
            counts = [scalar(connection, f"select count(*) from warehouse.{fact}") for fact in FACTS.values()]
        step.rows_out = sum(counts)
        with connect(settings.url) as connection:
            step.rows_rejected = scalar(connection, LINES_WITHOUT_ORDER)
            hold(settings.url, night, "warehouse", event_balances(connection), WHAT_TO_DO)
            hand_over(connection, night, MAKES)
            scores = connection.execute(SOURCE_QUALITY).fetchall()
        step.detail["source_quality"] = {source: float(round(score, 1)) for source, score in scores}
