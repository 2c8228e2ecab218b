"""Inspections, tasks, talks and clues are registers too: no line deleted; what was done about a task is not rewritten."""

from django.db import migrations

KEPT = (
    "inspection",
    "finding",
    "plan",
    "worktask",
    "worktaskentry",
    "sheet",
    "shirking",
    "talk",
    "referral",
    "clue",
    "censurereview",
    "majorconflict",
)
# Children first; the sheets' rows name tasks.
DEMO = """
    DELETE FROM cases_sheetitem WHERE sheet_id IN (SELECT id FROM cases_sheet WHERE demo);
    DELETE FROM cases_sheetsignature WHERE sheet_id IN (SELECT id FROM cases_sheet WHERE demo);
    DELETE FROM cases_sheet WHERE demo;
    DELETE FROM cases_worktaskentry WHERE demo;
    DELETE FROM cases_worktask WHERE demo;
    DELETE FROM cases_plan WHERE demo;
    DELETE FROM cases_finding WHERE demo;
    DELETE FROM cases_inspectedestate WHERE inspection_id IN (SELECT id FROM cases_inspection WHERE demo);
    DELETE FROM cases_inspection WHERE demo;
    DELETE FROM cases_referral WHERE demo;
    DELETE FROM cases_talk WHERE demo;
    DELETE FROM cases_shirking WHERE demo;
    DELETE FROM cases_clue WHERE demo;
    DELETE FROM cases_majorconflict WHERE demo;
    DELETE FROM cases_censurereview WHERE demo;
    DELETE FROM cases_noticeboard WHERE demo;
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
CREATE TRIGGER cases_worktaskentry_fixed BEFORE UPDATE ON cases_worktaskentry
    FOR EACH ROW EXECUTE FUNCTION cases_entry_is_fixed();

DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'gongzhi_app') THEN
        REVOKE DELETE, TRUNCATE ON {names} FROM gongzhi_app;
    END IF;
END $$;

ALTER FUNCTION cases_remove_demo() RENAME TO cases_remove_demo_checks;

CREATE FUNCTION cases_remove_demo() RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM set_config('gongzhi.removing_demo', 'on', true);
    {DEMO}
    RETURN cases_remove_demo_checks();
END $$;
"""  # noqa: S608  (names come from the constants above)


def _backward() -> str:
    triggers = "\n".join(f"DROP TRIGGER cases_{table}_kept ON cases_{table};" for table in KEPT)
    return f"""
DROP FUNCTION cases_remove_demo();
ALTER FUNCTION cases_remove_demo_checks() RENAME TO cases_remove_demo;
DROP TRIGGER cases_worktaskentry_fixed ON cases_worktaskentry;
{triggers}
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0005_accountability")]

    operations = [migrations.RunSQL(_forward(), _backward())]
