"""Instructions and their acknowledgement, practice sets, practice rounds and certification."""

from studies.practice.models.certification import CertificationRules, CertificationWaiver, Measure
from studies.practice.models.instructions import (
    Acknowledgement,
    InstructionPicture,
    Instructions,
    picture_path,
)
from studies.practice.models.practice_set import PracticeCase
from studies.practice.models.rounds import PracticeReading, PracticeRound

__all__ = [
    "Acknowledgement",
    "CertificationRules",
    "CertificationWaiver",
    "InstructionPicture",
    "Instructions",
    "Measure",
    "PracticeCase",
    "PracticeReading",
    "PracticeRound",
    "picture_path",
]
