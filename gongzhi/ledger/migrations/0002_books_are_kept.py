"""The database keeps the books: balanced, in order, never changed; undone by counter-entries alone.

Checked once for each statement over the rows it wrote, so that a billing run of a million bills pays for it once. That no
posting joins an entry later follows from `leg`: an entry has `legs` of them, each number once, all in one statement.
"""

from django.db import migrations

FORWARD = """
CREATE FUNCTION ledger_postings_hold() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE bad bigint;
BEGIN
    SELECT written.entry_id INTO bad
    FROM (SELECT entry_id, sum(amount_fen) AS total, count(*) AS legs, max(leg) AS last, min(leg) AS first
          FROM written GROUP BY entry_id) written
    JOIN ledger_entry entry ON entry.id = written.entry_id
    WHERE written.total <> 0 OR written.legs <> entry.legs OR written.last <> entry.legs OR written.first <> 1
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'ledger entry % does not balance', bad USING ERRCODE = 'check_violation';
    END IF;
    SELECT written.entry_id INTO bad
    FROM written
    JOIN ledger_entry entry ON entry.id = written.entry_id
    JOIN ledger_account account ON account.id = written.account_id
    WHERE account.book_id <> entry.book_id OR written.booked_on <> entry.booked_on
       OR account.closed_on <= entry.booked_on
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'ledger entry %: account of another book, account closed, or another day', bad
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER ledger_postings_hold AFTER INSERT ON ledger_posting
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION ledger_postings_hold();

CREATE FUNCTION ledger_entries_hold() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE bad bigint;
BEGIN
    SELECT written.id INTO bad
    FROM written JOIN ledger_book book ON book.id = written.book_id
    WHERE written.booked_on < book.opened_on OR written.booked_on <= book.closed_until
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'ledger entry %: the period is closed', bad USING ERRCODE = 'check_violation';
    END IF;
    SELECT written.id INTO bad
    FROM written JOIN ledger_entry undone ON undone.id = written.reverses_id
    WHERE undone.book_id <> written.book_id OR undone.reverses_id IS NOT NULL
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'ledger entry %: what it reverses lies in another book or is itself a reversal', bad
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER ledger_entries_hold AFTER INSERT ON ledger_entry
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION ledger_entries_hold();

CREATE FUNCTION ledger_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND current_setting('gongzhi.removing_demo_books', true) = 'on' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION '% is never changed: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER ledger_entry_kept BEFORE UPDATE OR DELETE ON ledger_entry
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_kept();
CREATE TRIGGER ledger_posting_kept BEFORE UPDATE OR DELETE ON ledger_posting
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_kept();
CREATE TRIGGER ledger_closedbalance_kept BEFORE UPDATE OR DELETE ON ledger_closedbalance
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_kept();

-- A closed period is never opened again; an account keeps its book and kind.
CREATE FUNCTION ledger_book_goes_on() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.closed_until IS NULL OR NEW.closed_until < OLD.closed_until OR NEW.opened_on <> OLD.opened_on THEN
        RAISE EXCEPTION 'book %: a closed period stays closed', OLD.id USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER ledger_book_goes_on BEFORE UPDATE ON ledger_book
    FOR EACH ROW WHEN (OLD.closed_until IS NOT NULL) EXECUTE FUNCTION ledger_book_goes_on();

CREATE FUNCTION ledger_account_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'account %: book and kind are never changed', OLD.id USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER ledger_account_stays BEFORE UPDATE ON ledger_account FOR EACH ROW
    WHEN (NEW.book_id <> OLD.book_id OR NEW.kind <> OLD.kind) EXECUTE FUNCTION ledger_account_stays();

CREATE FUNCTION ledger_remove_demo() RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp AS $$
DECLARE removed bigint; total bigint := 0;
BEGIN
    PERFORM set_config('gongzhi.removing_demo_books', 'on', true);
    DELETE FROM ledger_posting USING ledger_entry entry, ledger_book book
        WHERE entry_id = entry.id AND entry.book_id = book.id AND book.demo;
    GET DIAGNOSTICS removed = ROW_COUNT;
    total := total + removed;
    DELETE FROM ledger_entry USING ledger_book book WHERE book_id = book.id AND book.demo;
    GET DIAGNOSTICS removed = ROW_COUNT;
    total := total + removed;
    DELETE FROM ledger_closedbalance USING ledger_account account, ledger_book book
        WHERE account_id = account.id AND account.book_id = book.id AND book.demo;
    DELETE FROM ledger_account USING ledger_book book WHERE book_id = book.id AND book.demo;
    DELETE FROM ledger_book WHERE demo;
    PERFORM set_config('gongzhi.removing_demo_books', 'off', true);
    RETURN total;
END $$;

DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'gongzhi_app') THEN
        REVOKE UPDATE, DELETE, TRUNCATE ON ledger_entry, ledger_posting, ledger_closedbalance FROM gongzhi_app;
        REVOKE DELETE, TRUNCATE ON ledger_book, ledger_account FROM gongzhi_app;
    END IF;
END $$;
"""

BACKWARD = """
DROP FUNCTION ledger_remove_demo();
DROP TRIGGER ledger_account_stays ON ledger_account;
DROP FUNCTION ledger_account_stays();
DROP TRIGGER ledger_book_goes_on ON ledger_book;
DROP FUNCTION ledger_book_goes_on();
DROP TRIGGER ledger_closedbalance_kept ON ledger_closedbalance;
DROP TRIGGER ledger_posting_kept ON ledger_posting;
DROP TRIGGER ledger_entry_kept ON ledger_entry;
DROP FUNCTION ledger_is_kept();
DROP TRIGGER ledger_entries_hold ON ledger_entry;
DROP FUNCTION ledger_entries_hold();
DROP TRIGGER ledger_postings_hold ON ledger_posting;
DROP FUNCTION ledger_postings_hold();
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
