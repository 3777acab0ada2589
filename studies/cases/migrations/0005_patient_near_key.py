from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0004_image_pixel_aspect"), ("protocol", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="patient",
            name="near_key",
            field=models.CharField(blank=True, default="", max_length=64),
        ),
        migrations.AddIndex(
            model_name="patient",
            index=models.Index(fields=["study", "near_key"], name="patient_near_key"),
        ),
    ]
