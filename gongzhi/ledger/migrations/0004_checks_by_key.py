"""The checks on what was written look up its entries and accounts by their keys, row by row.

Their plans are kept for a session. A plan made for many rows, or while a run forbids nested loops, read all entries and
all accounts for every statement from then on: what a bill cost grew with the books.
"""

from django.db import migrations

FORWARD = """
CREATE OR REPLACE FUNCTION ledger_postings_hold() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE bad record;
BEGIN
    SELECT summed.entry_id AS id,
           summed.total = 0 AND summed.legs = entry.legs AND summed.last = entry.legs AND summed.first = 1 AS balanced
    INTO bad
    FROM (SELECT written.entry_id, sum(amount_fen) AS total, count(*) AS legs, max(leg) AS last, min(leg) AS first,
                 min(booked_on) AS first_on, max(booked_on) AS last_on, min(account.book_id) AS first_book,
                 max(account.book_id) AS last_book, min(account.closed_on) AS closed_on
          FROM written
          CROSS JOIN LATERAL (SELECT book_id, closed_on FROM ledger_account WHERE id = written.account_id OFFSET 0) account
          GROUP BY written.entry_id) summed
    CROSS JOIN LATERAL (
        SELECT legs, book_id, booked_on FROM ledger_entry WHERE id = summed.entry_id OFFSET 0) entry
    WHERE summed.total <> 0 OR summed.legs <> entry.legs OR summed.last <> entry.legs OR summed.first <> 1
       OR summed.first_book <> entry.book_id OR summed.last_book <> entry.book_id
       OR summed.first_on <> entry.booked_on OR summed.last_on <> entry.booked_on
       OR summed.closed_on <= entry.booked_on
    LIMIT 1;
    IF FOUND AND NOT bad.balanced THEN
        RAISE EXCEPTION 'ledger entry % does not balance', bad.id USING ERRCODE = 'check_violation';
    ELSIF FOUND THEN
        RAISE EXCEPTION 'ledger entry %: account of another book, account closed, or another day', bad.id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION ledger_entries_hold() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE bad bigint;
BEGIN
    SELECT written.id INTO bad
    FROM written
    CROSS JOIN LATERAL (SELECT opened_on, closed_until FROM ledger_book WHERE id = written.book_id OFFSET 0) book
    WHERE written.booked_on < book.opened_on OR written.booked_on <= book.closed_until
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'ledger entry %: the period is closed', bad USING ERRCODE = 'check_violation';
    END IF;
    SELECT written.id INTO bad
    FROM written
    CROSS JOIN LATERAL (
        SELECT book_id, reverses_id FROM ledger_entry WHERE id = written.reverses_id OFFSET 0) undone
    WHERE written.reverses_id IS NOT NULL
      AND (undone.book_id <> written.book_id OR undone.reverses_id IS NOT NULL)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'ledger entry %: what it reverses lies in another book or is itself a reversal', bad
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0003_public_money_and_repair")]

    operations = [migrations.RunSQL(FORWARD, migrations.RunSQL.noop)]  # the checks are the same: nothing to take back
