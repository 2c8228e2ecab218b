"""What was said in a dispute is kept as the register is: no line deleted, none added to an archived case."""

from django.db import migrations

TABLES = ("mediation", "courtaction", "weighing")
FIXED = ("mediation", "weighing")

FORWARD = "\n".join(
    [
        *(
            f"CREATE TRIGGER cases_{table}_kept BEFORE DELETE ON cases_{table}"
            " FOR EACH ROW EXECUTE FUNCTION cases_no_delete();\n"
            f"CREATE TRIGGER cases_{table}_shut BEFORE INSERT OR UPDATE ON cases_{table}"
            " FOR EACH ROW EXECUTE FUNCTION cases_archived_takes_nothing();"
            for table in TABLES
        ),
        *(
            f"CREATE TRIGGER cases_{table}_fixed BEFORE UPDATE ON cases_{table}"
            " FOR EACH ROW EXECUTE FUNCTION cases_entry_is_fixed();"
            for table in FIXED
        ),
        """
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'gongzhi_app') THEN
        REVOKE DELETE, TRUNCATE ON cases_mediation, cases_courtaction, cases_weighing FROM gongzhi_app;
    END IF;
END $$;

ALTER FUNCTION cases_remove_demo() RENAME TO cases_remove_demo_but_disputes;

CREATE FUNCTION cases_remove_demo() RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM set_config('gongzhi.removing_demo', 'on', true);
    DELETE FROM cases_mediation WHERE demo;
    DELETE FROM cases_courtaction WHERE demo;
    DELETE FROM cases_weighing WHERE demo;
    RETURN cases_remove_demo_but_disputes();
END $$;
""",
    ]
)
BACKWARD = "\n".join(
    [
        "DROP FUNCTION cases_remove_demo();",
        "ALTER FUNCTION cases_remove_demo_but_disputes() RENAME TO cases_remove_demo;",
        *(f"DROP TRIGGER cases_{table}_fixed ON cases_{table};" for table in FIXED),
        *(f"DROP TRIGGER cases_{table}_shut ON cases_{table};" for table in TABLES),
        *(f"DROP TRIGGER cases_{table}_kept ON cases_{table};" for table in TABLES),
    ]
)


class Migration(migrations.Migration):
    dependencies = [("cases", "0011_disputes")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
