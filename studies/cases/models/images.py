"""The images of cases, with their replaced versions."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q

from inference.geometry.pixel_size import PixelSize
from studies.cases.models.cases import Case
from studies.protocol.models import Study


def image_path(image: Image, name: str) -> str:
    """Return the storage path of a file; `studies.storage.orphans` knows its pattern."""
    return f"{image.case.study_id}/{image.case_id}/{name}"


class Image(models.Model):
    """A case's de-identified DICOM file, and the decoded pixels that viewers load."""

    case = models.OneToOneField(Case, on_delete=models.CASCADE, related_name="image")
    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="+")
    dicom = models.FileField(upload_to=image_path, max_length=200)
    pixels = models.FileField(upload_to=image_path, max_length=200)
    thumbnail = models.FileField(upload_to=image_path, max_length=200)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    bits = models.PositiveSmallIntegerField()
    windows = models.JSONField()
    invert = models.BooleanField()
    spacing_mm = models.JSONField(null=True)
    pixel_aspect = models.FloatField(default=1.0)
    """Height of a pixel divided by its width; known even where the spacing is not."""
    spacing_source = models.CharField(max_length=60)
    pixel_hash = models.CharField(max_length=64)
    deidentification = models.JSONField()
    version = models.PositiveSmallIntegerField(default=1)
    """Counts up when a file with the same pixels and a corrected header replaces this one."""
    header = models.JSONField(default=dict)
    """Attributes that `studies.cases.dicom.header` compares; filled in on first use."""
    checksum = models.CharField(max_length=64, blank=True, default="")
    """SHA-256 of the stored DICOM file; filled in on first use."""
    readmitted_as = models.ForeignKey(
        Case, null=True, on_delete=models.PROTECT, related_name="readmitted_images"
    )
    """For an excluded case: the new case with the same pixels, if they were uploaded again."""

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["study", "pixel_hash"],
                name="image_once_in_study",
                # The image of an excluded case may be uploaded again, as a new case.
                condition=Q(readmitted_as__isnull=True),
            ),
            models.CheckConstraint(name="image_bits", condition=Q(bits__in=[8, 16])),
            models.CheckConstraint(name="image_aspect", condition=Q(pixel_aspect__gt=0)),
        ]

    def __str__(self) -> str:
        return f"image of {self.case}"

    @property
    def pixel_size(self) -> PixelSize:
        """Return the size of a pixel, in mm or relative."""
        return PixelSize.of(self.spacing_mm, self.pixel_aspect)


class FormerImage(models.Model):
    """An earlier version of a case's image, before its header was corrected; its files are kept."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="former_images")
    version = models.PositiveSmallIntegerField()
    dicom = models.FileField(max_length=200)
    pixels = models.FileField(max_length=200)
    thumbnail = models.FileField(max_length=200)
    checksum = models.CharField(max_length=64)
    header = models.JSONField()
    deidentification = models.JSONField()
    changes = models.TextField()
    """What the next version changed, as shown in the list of uploads."""
    replaced_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    replaced_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["version"]
        constraints = [
            models.UniqueConstraint(fields=["case", "version"], name="former_image_version_once")
        ]
        triggers = [pgtrigger.Protect(name="never_changed", operation=pgtrigger.Update)]

    def __str__(self) -> str:
        return f"image version {self.version} of {self.case}"
