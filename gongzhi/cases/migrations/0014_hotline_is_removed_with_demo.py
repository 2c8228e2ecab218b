"""Demonstration tickets go with the rest of the demonstration, before the complaints they point at."""

from django.db import migrations

FORWARD = """
ALTER FUNCTION cases_remove_demo() RENAME TO cases_remove_demo_before_hotline;

CREATE FUNCTION cases_remove_demo() RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM set_config('gongzhi.removing_demo', 'on', true);
    DELETE FROM cases_hotlineticket WHERE demo;
    DELETE FROM cases_hotlinerun WHERE demo;
    DELETE FROM cases_hotlinesource WHERE demo;
    RETURN cases_remove_demo_before_hotline();
END $$;
"""

BACKWARD = """
DROP FUNCTION cases_remove_demo();
ALTER FUNCTION cases_remove_demo_before_hotline() RENAME TO cases_remove_demo;
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0013_hotline")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
