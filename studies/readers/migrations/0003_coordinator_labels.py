from django.db import migrations, models
from django.db.models import F, Value
from django.db.models.functions import Concat, Substr


def rename_labels(apps, schema_editor, *, old, new):
    """Give coordinators' labels the new prefix: only labels of the prefix and a number."""
    Membership = apps.get_model("readers", "Membership")
    labelled = Membership.objects.filter(role="coordinator", label__regex=rf"^{old}[0-9]+$")
    number = Substr(F("label"), len(old) + 1)
    labelled.update(label=Concat(Value(new), number))


def to_co(apps, schema_editor):
    rename_labels(apps, schema_editor, old="K", new="CO")


def to_k(apps, schema_editor):
    rename_labels(apps, schema_editor, old="CO", new="K")


class Migration(migrations.Migration):

    dependencies = [
        ("readers", "0002_looks_append_only"),
    ]

    operations = [
        migrations.RunPython(to_co, to_k),
        migrations.AlterField(
            model_name="invitation",
            name="note",
            field=models.CharField(
                blank=True, max_length=80, verbose_name="note (shown to coordinators only)"
            ),
        ),
        migrations.AlterConstraint(
            model_name="membership",
            name="one_role_in_a_study",
            constraint=models.UniqueConstraint(
                fields=("user", "study"),
                name="one_role_in_a_study",
                violation_error_message="This person already has a role in this study.",
            ),
        ),
    ]
