"""The part of the proof about campaigns and activities: a fact, an award and a transfer, each."""

ACTIVITY_ITEMS = """('goal_setting', 'survey', 'attendance', 'home_training', 'meditation',
    'fitness_visit', 'fitness_grade')"""

# Each counts what must not exist.
GAPS = {
    "activities_without_their_event": f"""
        SELECT count(*) FROM points_award AS award WHERE award.item IN {ACTIVITY_ITEMS}
            AND NOT EXISTS (SELECT FROM points_partnerevent AS event
                WHERE event.participant_id = award.participant_id
                    AND event.activity_date = award.period AND event.item = award.item
                    AND event.kind = 'activity' AND event.outcome = 'accepted')""",  # noqa: S608 — our own text
    "events_without_their_award": """
        SELECT count(*) FROM points_partnerevent AS event
        WHERE event.kind = 'activity' AND event.outcome = 'accepted'
            AND NOT EXISTS (SELECT FROM points_award AS award
                WHERE award.participant_id = event.participant_id
                    AND award.period = event.activity_date AND award.item = event.item
                    AND award.points = event.points)
            AND NOT EXISTS (SELECT FROM points_unfunded AS waits
                WHERE waits.participant_id = event.participant_id
                    AND waits.period = event.activity_date AND waits.item = event.item)""",
    "transfers_without_their_activity": f"""
        SELECT count(*) FROM points_transfer AS transfer
        WHERE transfer.reason IN {ACTIVITY_ITEMS}
            AND NOT EXISTS (SELECT FROM points_award WHERE transfer_id = transfer.id)""",  # noqa: S608
    "places_without_their_transfer": """
        SELECT count(*) FROM points_campaignplace AS place
        JOIN points_campaign AS campaign ON campaign.id = place.campaign_id
        LEFT JOIN points_transfer AS transfer ON transfer.id = place.transfer_id
        LEFT JOIN points_account AS purse ON purse.id = transfer.target_id
        LEFT JOIN points_account AS pot ON pot.id = transfer.source_id
        WHERE place.participant_id IS NOT NULL AND (transfer.id IS NULL
            OR transfer.amount <> campaign.points OR transfer.reason <> 'campaign'
            OR transfer.key <> 'campaign:' || campaign.code || ':' || place.participant_id
            OR pot.code <> 'campaigns'
            OR purse.participant_id IS DISTINCT FROM place.participant_id)""",
    "transfers_without_their_place": """
        SELECT count(*) FROM points_transfer AS transfer WHERE transfer.reason = 'campaign'
            AND NOT EXISTS (SELECT FROM points_campaignplace WHERE transfer_id = transfer.id)""",
    "places_beyond_the_last": """
        SELECT count(*) FROM points_campaign AS campaign WHERE (SELECT count(*)
                FROM points_campaignplace AS place WHERE place.campaign_id = campaign.id
                    AND place.participant_id IS NOT NULL)
            > least(coalesce(campaign.places, 1000000),
                coalesce(campaign.budget / campaign.points, 1000000))""",
    # A day that was put on hold after its place was given still is the day it was.
    "places_without_their_fact": """
        SELECT count(*) FROM points_campaignplace AS place
        JOIN points_campaign AS campaign ON campaign.id = place.campaign_id
        WHERE place.participant_id IS NOT NULL AND NOT (
            place.earned_on BETWEEN campaign.starts_on AND campaign.ends_on
            AND CASE campaign.kind
                WHEN 'steps' THEN (SELECT coalesce(sum(hour.steps), 0) FROM (
                        SELECT max(told.steps) AS steps FROM devices_daysteps AS one,
                            unnest(one.hours) WITH ORDINALITY AS told (steps, hour)
                        WHERE one.participant_id = place.participant_id
                            AND one.activity_date = place.earned_on
                        GROUP BY told.hour) AS hour) >= campaign.steps
                WHEN 'goal_days' THEN (SELECT count(*) FROM points_award AS award
                        WHERE award.participant_id = place.participant_id
                            AND award.item = 'walking_day' AND award.period
                                BETWEEN campaign.starts_on AND campaign.ends_on)
                    >= campaign.days
                ELSE EXISTS (SELECT FROM points_award AS award
                        WHERE award.participant_id = place.participant_id
                            AND award.item = campaign.item
                            AND award.period = place.earned_on)
                END)""",
    # Of a running campaign what its free places cost is set aside, of a closed one nothing.
    "campaign_money_astray": """
        SELECT abs(coalesce((SELECT sum(campaign.points) FROM points_campaignplace AS place
                JOIN points_campaign AS campaign ON campaign.id = place.campaign_id
                WHERE place.participant_id IS NULL), 0)
            - coalesce((SELECT sum(amount) FROM points_transfer WHERE target_id = pot.id), 0)
            + coalesce((SELECT sum(amount) FROM points_transfer WHERE source_id = pot.id), 0))
        FROM points_account AS pot WHERE pot.code = 'campaigns'""",
}
COUNTS = {
    "partner_events": "SELECT count(*) FROM points_partnerevent",
    "campaign_places_taken": """
        SELECT count(*) FROM points_campaignplace WHERE participant_id IS NOT NULL""",
}
