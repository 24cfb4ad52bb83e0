from django.db import migrations, models

# A receipt lives in the partition of the Seoul day it arrived on; whole days are let go of later.
PARTITION = """
DO $$
DECLARE
    guard text;
BEGIN
    ALTER TABLE devices_syncreceipt RENAME TO devices_syncreceipt_whole;
    CREATE TABLE devices_syncreceipt (
        LIKE devices_syncreceipt_whole INCLUDING DEFAULTS INCLUDING IDENTITY
    ) PARTITION BY RANGE (received_at);
    CREATE TABLE devices_syncreceipt_rest PARTITION OF devices_syncreceipt DEFAULT;
    FOR guard IN
        SELECT pg_get_triggerdef(oid) FROM pg_trigger
        WHERE tgrelid = 'devices_syncreceipt_whole'::regclass AND NOT tgisinternal
    LOOP
        EXECUTE replace(guard, 'devices_syncreceipt_whole', 'devices_syncreceipt');
    END LOOP;
    INSERT INTO devices_syncreceipt OVERRIDING SYSTEM VALUE SELECT * FROM devices_syncreceipt_whole;
    PERFORM setval(
        pg_get_serial_sequence('devices_syncreceipt', 'id'),
        (SELECT coalesce(max(id), 0) + 1 FROM devices_syncreceipt), false
    );
    DROP TABLE devices_syncreceipt_whole;
END $$;
ALTER TABLE devices_syncreceipt
    ADD PRIMARY KEY (id, received_at),
    ADD CONSTRAINT receipt_of_a_participant FOREIGN KEY (participant_id)
        REFERENCES participants_participant DEFERRABLE INITIALLY DEFERRED;
CREATE INDEX receipts_by_number ON devices_syncreceipt (receipt_no);
CREATE INDEX batches_of_a_person ON devices_syncreceipt (participant_id, batch_id);
CREATE INDEX receipts_of_a_person ON devices_syncreceipt (participant_id, received_at);
"""
# Run by the application, which owns no table: these two are all it may do to the partitions.
OPEN_DAY = """
CREATE FUNCTION devices_open_receipt_day(day date) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET lock_timeout = '3s' AS $$
DECLARE
    name text := format('devices_syncreceipt_%s', to_char(day, 'YYYYMMDD'));
    opens timestamptz := day::timestamp AT TIME ZONE 'Asia/Seoul';
    closes timestamptz := (day + 1)::timestamp AT TIME ZONE 'Asia/Seoul';
BEGIN
    IF to_regclass(name) IS NOT NULL THEN
        RETURN false;
    END IF;
    EXECUTE format(
        'CREATE TABLE %I (LIKE devices_syncreceipt INCLUDING DEFAULTS INCLUDING INDEXES)', name);
    IF EXISTS (SELECT FROM devices_syncreceipt_rest
               WHERE received_at >= opens AND received_at < closes) THEN
        SET CONSTRAINTS ALL IMMEDIATE;
        LOCK TABLE devices_syncreceipt_rest IN ACCESS EXCLUSIVE MODE;
        EXECUTE format('INSERT INTO %I SELECT * FROM devices_syncreceipt_rest
            WHERE received_at >= %L AND received_at < %L', name, opens, closes);
        ALTER TABLE devices_syncreceipt_rest DISABLE TRIGGER USER;
        DELETE FROM devices_syncreceipt_rest WHERE received_at >= opens AND received_at < closes;
        ALTER TABLE devices_syncreceipt_rest ENABLE TRIGGER USER;
        SET CONSTRAINTS ALL DEFERRED;
    END IF;
    EXECUTE format('ALTER TABLE devices_syncreceipt ATTACH PARTITION %I
        FOR VALUES FROM (%L) TO (%L)', name, opens, closes);
    RETURN true;
END $$;
REVOKE ALL ON FUNCTION devices_open_receipt_day(date) FROM PUBLIC;
"""
DROP_DAYS = """
CREATE FUNCTION devices_drop_receipt_days(before date) RETURNS TABLE (day date, receipts bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET lock_timeout = '3s' AS $$
DECLARE
    name text;
BEGIN
    IF before > current_date - 30 THEN
        RAISE EXCEPTION 'receipts of the last 30 days are never dropped';
    END IF;
    SET CONSTRAINTS ALL IMMEDIATE;
    FOR name IN
        SELECT inhrelid::regclass::text FROM pg_inherits
        WHERE inhparent = 'devices_syncreceipt'::regclass
            AND inhrelid::regclass::text ~ '^devices_syncreceipt_[0-9]{8}$'
        ORDER BY 1
    LOOP
        day := to_date(right(name, 8), 'YYYYMMDD');
        CONTINUE WHEN day >= before;
        EXECUTE format('SELECT count(*) FROM %I', name) INTO receipts;
        EXECUTE format('DROP TABLE %I', name);
        RETURN NEXT;
    END LOOP;
    SET CONSTRAINTS ALL DEFERRED;
END $$;
REVOKE ALL ON FUNCTION devices_drop_receipt_days(date) FROM PUBLIC;
"""


class Migration(migrations.Migration):
    dependencies = [("devices", "0001_initial")]
    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(PARTITION, migrations.RunSQL.noop),
                migrations.RunSQL(
                    OPEN_DAY, "DROP FUNCTION IF EXISTS devices_open_receipt_day(date)"
                ),
                migrations.RunSQL(
                    DROP_DAYS, "DROP FUNCTION IF EXISTS devices_drop_receipt_days(date)"
                ),
            ],
            state_operations=[
                migrations.RemoveConstraint("syncreceipt", "one_receipt_per_batch"),
                migrations.AlterField(
                    "syncreceipt",
                    "receipt_no",
                    models.CharField(max_length=24, verbose_name="Receipt number"),
                ),
                migrations.AddIndex(
                    "syncreceipt",
                    models.Index(fields=["receipt_no"], name="receipts_by_number"),
                ),
                migrations.AddIndex(
                    "syncreceipt",
                    models.Index(fields=["participant", "batch_id"], name="batches_of_a_person"),
                ),
            ],
        ),
    ]
