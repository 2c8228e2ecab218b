"""What was told, taken in and handed over is kept: no line deleted, nothing that was evidence changed."""

from django.db import migrations

KEPT = (
    "problemreport", "dissuasionnotice", "evidence", "custody", "operation", "siteentry", "structure", "companycase",
    "tenancy", "premisesreview",
)  # fmt: skip
# Children first.
DEMO = """
    DELETE FROM cases_custody WHERE demo;
    DELETE FROM cases_evidence WHERE demo;
    DELETE FROM cases_dissuasionnotice WHERE demo;
    DELETE FROM cases_problemreport WHERE demo;
    DELETE FROM cases_siteentry WHERE demo;
    DELETE FROM cases_operationitem WHERE operation_id IN (SELECT id FROM cases_operation WHERE demo);
    DELETE FROM cases_operationunit WHERE operation_id IN (SELECT id FROM cases_operation WHERE demo);
    DELETE FROM cases_operation WHERE demo;
    DELETE FROM cases_officer WHERE demo;
    DELETE FROM cases_station_estates WHERE station_id IN (SELECT id FROM cases_station WHERE demo);
    DELETE FROM cases_station WHERE demo;
    DELETE FROM cases_structure WHERE demo;
    DELETE FROM cases_companycase WHERE demo;
    DELETE FROM cases_tenancy WHERE demo;
    DELETE FROM cases_premisesreview WHERE demo;
"""


def _forward() -> str:
    triggers = "\n".join(
        f"CREATE TRIGGER cases_{table}_kept BEFORE DELETE ON cases_{table}"
        " FOR EACH ROW EXECUTE FUNCTION cases_no_delete();"
        for table in KEPT
    )
    names = ", ".join(f"cases_{table}" for table in KEPT)
    return f"""
{triggers}
CREATE TRIGGER cases_evidence_fixed BEFORE UPDATE ON cases_evidence
    FOR EACH ROW EXECUTE FUNCTION cases_entry_is_fixed();

DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'gongzhi_app') THEN
        REVOKE DELETE, TRUNCATE ON {names} FROM gongzhi_app;
    END IF;
END $$;

ALTER FUNCTION cases_remove_demo() RENAME TO cases_remove_demo_before_enforcement;

CREATE FUNCTION cases_remove_demo() RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM set_config('gongzhi.removing_demo', 'on', true);
    {DEMO}
    RETURN cases_remove_demo_before_enforcement();
END $$;
"""  # noqa: S608  (names come from the constants above)


def _backward() -> str:
    triggers = "\n".join(f"DROP TRIGGER cases_{table}_kept ON cases_{table};" for table in KEPT)
    return f"""
DROP FUNCTION cases_remove_demo();
ALTER FUNCTION cases_remove_demo_before_enforcement() RENAME TO cases_remove_demo;
DROP TRIGGER cases_evidence_fixed ON cases_evidence;
{triggers}
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0017_enforcement")]

    operations = [migrations.RunSQL(_forward(), _backward())]
