"""What the proof asks of budgets: nothing above a ceiling, and tills that hold what is left."""

from psycopg import sql

# A day or a week that waits for a budget has its recorded reason.
WAITS = sql.SQL("""
    SELECT FROM points_unfunded AS waits WHERE waits.participant_id = {person}
        AND waits.item = {item} AND waits.period = {period}
""")
SPENT = """
SELECT coalesce(sum(amount), 0) FROM points_transfer
WHERE business_date BETWEEN budget.first_on AND budget.last_on
    AND source_id = (SELECT id FROM points_account WHERE code = 'programme-fund')
    AND reason NOT IN ('adjustment', 'reversal', 'compensation', 'campaign', 'campaign_budget')
"""
# Each counts what must not exist.
GAPS = {
    "budgets_overspent": f"""
        SELECT count(*) FROM points_budget AS budget
        WHERE budget.status = 'released' AND budget.ceiling < ({SPENT})""",  # noqa: S608 — our own text
    "tills_that_do_not_add_up": f"""
        SELECT count(*) FROM points_budgetguard AS guard
        JOIN points_budget AS budget ON budget.id = guard.budget_id
        WHERE guard.mode = 'drawing' AND budget.ceiling - ({SPENT}) <> (
            SELECT coalesce(sum("left"), 0) FROM points_budgettill
            WHERE budget_id = budget.id)""",  # noqa: S608 — our own text
}
COUNTS = {
    "awards_waiting_for_a_budget": """
        SELECT count(*) FROM points_unfunded AS waits WHERE NOT EXISTS (
            SELECT FROM points_award AS award WHERE award.participant_id = waits.participant_id
                AND award.item = waits.item AND award.period = waits.period)""",
}


def waits(*, person: str, item: str, period: str) -> sql.Composed:
    """Write the look-up of a wait for these expressions of a query."""
    return WAITS.format(person=sql.SQL(person), item=sql.Literal(item), period=sql.SQL(period))
