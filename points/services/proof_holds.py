"""What the proof asks of holds and claw-backs: no award past a hold, no hold without grounds."""

# Each counts what must not exist.
GAPS = {
    "awards_on_held_days": """
        SELECT count(*) FROM points_hold AS hold
        JOIN points_award AS award ON award.participant_id = hold.participant_id
            AND award.item = 'walking_day'
            AND award.period BETWEEN hold.first_day AND hold.last_day
        WHERE award.judged_at > coalesce(
                (hold.evidence -> award.period::text ->> 'held_at')::timestamptz, hold.raised_at)
            AND (hold.ended_at IS NULL OR award.judged_at < hold.ended_at)""",
    "holds_without_grounds": """
        SELECT count(*) FROM points_hold AS hold
        LEFT JOIN participants_participation AS taken ON taken.id = hold.participation_id
            AND taken.participant_id = hold.participant_id
        WHERE hold.status IN ('open', 'confirmed') AND (
            taken.id IS NULL OR hold.evidence = '{}'
            OR hold.status = 'confirmed' AND (hold.decided_by_id IS NULL OR hold.reason = '')
            OR hold.raised_by_id IS NULL AND EXISTS (
                SELECT FROM generate_series(hold.first_day, hold.last_day, interval '1 day') AS day
                WHERE NOT hold.evidence ? to_char(day, 'YYYY-MM-DD')))""",
    "clawbacks_not_booked_as_decided": """
        SELECT count(*) FROM points_awardreview AS review
        JOIN points_award AS award ON award.id = review.award_id
        LEFT JOIN points_clawback AS clawback ON clawback.id = review.clawback_id
        LEFT JOIN points_transfer AS transfer ON transfer.id = review.transfer_id
        LEFT JOIN points_account AS purse ON purse.id = transfer.source_id
        WHERE (review.taken > 0) <> (transfer.id IS NOT NULL)
            OR review.taken > 0 AND (clawback.status <> 'taken' OR clawback.decided_by_id IS NULL
                OR transfer.amount <> review.taken OR transfer.reason <> 'clawback'
                OR transfer.reversal_of_id IS DISTINCT FROM award.transfer_id
                OR purse.participant_id IS DISTINCT FROM review.participant_id)""",
    "clawbacks_that_do_not_add_up": """
        SELECT count(*) FROM points_clawback AS clawback WHERE clawback.status = 'taken'
            AND (clawback.amount <> clawback.taken + clawback.outstanding OR clawback.taken <> (
                SELECT coalesce(sum(taken), 0) FROM points_awardreview
                WHERE clawback_id = clawback.id))""",
    "transfers_without_their_clawback": """
        SELECT count(*) FROM points_transfer AS transfer WHERE transfer.reason = 'clawback'
            AND NOT EXISTS (SELECT FROM points_awardreview WHERE transfer_id = transfer.id)""",
}
COUNTS = {
    "holds": "SELECT count(*) FROM points_hold WHERE status IN ('open', 'confirmed')",
    "clawed_back": "SELECT coalesce(sum(taken), 0)::bigint FROM points_clawback",
}
