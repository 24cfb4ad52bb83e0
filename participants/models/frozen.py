"""What citizens were told stays as it was told: kept by the database, whoever writes.

Every trigger raises a check violation named `what_was_announced_stays`. The ways left open are
a later end of a window and a later version of the rules, each behind a change that two people
decided, and the name of the lane that takes over the waiting list, which may not exist yet.
"""

import pgtrigger

STAYS = "what_was_announced_stays"
WRITTEN = pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete

REFUSE = f"""
    RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = '{STAYS}',
        MESSAGE = '{STAYS}: ' || TG_TABLE_NAME || ' belongs to a round that was announced';
"""
GIVE_BACK = "RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;"
# The lock waits for an announcement that is just being made.
ROUNDS_OF_LANE = """
    SELECT status FROM participants_recruitmentround
    WHERE id IN (OLD.round_id, NEW.round_id) FOR SHARE
"""
ROUNDS_OF_QUOTA = """
    SELECT status FROM participants_recruitmentround WHERE id IN (
        SELECT round_id FROM participants_lane WHERE id IN (OLD.lane_id, NEW.lane_id)
    ) FOR SHARE
"""


def stays(found: str, allowed: str) -> pgtrigger.Trigger:
    """Refuse a write to a part of a round that is no draft, but for what is allowed."""
    return pgtrigger.Trigger(
        name="what_was_announced_stays",
        when=pgtrigger.Before,
        operation=WRITTEN,
        declare=[("known", "text")],
        func=f"""
            FOR known IN {found} LOOP
                IF known <> 'draft' AND NOT ({allowed}) THEN {REFUSE} END IF;
            END LOOP;
            {GIVE_BACK}
        """,
    )


def later_end(lane: str) -> str:
    """Allow an end to move back when a decided change says exactly this."""
    decided = "closes_at = NEW.closes_at AND status = 'applied'"
    change = f"SELECT 1 FROM participants_roundchange WHERE lane_id = {lane} AND {decided}"  # noqa: S608 - names of columns
    later = f"NEW.closes_at > OLD.closes_at AND EXISTS ({change})"
    return f"(NEW.closes_at = OLD.closes_at OR ({later}))"


def lane_stays() -> pgtrigger.Trigger:
    allowed = f"""TG_OP = 'UPDATE'
        AND to_jsonb(NEW) - 'closes_at' - 'carries_over_to_id'
            = to_jsonb(OLD) - 'closes_at' - 'carries_over_to_id'
        AND COALESCE(OLD.carries_over_to_id, NEW.carries_over_to_id, 0)
            = COALESCE(NEW.carries_over_to_id, 0)
        AND {later_end("NEW.id")}"""
    return stays(ROUNDS_OF_LANE, allowed)


def quota_stays() -> pgtrigger.Trigger:
    allowed = f"""TG_OP = 'UPDATE'
        AND to_jsonb(NEW) - 'closes_at' = to_jsonb(OLD) - 'closes_at'
        AND COALESCE({later_end("NEW.lane_id")}, NEW.closes_at IS NULL AND OLD.closes_at IS NULL)"""
    return stays(ROUNDS_OF_QUOTA, allowed)


def rule_stays() -> pgtrigger.Trigger:
    """Let in proposals that start later than every rule, and let a decided change decide them."""
    allowed = """(TG_OP = 'INSERT' AND NEW.status = 'proposed' AND NEW.effective_from > ALL (
            SELECT effective_from FROM participants_eligibilityrule
            WHERE round_id = NEW.round_id AND status = 'released'))
        OR (TG_OP = 'UPDATE' AND OLD.status = 'proposed'
            AND to_jsonb(NEW) - 'status' = to_jsonb(OLD) - 'status'
            AND EXISTS (SELECT 1 FROM participants_roundchange AS change
                WHERE change.rule_id = NEW.id AND change.status = CASE NEW.status
                    WHEN 'released' THEN 'applied' ELSE NEW.status END))"""
    return stays(ROUNDS_OF_LANE, allowed)


def round_stays() -> pgtrigger.Trigger:
    told = ("code", "name", "starts_on", "ends_on", "follows_id")
    before, after = (", ".join(f"{row}.{name}" for name in told) for row in ("OLD", "NEW"))
    return pgtrigger.Trigger(
        name="what_was_announced_stays",
        when=pgtrigger.Before,
        operation=pgtrigger.Update | pgtrigger.Delete,
        func=f"""
            IF OLD.status <> 'draft' AND (TG_OP = 'DELETE' OR NEW.status = 'draft'
                OR ({before}) IS DISTINCT FROM ({after})) THEN {REFUSE} END IF;
            {GIVE_BACK}
        """,
    )


def change_stays() -> pgtrigger.Trigger:
    """Keep a proposal as it was made; only its decision is still to come, once."""
    return pgtrigger.Trigger(
        name="a_proposal_stays",
        when=pgtrigger.Before,
        operation=pgtrigger.Update | pgtrigger.Delete,
        func=f"""
            IF TG_OP = 'DELETE' OR OLD.status <> 'proposed'
                OR to_jsonb(NEW) - '{{status,decided_by_id,decided_at}}'::text[]
                    <> to_jsonb(OLD) - '{{status,decided_by_id,decided_at}}'::text[]
            THEN {REFUSE} END IF;
            {GIVE_BACK}
        """,
    )
