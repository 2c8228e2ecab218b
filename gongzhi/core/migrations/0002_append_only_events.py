"""The event log can be added to and nothing else: a trigger for everybody, privileges for the application's role.

One way out is left, for demonstration data: their events can be removed by the function below, and only theirs.
"""

from django.db import migrations

FORWARD = """
CREATE FUNCTION core_event_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND OLD.demo AND current_setting('gongzhi.removing_demo', true) = 'on' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'core_event is append-only: % refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER core_event_append_only BEFORE UPDATE OR DELETE ON core_event
    FOR EACH ROW EXECUTE FUNCTION core_event_is_append_only();

CREATE FUNCTION core_remove_demo_events() RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp AS $$
DECLARE removed bigint;
BEGIN
    PERFORM set_config('gongzhi.removing_demo', 'on', true);
    DELETE FROM core_event WHERE demo;
    GET DIAGNOSTICS removed = ROW_COUNT;
    PERFORM set_config('gongzhi.removing_demo', 'off', true);
    RETURN removed;
END $$;

DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'gongzhi_app') THEN
        REVOKE UPDATE, DELETE, TRUNCATE ON core_event FROM gongzhi_app;
    END IF;
END $$;
"""

BACKWARD = """
DROP TRIGGER core_event_append_only ON core_event;
DROP FUNCTION core_event_is_append_only();
DROP FUNCTION core_remove_demo_events();
"""


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
