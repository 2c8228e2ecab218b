from django.db import migrations, models

CHANNELS = [("web", "网络"), ("phone", "电话"), ("visit", "来访"), ("hotline", "热线转办"), ("found", "主动发现")]


class Migration(migrations.Migration):
    dependencies = [("cases", "0006_accountability_is_kept")]

    operations = [
        migrations.AlterField(
            model_name=name,
            name="channel",
            field=models.CharField(choices=CHANNELS, max_length=12, verbose_name="来源"),
        )
        for name in ("case", "complaint")
    ]
