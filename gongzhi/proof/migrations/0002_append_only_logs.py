"""Logs can be added to and nothing else: a trigger for everybody, privileges for the application's role.

What may still change: an entry's place, once; a key's cipher (a new passphrase); a witness's end; a seal without a
token. One way out is left, for demonstration data: the function below removes their logs, and only theirs.
"""

from django.db import migrations

# Of these, no row is ever removed; the first four never change either.
TABLES = ("log", "treenode", "checkpoint", "cosignature", "signingkey", "entry", "witness", "seal")
FIXED = TABLES[:4]

FORWARD = """
CREATE FUNCTION proof_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE was jsonb;
BEGIN
    IF TG_OP = 'DELETE' AND current_setting('gongzhi.removing_demo', true) = 'on' THEN
        was := to_jsonb(OLD);
        IF TG_TABLE_NAME = 'proof_log' AND (was->>'demo')::boolean
            OR EXISTS (SELECT FROM proof_log WHERE demo AND id = (was->>'log_id')::bigint)
            OR EXISTS (SELECT FROM proof_checkpoint c JOIN proof_log l ON l.id = c.log_id
                       WHERE l.demo AND c.id = (was->>'checkpoint_id')::bigint)
        THEN RETURN OLD;
        END IF;
    END IF;
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE FUNCTION proof_entry_is_placed_once() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE unplaced proof_entry;
BEGIN
    unplaced := NEW;
    unplaced.leaf_index := NULL;
    IF NEW.leaf_index IS NULL OR NEW.leaf_index < 0 OR unplaced IS DISTINCT FROM OLD THEN
        RAISE EXCEPTION 'proof_entry is append-only: % refused', TG_OP USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION proof_keeps_the_rest() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF to_jsonb(NEW) - TG_ARGV <> to_jsonb(OLD) - TG_ARGV
        OR TG_TABLE_NAME = 'proof_seal' AND (to_jsonb(OLD)->>'token') IS NOT NULL
        OR TG_TABLE_NAME = 'proof_witness' AND (to_jsonb(OLD)->>'ended_at') IS NOT NULL
    THEN
        RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER proof_entry_place BEFORE UPDATE ON proof_entry
    FOR EACH ROW EXECUTE FUNCTION proof_entry_is_placed_once();
CREATE TRIGGER proof_signingkey_rest BEFORE UPDATE ON proof_signingkey
    FOR EACH ROW EXECUTE FUNCTION proof_keeps_the_rest('sealed');
CREATE TRIGGER proof_witness_rest BEFORE UPDATE ON proof_witness
    FOR EACH ROW EXECUTE FUNCTION proof_keeps_the_rest('ended_at');
CREATE TRIGGER proof_seal_rest BEFORE UPDATE ON proof_seal
    FOR EACH ROW EXECUTE FUNCTION
    proof_keeps_the_rest('next_at', 'tries', 'fault', 'authority', 'token', 'sealed_at');

CREATE FUNCTION proof_remove_demo_logs() RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp AS $$
DECLARE removed bigint;
BEGIN
    PERFORM set_config('gongzhi.removing_demo', 'on', true);
    DELETE FROM proof_seal WHERE checkpoint_id IN
        (SELECT c.id FROM proof_checkpoint c JOIN proof_log l ON l.id = c.log_id WHERE l.demo);
    DELETE FROM proof_cosignature WHERE checkpoint_id IN
        (SELECT c.id FROM proof_checkpoint c JOIN proof_log l ON l.id = c.log_id WHERE l.demo);
    DELETE FROM proof_witness WHERE log_id IN (SELECT id FROM proof_log WHERE demo);
    DELETE FROM proof_checkpoint WHERE log_id IN (SELECT id FROM proof_log WHERE demo);
    DELETE FROM proof_treenode WHERE log_id IN (SELECT id FROM proof_log WHERE demo);
    DELETE FROM proof_entry WHERE log_id IN (SELECT id FROM proof_log WHERE demo);
    DELETE FROM proof_log WHERE demo;
    GET DIAGNOSTICS removed = ROW_COUNT;
    PERFORM set_config('gongzhi.removing_demo', 'off', true);
    RETURN removed;
END $$;

DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'gongzhi_app') THEN
        REVOKE UPDATE, DELETE, TRUNCATE ON proof_log, proof_signingkey, proof_entry, proof_treenode, proof_checkpoint,
            proof_witness, proof_cosignature, proof_seal FROM gongzhi_app;
        GRANT UPDATE (leaf_index) ON proof_entry TO gongzhi_app;
        GRANT UPDATE (sealed) ON proof_signingkey TO gongzhi_app;
        GRANT UPDATE (ended_at) ON proof_witness TO gongzhi_app;
        GRANT UPDATE (next_at, tries, fault, authority, token, sealed_at) ON proof_seal TO gongzhi_app;
    END IF;
END $$;
"""

TRIGGERS = "".join(
    f"CREATE TRIGGER proof_{table}_append_only BEFORE {'UPDATE OR ' if table in FIXED else ''}DELETE ON proof_{table}"
    " FOR EACH ROW EXECUTE FUNCTION proof_is_append_only();\n"
    for table in TABLES
)

BACKWARD = """
DROP FUNCTION proof_is_append_only() CASCADE;
DROP FUNCTION proof_entry_is_placed_once() CASCADE;
DROP FUNCTION proof_keeps_the_rest() CASCADE;
DROP FUNCTION proof_remove_demo_logs();
"""


class Migration(migrations.Migration):
    dependencies = [("proof", "0001_logs")]

    operations = [migrations.RunSQL(FORWARD + TRIGGERS, BACKWARD)]
