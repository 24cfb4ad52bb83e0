"""The part of the proof about lots: whatever left a purse came out of lots, none used twice."""

# Each counts what must not exist.
GAPS = {
    "debits_not_taken_from_lots": """
        SELECT count(*) FROM points_transfer AS transfer
        LEFT JOIN (SELECT transfer_id, sum(amount) FILTER (WHERE amount > 0) AS taken
            FROM points_lotuse GROUP BY transfer_id) AS used ON used.transfer_id = transfer.id
        WHERE transfer.source_id <> ALL (ARRAY(
                SELECT id FROM points_account WHERE kind = 'pot'))
            AND coalesce(used.taken, 0) <> transfer.amount""",
    "returns_not_given_back_to_lots": """
        SELECT count(*) FROM points_transfer AS transfer
        JOIN points_account AS purse ON purse.id = transfer.target_id AND purse.kind = 'purse'
        WHERE transfer.reversal_of_id IS NOT NULL AND EXISTS (
            SELECT lot_id, amount FROM points_lotuse
                WHERE transfer_id = transfer.reversal_of_id AND amount > 0
            EXCEPT SELECT lot_id, -amount FROM points_lotuse
                WHERE transfer_id = transfer.id AND amount < 0)""",
    "uses_of_no_lot_of_the_purse": """
        SELECT count(*) FROM points_lotuse AS used
        LEFT JOIN points_transfer AS lot
            ON lot.id = used.lot_id AND lot.reversal_of_id IS NULL
        LEFT JOIN points_transfer AS transfer ON transfer.id = used.transfer_id
        WHERE lot.target_id IS NULL OR lot.target_id IS DISTINCT FROM
            CASE WHEN used.amount > 0 THEN transfer.source_id ELSE transfer.target_id END""",
    "lots_used_beyond_what_they_hold": """
        SELECT count(*) FROM (SELECT lot_id, sum(amount) AS taken
            FROM points_lotuse GROUP BY lot_id) AS used
        JOIN points_transfer AS lot ON lot.id = used.lot_id
        WHERE used.taken NOT BETWEEN 0 AND lot.amount""",
    "purses_that_differ_from_their_lots": """
        SELECT count(*) FROM points_account AS purse
        LEFT JOIN (SELECT target_id, sum(amount) AS held FROM points_transfer
            WHERE reversal_of_id IS NULL GROUP BY target_id) AS earned
            ON earned.target_id = purse.id
        LEFT JOIN (SELECT lot.target_id, sum(used.amount) AS taken FROM points_lotuse AS used
            JOIN points_transfer AS lot ON lot.id = used.lot_id GROUP BY lot.target_id) AS spent
            ON spent.target_id = purse.id
        WHERE purse.kind = 'purse'
            AND purse.balance <> coalesce(earned.held, 0) - coalesce(spent.taken, 0)""",
}
COUNTS = {"lot_uses": "SELECT count(*) FROM points_lotuse"}
