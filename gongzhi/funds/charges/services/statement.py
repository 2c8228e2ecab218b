"""The statement that bills some thousand units: what each is charged, its bill with its lines, its entry with its legs.

`plan` is the run's (see queries.planning); `lot` the units that the run has not billed. Money is exact and rounded once
a line, half up to the 分. A vacancy and rebates take their part of the public service charge, rebates of what vacancy
left; together never more than all of it.

The planner knows nothing of how many rows its own parts give, and would compare all with all: run it without nested
loops. What is looked up in large tables is therefore looked up unit by unit, or for these units alone.
"""

from typing import LiteralString

from gongzhi.ledger.services import ENTRY_IDS, WRITE_SET

_CHARGED: LiteralString = """
WITH plan AS (
    SELECT listed.building_id, listed.use, tariff.id AS tariff_id, tariff.fee, tariff.title, tariff.basis, tariff.price,
           listed.first, listed.last, listed.months
    FROM unnest(%(buildings)s::bigint[], %(uses)s::text[], %(tariffs)s::bigint[], %(firsts)s::date[],
                %(lasts)s::date[], %(line_months)s::int[])
         AS listed (building_id, use, tariff_id, first, last, months)
    JOIN funds_tariff tariff ON tariff.id = listed.tariff_id
), lot AS MATERIALIZED (
    SELECT unit.id, unit.building_id, unit.use, unit.exclusive_area_m2 AS area,
           (SELECT id FROM registry_ownership title WHERE title.unit_id = unit.id
               AND (title.from_on IS NULL OR title.from_on <= %(issued_on)s)
               AND (title.to_on IS NULL OR title.to_on >= %(issued_on)s) LIMIT 1) AS ownership_id,
           (SELECT id FROM ledger_account WHERE book_id = %(book)s AND code = 'units.' || unit.id) AS account_id
    FROM registry_unit unit
    WHERE unit.id = ANY(%(units)s)
      AND NOT EXISTS (
          SELECT FROM funds_bill WHERE run_id = %(run)s::bigint AND unit_id = unit.id AND cancelled_on IS NULL)
), counted AS (
    SELECT lot.id AS unit_id, plan.tariff_id, plan.fee, plan.title AS text, plan.price, plan.months, plan.first,
           plan.last, CASE plan.basis WHEN 'area' THEN lot.area ELSE 1 END AS quantity,
           round(CASE plan.basis WHEN 'area' THEN lot.area ELSE 1 END * plan.price * plan.months * 100)::bigint AS fen
    FROM lot JOIN plan ON plan.building_id = lot.building_id AND plan.use = lot.use
    UNION ALL
    SELECT lot.id, tariff.id, tariff.fee, left(tariff.title || coalesce(nullif(' ' || own.text, ' '), ''), 100),
           tariff.price, held.months, held.first, held.last, own.quantity,
           round(own.quantity * tariff.price * held.months * 100)::bigint
    FROM lot
    JOIN funds_personalcharge own ON own.unit_id = lot.id AND own.unit_id = ANY(%(units)s) AND own.kind = 'item'
    JOIN funds_tariff tariff ON tariff.id = own.tariff_id AND tariff.state = 'in_force'
         AND tariff.project_id = %(project)s AND tariff.every = %(every)s
    CROSS JOIN LATERAL (
        SELECT count(*)::int AS months, min(month) AS first, max(month) AS last
        FROM unnest(%(months)s::date[]) AS month
        WHERE month >= own.from_on AND month <= coalesce(own.to_on, 'infinity')
          AND month >= tariff.from_on AND month <= coalesce(tariff.to_on, 'infinity')) held
    WHERE held.months > 0
), charged AS MATERIALIZED (
    SELECT row_number() OVER () AS n, counted.* FROM counted WHERE fen <> 0
), vacant AS (
    SELECT charged.n, charged.unit_id, charged.tariff_id, held.months,
           -round(charged.fen * own.ratio * held.months / charged.months)::bigint AS fen
    FROM charged
    JOIN funds_personalcharge own ON own.unit_id = charged.unit_id AND own.unit_id = ANY(%(units)s)
         AND own.kind = 'vacant'
    CROSS JOIN LATERAL (
        SELECT count(*)::int AS months FROM unnest(%(months)s::date[]) AS month
        WHERE month BETWEEN charged.first AND charged.last
          AND month >= own.from_on AND month <= coalesce(own.to_on, 'infinity')) held
    WHERE charged.fee = 'service' AND held.months > 0
), vacancy AS (
    SELECT n, unit_id, tariff_id, sum(fen)::bigint AS fen, sum(months)::int AS months
    FROM vacant GROUP BY n, unit_id, tariff_id
), rebate AS (
    SELECT charged.n, charged.unit_id, charged.tariff_id, charged.fee, charged.months,
           charged.fen + coalesce(vacancy.fen, 0) AS base,
           least(sum(own.ratio * held.months / charged.months), 1) AS share,
           left(string_agg(own.text, '、' ORDER BY own.id), 90) AS text
    FROM charged
    LEFT JOIN vacancy ON vacancy.n = charged.n
    JOIN funds_personalcharge own ON own.unit_id = charged.unit_id AND own.unit_id = ANY(%(units)s)
         AND own.kind = 'rebate'
         AND (own.tariff_id = charged.tariff_id OR own.tariff_id IS NULL AND charged.fee = 'service')
    CROSS JOIN LATERAL (
        SELECT count(*)::int AS months FROM unnest(%(months)s::date[]) AS month
        WHERE month BETWEEN charged.first AND charged.last
          AND month >= own.from_on AND month <= coalesce(own.to_on, 'infinity')) held
    WHERE held.months > 0
    GROUP BY charged.n, charged.unit_id, charged.tariff_id, charged.fee, charged.months, charged.fen, vacancy.fen
), part AS (
    SELECT part.id, part.unit_id, part.amount_fen, cost.kind, cost.from_on, cost.to_on
    FROM lot
    JOIN funds_sharedpart part ON part.unit_id = lot.id AND part.unit_id = ANY(%(units)s) AND part.bill_id IS NULL
         AND part.amount_fen <> 0
    JOIN funds_sharedcost cost ON cost.id = part.cost_id AND cost.project_id = %(project)s
         AND cost.to_on <= %(to_on)s
), item AS MATERIALIZED (
    SELECT unit_id, tariff_id, fee, text, quantity, price, months, fen FROM charged
    UNION ALL
    SELECT unit_id, tariff_id, 'service', '空置减收', NULL, NULL, months, fen FROM vacancy WHERE fen <> 0
    UNION ALL
    SELECT unit_id, tariff_id, fee, '减免：' || text, NULL, NULL,
           months, -round(base * share)::bigint
    FROM rebate WHERE round(base * share) <> 0
    UNION ALL
    SELECT unit_id, NULL, 'shared',
           CASE kind WHEN 'water' THEN '公共用水' WHEN 'power' THEN '公共用电' WHEN 'elevator' THEN '电梯用电'
                ELSE '公共能耗' END || to_char(from_on, '（YYYY年FMMM月）'), NULL, NULL, 0, amount_fen
    FROM part
)"""

_WRITTEN: LiteralString = """, due AS MATERIALIZED (
    SELECT nextval('funds_bill_id_seq') AS bill_id, """
_BILLS: LiteralString = """ AS entry_id, summed.unit_id, summed.total,
           lot.ownership_id, lot.account_id
    FROM (SELECT unit_id, sum(fen)::bigint AS total FROM item GROUP BY unit_id HAVING sum(fen) > 0) summed
    JOIN lot ON lot.id = summed.unit_id
), by_fee AS MATERIALIZED (
    SELECT due.entry_id, due.unit_id, item.fee, sum(item.fen)::bigint AS fen
    FROM item JOIN due USING (unit_id) GROUP BY due.entry_id, due.unit_id, item.fee HAVING sum(item.fen) <> 0
), due_entry AS (
    SELECT due.entry_id AS id, %(key_head)s || due.unit_id AS key, %(text)s AS text,
           (1 + fees.count)::smallint AS legs, 'unit' AS source_kind, due.unit_id::text AS source_id,
           NULL::bigint AS reverses_id
    FROM due JOIN (SELECT entry_id, count(*) FROM by_fee GROUP BY entry_id) fees USING (entry_id)
), due_leg AS (
    SELECT entry_id, 1 AS leg, account_id, total AS amount_fen FROM due
    UNION ALL
    SELECT by_fee.entry_id, 1 + row_number() OVER (PARTITION BY by_fee.entry_id ORDER BY by_fee.fee), account.id,
           -by_fee.fen
    FROM by_fee
    JOIN ledger_account account ON account.book_id = %(book)s
         AND account.code = CASE by_fee.fee WHEN 'shared' THEN 'due.shared' ELSE 'income.' || by_fee.fee END
), """
_REST: LiteralString = """, billed AS (
    INSERT INTO funds_bill (id, project_id, unit_id, ownership_id, run_id, kind, from_on, to_on, issued_on, due_on,
                            amount_fen, paid_fen, entry_id, version, demo, place_path)
    SELECT bill_id, %(project)s, unit_id, ownership_id, %(run)s::bigint, %(bill_kind)s, %(from_on)s::date,
           %(to_on)s::date, %(issued_on)s::date, %(due_on)s::date, total, 0, entry_id, 1, %(demo)s, %(place_path)s
    FROM due RETURNING id
), itemised AS (
    INSERT INTO funds_billitem (bill_id, fee, tariff_id, text, quantity, price, months, amount_fen)
    SELECT due.bill_id, item.fee, item.tariff_id, item.text, item.quantity, item.price, item.months, item.fen
    FROM item JOIN due USING (unit_id)
), shared AS (
    UPDATE funds_sharedpart SET bill_id = due.bill_id
    FROM part JOIN due USING (unit_id) WHERE funds_sharedpart.id = part.id
)
SELECT count(*) FROM billed"""

# What the same units would be charged, by unit and fee, and nothing is written.
_SUMS: LiteralString = " SELECT unit_id, fee, sum(fen)::bigint FROM item GROUP BY unit_id, fee"
LOOK_AT_UNITS: LiteralString = _CHARGED + _SUMS
BILL_UNITS: LiteralString = _CHARGED + _WRITTEN + ENTRY_IDS + _BILLS + WRITE_SET + _REST
