"""Check sheets are a register too: no line deleted; demonstration data goes with the rest."""

from django.db import migrations

FORWARD = """
CREATE TRIGGER cases_sitecheck_kept BEFORE DELETE ON cases_sitecheck
    FOR EACH ROW EXECUTE FUNCTION cases_no_delete();

DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'gongzhi_app') THEN
        REVOKE DELETE, TRUNCATE ON cases_sitecheck FROM gongzhi_app;
    END IF;
END $$;

ALTER FUNCTION cases_remove_demo() RENAME TO cases_remove_demo_cases;

CREATE FUNCTION cases_remove_demo() RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM set_config('gongzhi.removing_demo', 'on', true);
    DELETE FROM cases_sitecheck WHERE demo;
    RETURN cases_remove_demo_cases();
END $$;
"""

BACKWARD = """
DROP FUNCTION cases_remove_demo();
ALTER FUNCTION cases_remove_demo_cases() RENAME TO cases_remove_demo;
DROP TRIGGER cases_sitecheck_kept ON cases_sitecheck;
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0003_site_checks")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
