"""Whose a case is and how it is marked moves into its own row, its words beside it: lists of a million need no more."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models

# With its case the words go, also where a function of the database removes it.
WORDS = """
ALTER TABLE cases_casewords ADD CONSTRAINT cases_casewords_case
    FOREIGN KEY (case_id) REFERENCES cases_case (id) ON DELETE CASCADE;
"""

# The trigger that keeps archived cases as they are would refuse the new columns, too.
FILLED = """
INSERT INTO cases_casewords (case_id, grams)
    SELECT c.id, ARRAY(SELECT DISTINCT unnest(c.grams || COALESCE(e.name_grams, '{}')))
    FROM cases_case c LEFT JOIN registry_estate e ON e.id = c.estate_id;
ALTER TABLE cases_case DISABLE TRIGGER cases_case_shut;
UPDATE cases_case c SET
    readers = ARRAY(
        SELECT DISTINCT key FROM (
            SELECT 'o' || p.organisation_id AS key FROM cases_caseparty p WHERE p.case_id = c.id
            UNION SELECT 'o' || t.receiver_id FROM cases_complaint t WHERE t.id = c.complaint_id
            UNION SELECT 'u' || t.submitted_by_id FROM cases_complaint t WHERE t.id = c.complaint_id
            UNION SELECT 'u' || t.steward_id FROM cases_complaint t WHERE t.id = c.complaint_id
        ) AS found WHERE key IS NOT NULL),
    clerks = ARRAY(
        SELECT DISTINCT n.actor_id FROM cases_caseentry n WHERE n.case_id = c.id AND n.actor_id IS NOT NULL),
    whistled = EXISTS (SELECT FROM cases_caseentry n WHERE n.case_id = c.id AND n.kind = 'whistled'),
    repeats = 1 + (
        SELECT count(*) FROM cases_case b WHERE b.estate_id = c.estate_id AND b.matter = c.matter
        AND b.received_at < c.received_at AND b.received_at > c.received_at - interval '30 days'
        AND b.state <> 'voided');
ALTER TABLE cases_case ENABLE TRIGGER cases_case_shut;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0009_statistics_index"),
        ("core", "0004_document_file_follows"),
        ("registry", "0003_unit_index"),
    ]

    operations = [
        migrations.CreateModel(
            name="CaseWords",
            fields=[
                (
                    "case",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        primary_key=True,
                        related_name="words",
                        serialize=False,
                        to="cases.case",
                        verbose_name="案件",
                    ),
                ),
                (
                    "grams",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=8), default=list, size=None, verbose_name="检索词"
                    ),
                ),
            ],
            options={
                "verbose_name": "案件检索词",
                "verbose_name_plural": "案件检索词",
            },
        ),
        migrations.AddField(
            model_name="case",
            name="clerks",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.BigIntegerField(), default=list, size=None, verbose_name="经办过的账号"
            ),
        ),
        migrations.AddField(
            model_name="case",
            name="readers",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=24), default=list, size=None, verbose_name="能看的单位和账号"
            ),
        ),
        migrations.AddField(
            model_name="case",
            name="repeats",
            field=models.PositiveIntegerField(default=1, verbose_name="近30日同小区同事项第几件"),
        ),
        migrations.AddField(
            model_name="case",
            name="whistled",
            field=models.BooleanField(default=False, verbose_name="已吹哨"),
        ),
        migrations.RunSQL(WORDS, migrations.RunSQL.noop),
        migrations.RunSQL(FILLED, migrations.RunSQL.noop),
        migrations.RemoveIndex(
            model_name="case",
            name="cases_case_path",
        ),
        migrations.RemoveIndex(
            model_name="case",
            name="cases_case_grams",
        ),
        migrations.RemoveIndex(
            model_name="case",
            name="cases_case_due",
        ),
        migrations.RemoveField(
            model_name="case",
            name="grams",
        ),
        migrations.AlterField(
            model_name="case",
            name="estate",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="cases",
                to="registry.estate",
                verbose_name="小区",
            ),
        ),
        migrations.AlterField(
            model_name="case",
            name="lead",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="led_cases",
                to="core.organisation",
                verbose_name="主办单位",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=django.contrib.postgres.indexes.GinIndex(
                fastupdate=False, fields=["readers"], name="cases_case_readers"
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(fields=["matter", "received_at"], name="cases_case_matter_time"),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                models.OrderBy(models.F("answered_at"), descending=True, nulls_first=True),
                models.OrderBy(models.F("answer_due_at"), nulls_last=True),
                models.OrderBy(models.F("id")),
                name="cases_case_due_order",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                models.OrderBy(models.F("answered_at"), descending=True, nulls_first=True),
                models.OrderBy(models.F("answer_due_at"), nulls_last=True),
                models.OrderBy(models.F("id")),
                condition=models.Q(
                    (
                        "state__in",
                        (
                            "pending",
                            "pending_duty",
                            "awaiting_sign",
                            "assigned",
                            "handling",
                            "handled",
                            "answered",
                            "suspended",
                        ),
                    )
                ),
                name="cases_case_due_running",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(fields=["-repeats", "id"], name="cases_case_repeats"),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(
                    (
                        "state__in",
                        (
                            "pending",
                            "pending_duty",
                            "awaiting_sign",
                            "assigned",
                            "handling",
                            "handled",
                            "answered",
                            "suspended",
                            "closed",
                        ),
                    )
                ),
                fields=["state"],
                include=(
                    "place_path",
                    "answered_at",
                    "answer_due_at",
                    "route_lead",
                    "lead",
                    "whistled",
                    "repeats",
                    "readers",
                    "clerks",
                ),
                name="cases_case_unfinished",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("closed_at__isnull", False)),
                fields=["closed_at"],
                include=("place_path", "readers", "answered_late", "returns"),
                name="cases_case_closed",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("called_back_at__isnull", False)),
                fields=["called_back_at"],
                include=("place_path", "readers", "call_back_result"),
                name="cases_case_called_back",
            ),
        ),
        migrations.AddIndex(
            model_name="casewords",
            index=django.contrib.postgres.indexes.GinIndex(
                fastupdate=False, fields=["grams"], name="cases_words_grams"
            ),
        ),
    ]
