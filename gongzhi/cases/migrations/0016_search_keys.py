"""The words of a case know who may find it: words and rights are one look into one index."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
from django.db import migrations, models

# The places of the path, the readers, and the role that may claim it: as `Case.search_keys` gives them.
FILLED = """
UPDATE cases_casewords w SET keys =
    ARRAY(SELECT 'p' || code FROM unnest(string_to_array(c.place_path, '/')) AS code WHERE code <> '') || c.readers ||
    CASE WHEN c.state = 'pending' AND c.lead_id IS NULL AND c.route_lead <> ''
        THEN ARRAY['c' || c.route_lead]::varchar[] ELSE '{}' END
    FROM cases_case c WHERE c.id = w.case_id;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0015_task_about_estate'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='casewords',
            name='cases_words_grams',
        ),
        migrations.AddField(
            model_name='casewords',
            name='keys',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), default=list, size=None, verbose_name='能检索的地区和单位'),
        ),
        migrations.RunSQL(FILLED, migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name='casewords',
            index=django.contrib.postgres.indexes.GinIndex(fastupdate=False, fields=['grams', 'keys'], name='cases_words_found'),
        ),
    ]
