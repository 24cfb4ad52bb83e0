"""No watch is lent again or thrown away before its proofs are written down, whoever writes."""

import pgtrigger

CLEAN = "a_wipe_is_on_record_before_a_watch_leaves"
BY_TWO = "a_watch_is_disposed_of_in_a_batch"
IN_HOUSE = ["awaiting_inspection", "in_repair", "quarantined"]


def refuse(name: str) -> str:
    return f"""
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = '{name}',
            MESSAGE = '{name}: ' || NEW.serial;
    """


def leaves_us_clean() -> pgtrigger.Trigger:
    """Ask for a wipe recorded since the last loan came back."""
    return pgtrigger.Trigger(
        name=CLEAN,
        when=pgtrigger.Before,
        operation=pgtrigger.UpdateOf("status"),
        condition=pgtrigger.Q(old__status__in=IN_HOUSE, new__status__in=["in_stock", "disposed"]),
        func=f"""
            IF EXISTS (
                SELECT 1 FROM devices_loan loan
                WHERE loan.device_id = NEW.id AND loan.returned_at IS NOT NULL
                AND NOT EXISTS (
                    SELECT 1 FROM devices_datawipe wipe
                    WHERE wipe.device_id = NEW.id AND wipe.loan_id >= loan.id
                )
            ) THEN {refuse(CLEAN)} END IF;
            RETURN NEW;
        """,  # noqa: S608 - names of constraints
    )


def leaves_by_two() -> pgtrigger.Trigger:
    """Ask for a disposal that two people decided; a citizen who keeps a watch is another way."""
    return pgtrigger.Trigger(
        name=BY_TWO,
        when=pgtrigger.Before,
        operation=pgtrigger.UpdateOf("status"),
        condition=pgtrigger.Q(old__status__in=[*IN_HOUSE, "in_stock"], new__status="disposed"),
        func=f"""
            IF NOT EXISTS (
                SELECT 1 FROM devices_disposalunit unit
                JOIN devices_disposalbatch batch ON batch.id = unit.batch_id
                WHERE unit.device_id = NEW.id AND unit.is_live AND batch.status = 'done'
            ) THEN {refuse(BY_TWO)} END IF;
            RETURN NEW;
        """,  # noqa: S608 - names of constraints
    )
