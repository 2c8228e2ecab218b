from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("governance", "0004_paper_ballots")]

    operations = [
        migrations.AddField(
            "motion", "origin", models.CharField("由来", max_length=80, blank=True, default=""), preserve_default=False
        ),
        migrations.AddField("motion", "follow_up", models.JSONField("接续", null=True, blank=True)),
        migrations.AddField(
            "voteobjection",
            "about",
            models.CharField("针对", max_length=10, choices=[("roll", "名册"), ("result", "结果")], default="result"),
        ),
    ]
