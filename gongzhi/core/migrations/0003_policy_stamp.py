"""The one row of the policy stamp."""

from django.db import migrations


def add(apps, schema_editor):
    apps.get_model("core", "PolicyStamp").objects.get_or_create(pk=1)


class Migration(migrations.Migration):
    dependencies = [("core", "0002_append_only_events")]

    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
