from typing import Any

from django.db import migrations, models
from pydicom import dcmread

from inference.dicom.spacing import pixel_aspect


def read_aspects(apps: Any, schema_editor: Any) -> None:
    """From the spacing, or from the header of the stored file where there is none."""
    for image in apps.get_model("cases", "Image").objects.iterator():
        if image.spacing_mm is not None:
            image.pixel_aspect = image.spacing_mm[0] / image.spacing_mm[1]
        elif image.dicom and image.dicom.storage.exists(image.dicom.name):
            with image.dicom.open("rb") as file:
                header = dcmread(file, specific_tags=["PixelAspectRatio"], stop_before_pixels=True)
            image.pixel_aspect = pixel_aspect(header, None)
        image.save(update_fields=["pixel_aspect"])


class Migration(migrations.Migration):
    dependencies = [("cases", "0003_correction")]

    operations = [
        migrations.AddField(
            model_name="image",
            name="pixel_aspect",
            field=models.FloatField(default=1.0),
        ),
        migrations.AddConstraint(
            model_name="image",
            constraint=models.CheckConstraint(
                condition=models.Q(("pixel_aspect__gt", 0)), name="image_aspect"
            ),
        ),
        migrations.RunPython(read_aspects, migrations.RunPython.noop),
    ]
