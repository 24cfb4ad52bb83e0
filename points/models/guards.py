"""What foreign keys would say of the two largest tables, asked once per statement.

A foreign key asks once per row, and a sweep over everybody spent half of its time on that. Each
guard also says more than a key could: whose participation, which amount, a rule that was released.
What they point at stays: accounts, transfers and released rules cannot be deleted.
"""

import pgtrigger

ASK = """
IF EXISTS (SELECT FROM arrived WHERE {what}) THEN
    RAISE EXCEPTION USING ERRCODE = 'foreign_key_violation', CONSTRAINT = '{name}',
        TABLE = TG_TABLE_NAME, MESSAGE = 'a row of ' || TG_TABLE_NAME || ' violates {name}';
END IF;
"""
# Sub-selects are looked up row by row: no plan made for one row can be wrong for a million.
ENDS_EXIST = """
(arrived.source_id IS DISTINCT FROM (SELECT id FROM points_account
            WHERE code = 'programme-fund')
        AND (SELECT id FROM points_account WHERE id = arrived.source_id) IS NULL)
    OR (SELECT id FROM points_account WHERE id = arrived.target_id) IS NULL
    OR reversal_of_id IS NOT NULL
        AND (SELECT id FROM points_transfer WHERE id = arrived.reversal_of_id) IS NULL
"""
GROUNDS_EXIST = """
(SELECT participant_id FROM participants_participation WHERE id = arrived.participation_id)
        IS DISTINCT FROM arrived.participant_id
    OR arrived.rule_id <> ALL (ARRAY(SELECT id FROM points_earningrule WHERE status = 'released'))
    OR points > 0 AND (SELECT amount FROM points_transfer WHERE id = arrived.transfer_id)
        IS DISTINCT FROM points
"""

# Whoever uses a lot holds its purse: of two spends at once the second sees the first.
HOLD_PURSES = """
PERFORM FROM points_account WHERE id IN (
    SELECT lot.target_id FROM arrived JOIN points_transfer AS lot ON lot.id = arrived.lot_id
) ORDER BY id FOR NO KEY UPDATE;
"""
OF_ANOTHER_PURSE = """
coalesce((SELECT lot.target_id FROM points_transfer AS lot
        WHERE lot.id = arrived.lot_id AND lot.reversal_of_id IS NULL), 0)
    IS DISTINCT FROM
    (SELECT CASE WHEN arrived.amount > 0 THEN spend.source_id ELSE spend.target_id END
        FROM points_transfer AS spend WHERE spend.id = arrived.transfer_id)
"""
OVERUSED = """
(SELECT sum(used.amount) FROM points_lotuse AS used WHERE used.lot_id = arrived.lot_id)
    NOT BETWEEN 0 AND (SELECT lot.amount FROM points_transfer AS lot
        WHERE lot.id = arrived.lot_id)
"""


def arriving(name: str, what: str) -> pgtrigger.Trigger:
    """Refuse a statement that brings rows of which this is true."""
    return pgtrigger.Trigger(
        name=name,
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        referencing=pgtrigger.Referencing(new="arrived"),
        func=ASK.format(what=what, name=name) + "RETURN NULL;",
    )


def joins_two_accounts() -> pgtrigger.Trigger:
    return arriving("a_transfer_joins_two_accounts", ENDS_EXIST)


def stands_on_its_grounds() -> pgtrigger.Trigger:
    return arriving("an_award_stands_on_its_grounds", GROUNDS_EXIST)


def takes_from_lots() -> pgtrigger.Trigger:
    """Refuse a use of somebody else's lot, and more uses of a lot than it holds."""
    asked = {
        "a_use_is_of_a_lot_of_its_purse": OF_ANOTHER_PURSE,
        "a_lot_gives_no_more_than_it_holds": OVERUSED,
    }
    checks = "".join(ASK.format(what=what, name=name) for name, what in asked.items())
    return pgtrigger.Trigger(
        name="lots_are_not_overused",
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        referencing=pgtrigger.Referencing(new="arrived"),
        func=HOLD_PURSES + checks + "RETURN NULL;",
    )


# Earnings beyond the line up to which everything fits must have been drawn from a till first.
WITHIN_BUDGET = """
SELECT sum(arrived.amount) INTO owed
FROM points_budgetguard AS guard
JOIN points_budget AS budget ON budget.id = guard.budget_id
JOIN arrived ON arrived.business_date BETWEEN budget.first_on AND budget.last_on
WHERE (arrived.id > guard.free_until OR arrived.amount > guard.largest)
    AND arrived.source_id = (SELECT id FROM points_account WHERE code = 'programme-fund')
    AND arrived.reason NOT IN ('adjustment', 'reversal', 'compensation', 'campaign',
        'campaign_budget');
IF owed > 0 THEN
    drawn := coalesce(nullif(current_setting('points.drawn', true), ''), '0')::bigint;
    IF drawn < owed THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME,
            CONSTRAINT = 'awards_stay_within_the_budget',
            MESSAGE = 'awards of ' || owed || ' points with only ' || drawn || ' drawn';
    END IF;
    PERFORM set_config('points.drawn', (drawn - owed)::text, true);
END IF;
RETURN NULL;
"""


def stays_within_the_budget() -> pgtrigger.Trigger:
    return pgtrigger.Trigger(
        name="awards_stay_within_the_budget",
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        referencing=pgtrigger.Referencing(new="arrived"),
        declare=[("owed", "BIGINT"), ("drawn", "BIGINT")],
        func=WITHIN_BUDGET,
    )


def never_deleted() -> pgtrigger.Protect:
    return pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete)


def kept_once_released() -> pgtrigger.Protect:
    """Keep a rule that people may have earned by."""
    return pgtrigger.Protect(
        name="kept_once_released",
        operation=pgtrigger.Delete,
        condition=pgtrigger.Q(old__status="released"),
    )


REFUSE_CLOSED = """
IF NOT EXISTS (SELECT FROM points_operator WHERE id = NEW.operator_id
    AND starts_at <= NEW.claimed_at AND (ends_at IS NULL OR NEW.claimed_at < ends_at)) THEN
    RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'sent_to_an_open_operator',
        TABLE = TG_TABLE_NAME, MESSAGE = 'a payout violates sent_to_an_open_operator';
END IF;
RETURN NEW;
"""


def sent_to_an_open_operator() -> pgtrigger.Trigger:
    """Refuse to send a payout to an operator that is not in force at that moment."""
    return pgtrigger.Trigger(
        name="sent_to_an_open_operator",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.Update,
        condition=pgtrigger.Q(new__status="sending"),
        func=REFUSE_CLOSED,
    )


def keeps_its_operator() -> pgtrigger.Protect:
    """Let only a payout that waits to be sent change hands."""
    return pgtrigger.Protect(
        name="keeps_its_operator",
        operation=pgtrigger.Update,
        condition=pgtrigger.Condition(
            "OLD.operator_id IS DISTINCT FROM NEW.operator_id AND NEW.status <> 'requested'"
        ),
    )
