from django.db import migrations, models
from django.db.models import Max, Q


def remember_submissions(apps, schema_editor):
    """Readings that are reopened now: their submission is the newest one among the changes."""
    Reading = apps.get_model("reading_sessions", "Reading")
    reopened = Reading.objects.filter(submitted_at=None, changes__kind="submit")
    for reading in reopened.annotate(last=Max("changes__at", filter=Q(changes__kind="submit"))):
        Reading.objects.filter(pk=reading.pk).update(previous_submission_at=reading.last)


class Migration(migrations.Migration):

    dependencies = [
        ("reading_sessions", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="reading",
            name="previous_submission_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.RunPython(remember_submissions, migrations.RunPython.noop),
    ]
