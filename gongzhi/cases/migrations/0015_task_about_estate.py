import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0014_hotline_is_removed_with_demo"),
        ("registry", "0005_facilities"),
    ]

    operations = [
        migrations.AddField(
            model_name="worktask",
            name="estate",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="work_tasks",
                to="registry.estate",
                verbose_name="小区",
            ),
        ),
    ]
