import django.contrib.postgres.fields
from django.db import migrations, models

# Whoever was named by the roll, or by a record since.
FILL = """
UPDATE governance_rollentry r SET voters = ARRAY[COALESCE(
    (SELECT v.data ->> 'nominee' FROM governance_voterecord v
     WHERE v.vote_id = r.vote_id AND v.kind = 'NOMINATE' AND v.data ->> 'unit' = r.code ORDER BY v.id DESC LIMIT 1),
    r.nominee)]::varchar(20)[]
WHERE r.nominee <> '' OR EXISTS (
    SELECT 1 FROM governance_voterecord v
    WHERE v.vote_id = r.vote_id AND v.kind = 'NOMINATE' AND v.data ->> 'unit' = r.code)
"""


class Migration(migrations.Migration):
    dependencies = [("governance", "0009_secret_elections")]

    operations = [
        migrations.AddField(
            "rollentry",
            "voters",
            django.contrib.postgres.fields.ArrayField(
                models.CharField(max_length=20), default=list, size=None, verbose_name="现在可以投票的"
            ),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
