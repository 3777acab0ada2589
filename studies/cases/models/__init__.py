"""Patients, cases, images, landmark sets and uploads."""

from studies.cases.models.cases import Case, Patient
from studies.cases.models.images import FormerImage, Image, image_path
from studies.cases.models.landmark_sets import LandmarkSet
from studies.cases.models.linkage import LinkageEntry
from studies.cases.models.uploads import Upload

__all__ = [
    "Case",
    "FormerImage",
    "Image",
    "LandmarkSet",
    "LinkageEntry",
    "Patient",
    "Upload",
    "image_path",
]
