from django.db import migrations, models

CHOICES = [
    ("expanded", "expanded percentile bootstrap"),
    ("percentile", "percentile bootstrap"),
    ("bca", "BCa bootstrap (bias-corrected and accelerated)"),
    ("delta", "delta method"),
]


def interval_field(default: str) -> models.CharField:
    return models.CharField(
        choices=CHOICES,
        default=default,
        max_length=10,
        verbose_name="primary confidence interval",
    )


class Migration(migrations.Migration):
    """Existing studies keep the delta method, the only interval of their main result so far."""

    dependencies = [("protocol", "0021_stratified")]

    operations = [
        migrations.AddField("study", "primary_interval", interval_field("delta")),
        migrations.AlterField("study", "primary_interval", interval_field("expanded")),
    ]
