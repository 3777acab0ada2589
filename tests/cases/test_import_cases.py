from __future__ import annotations

import zipfile
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from studies.cases.models import Case
from tests.make import dicom_bytes

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("import_cases", *arguments, stdout=out)
    return out.getvalue()


def test_files_folders_and_zips_come_in_as_by_the_page(cast, tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.dcm").write_bytes(dicom_bytes())
    (tmp_path / "in" / "note.txt").write_text("not an image")
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        archive.writestr("b.dcm", dicom_bytes(PixelData=bytes(range(128)) * 80))
    output = run(
        cast.study.slug,
        str(tmp_path / "in"),
        str(tmp_path / "b.zip"),
        "--site",
        "A",
        "--as",
        "clara",
    )
    assert "2 added" in output and "1 not added" in output
    assert Case.objects.filter(state="received").count() == 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nothing", "."], "There is no study nothing"),
        (["guides-trial", "."], "Give the code of the site"),
        (["guides-trial", "/does/not/exist", "--site", "A"], "Not found: /does/not/exist"),
        (["guides-trial", ".", "--as", "rita"], "Give the username of a coordinator"),
    ],
)
def test_command_reports_missing_arguments(cast, arguments, words):
    with pytest.raises(CommandError, match=words):
        run(*arguments)
