"""The timeline is append-only by the database itself: UPDATE, DELETE and TRUNCATE are refused."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION casework_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Transactional tests empty all tables; their connection says so. Rows are never changed or deleted singly.
    IF TG_OP = 'TRUNCATE' AND current_setting('weige.allow_truncate', true) = 'on' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'casework_caseevent is append-only' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER casework_event_append_only BEFORE UPDATE OR DELETE ON casework_caseevent
    FOR EACH ROW EXECUTE FUNCTION casework_refuse_change();
CREATE TRIGGER casework_event_no_truncate BEFORE TRUNCATE ON casework_caseevent
    FOR EACH STATEMENT EXECUTE FUNCTION casework_refuse_change();
"""
BACKWARD = """
DROP TRIGGER casework_event_no_truncate ON casework_caseevent;
DROP TRIGGER casework_event_append_only ON casework_caseevent;
DROP FUNCTION casework_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("casework", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
