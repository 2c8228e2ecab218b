"""A register is kept by the database itself: no line deleted, no day of receipt changed, nothing added to an archived case.

Demonstration data alone can be removed, by the function below.
"""

from django.db import migrations

KEPT = (
    "complaint",
    "case",
    "caseentry",
    "casefile",
    "archiveitem",
    "approval",
    "report",
    "transfer",
    "problem",
    "problementry",
)
FIXED = ("complaint", "case", "problem")
IN_CASE = ("caseentry", "casefile", "archiveitem", "approval", "report", "transfer", "caseparty")

APP_ROLE = "SELECT FROM pg_roles WHERE rolname = 'gongzhi_app'"

FUNCTIONS = """
CREATE FUNCTION cases_no_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.demo AND current_setting('gongzhi.removing_demo', true) = 'on' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION '登记不能删除，只能经批准作废（%）', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE FUNCTION cases_receipt_is_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.number IS DISTINCT FROM OLD.number
        OR (to_jsonb(NEW) -> 'received_at') IS DISTINCT FROM (to_jsonb(OLD) -> 'received_at')
        OR (to_jsonb(NEW) -> 'registered_at') IS DISTINCT FROM (to_jsonb(OLD) -> 'registered_at') THEN
        RAISE EXCEPTION '编号和收到日期登记后不能修改' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION cases_archived_is_read_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state = 'archived' THEN
        RAISE EXCEPTION '案件已归档，只读' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION cases_archived_takes_nothing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.case_id IS NOT NULL AND EXISTS (SELECT FROM cases_case WHERE id = NEW.case_id AND state = 'archived') THEN
        RAISE EXCEPTION '案件已归档，不能再加材料和记录' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION cases_entry_is_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '办理经过不能修改' USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE FUNCTION cases_remove_demo() RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp AS $$
DECLARE removed bigint;
BEGIN
    PERFORM set_config('gongzhi.removing_demo', 'on', true);
    DELETE FROM cases_caseparty WHERE case_id IN (SELECT id FROM cases_case WHERE demo);
    DELETE FROM cases_casefile WHERE demo;
    DELETE FROM cases_archiveitem WHERE demo;
    DELETE FROM cases_approval WHERE demo;
    DELETE FROM cases_report WHERE demo;
    DELETE FROM cases_transfer WHERE demo;
    DELETE FROM cases_caseentry WHERE demo;
    DELETE FROM cases_problementry WHERE demo;
    DELETE FROM cases_problem WHERE demo;
    UPDATE cases_case SET merged_into_id = NULL, state = 'voided' WHERE demo AND state = 'merged';
    DELETE FROM cases_case WHERE demo;
    DELETE FROM cases_complaint WHERE demo;
    GET DIAGNOSTICS removed = ROW_COUNT;
    PERFORM set_config('gongzhi.removing_demo', 'off', true);
    RETURN removed;
END $$;
"""


def _forward() -> str:
    parts = [FUNCTIONS]
    for table in KEPT:
        parts.append(
            f"CREATE TRIGGER cases_{table}_kept BEFORE DELETE ON cases_{table}"
            " FOR EACH ROW EXECUTE FUNCTION cases_no_delete();"
        )
    for table in FIXED:
        parts.append(
            f"CREATE TRIGGER cases_{table}_fixed BEFORE UPDATE ON cases_{table}"
            " FOR EACH ROW EXECUTE FUNCTION cases_receipt_is_fixed();"
        )
    for table in IN_CASE:
        parts.append(
            f"CREATE TRIGGER cases_{table}_shut BEFORE INSERT OR UPDATE ON cases_{table}"
            " FOR EACH ROW EXECUTE FUNCTION cases_archived_takes_nothing();"
        )
    parts.append(
        "CREATE TRIGGER cases_case_shut BEFORE UPDATE ON cases_case"
        " FOR EACH ROW EXECUTE FUNCTION cases_archived_is_read_only();"
    )
    for table in ("caseentry", "problementry"):
        parts.append(
            f"CREATE TRIGGER cases_{table}_fixed BEFORE UPDATE ON cases_{table}"
            " FOR EACH ROW EXECUTE FUNCTION cases_entry_is_fixed();"
        )
    names = ", ".join(f"cases_{table}" for table in KEPT)
    revoke = f"REVOKE DELETE, TRUNCATE ON {names} FROM gongzhi_app;"
    parts.append(f"DO $$ BEGIN IF EXISTS ({APP_ROLE}) THEN {revoke} END IF; END $$;")
    return "\n".join(parts)


def _backward() -> str:
    parts = [f"DROP TRIGGER cases_{table}_kept ON cases_{table};" for table in KEPT]
    parts += [f"DROP TRIGGER cases_{table}_fixed ON cases_{table};" for table in (*FIXED, "caseentry", "problementry")]
    parts += [f"DROP TRIGGER cases_{table}_shut ON cases_{table};" for table in (*IN_CASE, "case")]
    parts += [
        f"DROP FUNCTION {name}();"
        for name in (
            "cases_no_delete",
            "cases_receipt_is_fixed",
            "cases_archived_is_read_only",
            "cases_archived_takes_nothing",
            "cases_entry_is_fixed",
            "cases_remove_demo",
        )
    ]
    return "\n".join(parts)


class Migration(migrations.Migration):
    dependencies = [("cases", "0001_initial")]

    operations = [migrations.RunSQL(_forward(), _backward())]
