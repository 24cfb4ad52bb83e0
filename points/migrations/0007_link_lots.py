"""Tie every earlier debit and return of a purse to its lots, in the order they were posted."""

from django.db import migrations

LINK = """
DO $$ DECLARE moved record; BEGIN
FOR moved IN
    SELECT transfer.*, origin.kind = 'purse' AS takes,
        goal.kind = 'purse' AND transfer.reversal_of_id IS NOT NULL AS gives_back
    FROM points_transfer AS transfer
    JOIN points_account AS origin ON origin.id = transfer.source_id
    JOIN points_account AS goal ON goal.id = transfer.target_id
    WHERE origin.kind = 'purse' OR transfer.reversal_of_id IS NOT NULL
    ORDER BY transfer.id
LOOP
    IF moved.takes THEN
        INSERT INTO points_lotuse (transfer_id, lot_id, amount)
        SELECT moved.id, queue.id, least(queue.remaining, moved.amount - queue.earlier) FROM (
            SELECT lots.id, lots.remaining, sum(lots.remaining) OVER (
                ORDER BY own DESC, posted_before DESC, business_date, lots.id
            )::bigint - lots.remaining AS earlier
            FROM (
                SELECT lot.id, lot.business_date, lot.id < moved.id AS posted_before,
                    lot.id = moved.reversal_of_id OR EXISTS (
                        SELECT FROM points_lotuse AS returned
                        WHERE returned.transfer_id = moved.reversal_of_id
                            AND returned.lot_id = lot.id AND returned.amount < 0
                    ) AS own,
                    lot.amount - coalesce((SELECT sum(used.amount) FROM points_lotuse AS used
                        WHERE used.lot_id = lot.id), 0)::bigint AS remaining
                FROM points_transfer AS lot
                WHERE lot.target_id = moved.source_id AND lot.reversal_of_id IS NULL
            ) AS lots
            WHERE lots.remaining > 0
        ) AS queue
        WHERE queue.earlier < moved.amount;
    END IF;
    IF moved.gives_back THEN
        INSERT INTO points_lotuse (transfer_id, lot_id, amount)
        SELECT moved.id, lot_id, -amount FROM points_lotuse
        WHERE transfer_id = moved.reversal_of_id AND amount > 0;
    END IF;
END LOOP;
END $$
"""


class Migration(migrations.Migration):
    dependencies = [("points", "0006_lot_uses")]

    operations = [migrations.RunSQL(LINK, migrations.RunSQL.noop)]
