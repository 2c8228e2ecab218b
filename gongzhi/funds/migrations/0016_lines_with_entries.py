import django.db.models.deletion
from django.db import migrations, models

COPY = """
INSERT INTO funds_lineentry (line_id, entry_id)
SELECT id, entry_id FROM funds_bankline WHERE entry_id IS NOT NULL ORDER BY id;
SET CONSTRAINTS ALL IMMEDIATE;
"""
BACK = """
UPDATE funds_bankline SET entry_id = (SELECT min(entry_id) FROM funds_lineentry WHERE line_id = funds_bankline.id);
SET CONSTRAINTS ALL IMMEDIATE;
"""


class Migration(migrations.Migration):
    """What a line was matched with is carried over; going back keeps the first entry of each."""

    dependencies = [("funds", "0015_guidance_and_shares_made_up")]

    operations = [
        migrations.CreateModel(
            name="LineEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "entry",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="at_bank",
                        to="ledger.entry",
                        verbose_name="凭证",
                    ),
                ),
                (
                    "line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="matched",
                        to="funds.bankline",
                        verbose_name="流水",
                    ),
                ),
            ],
            options={"verbose_name": "流水对上的凭证", "verbose_name_plural": "流水对上的凭证"},
        ),
        migrations.RunSQL(COPY, BACK),
        migrations.RemoveConstraint(model_name="bankline", name="funds_line_entry"),
        migrations.RemoveField(model_name="bankline", name="entry"),
        migrations.AddField(
            model_name="bankline",
            name="entries",
            field=models.ManyToManyField(
                related_name="bank_lines", through="funds.LineEntry", to="ledger.entry", verbose_name="凭证"
            ),
        ),
    ]
