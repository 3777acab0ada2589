import random
from contextlib import suppress
from io import BytesIO

import numpy as np
import PIL.Image
import pytest
from pydicom.encaps import encapsulate
from pydicom.uid import JPEG2000Lossless, JPEGBaseline8Bit, JPEGLosslessSV1

from inference.image import UnreadableImage, read_image
from tests.dicom_files import gradient, lateral_dataset, lateral_file, to_bytes


def pillow_file(pixels, kind, syntax, **options):
    """Return a DICOM file with a stream that Pillow encoded."""
    out = BytesIO()
    PIL.Image.fromarray(pixels).save(out, kind, **options)
    dataset = lateral_dataset(pixels, PixelData=encapsulate([out.getvalue()]))
    dataset["PixelData"].is_undefined_length = True
    return to_bytes(dataset, syntax)


def gdcm_file(pixels, tmp_path, **elements):
    """Return a DICOM file that gdcm compressed as JPEG Lossless (process 14, SV1)."""
    gdcm = pytest.importorskip("gdcm")
    source, target = tmp_path / "plain.dcm", tmp_path / "packed.dcm"
    source.write_bytes(lateral_file(pixels, **elements))
    reader = gdcm.ImageReader()
    reader.SetFileName(str(source))
    assert reader.Read()
    change = gdcm.ImageChangeTransferSyntax()
    change.SetTransferSyntax(gdcm.TransferSyntax(gdcm.TransferSyntax.JPEGLosslessProcess14_1))
    change.SetInput(reader.GetImage())
    assert change.Change()
    writer = gdcm.ImageWriter()
    writer.SetFile(reader.GetFile())
    writer.SetImage(change.GetOutput())
    writer.SetFileName(str(target))
    assert writer.Write()
    return target.read_bytes()


def test_jpeg_baseline_within_its_compression_error():
    data = pillow_file(gradient(), "JPEG", JPEGBaseline8Bit, quality=95)
    np.testing.assert_allclose(read_image(data).stored, gradient(), atol=6)


@pytest.mark.parametrize("high", [252, 60_000])
def test_jpeg_2000_lossless(high):
    data = pillow_file(gradient(high=high), "JPEG2000", JPEG2000Lossless, no_jp2=True)
    np.testing.assert_array_equal(read_image(data).stored, gradient(high=high))


def test_jpeg_lossless_of_twelve_bits(tmp_path):
    twelve = gradient(high=4000)
    data = gdcm_file(twelve, tmp_path, BitsStored=12, HighBit=11)
    assert JPEGLosslessSV1.encode() in data
    np.testing.assert_array_equal(read_image(data).stored, twelve)


def test_damaged_streams_do_not_end_this_process():
    data = pillow_file(gradient(high=60_000), "JPEG2000", JPEG2000Lossless, no_jp2=True)
    start = data.index(b"\xff\x4f\xff\x51")
    chance = random.Random(3)
    for _ in range(8):
        damaged = bytearray(data)
        for _ in range(6):
            damaged[chance.randrange(start + 8, start + 160)] = chance.randrange(256)
        with suppress(UnreadableImage):
            read_image(bytes(damaged))


def test_stream_of_another_size_than_the_header_is_rejected():
    data = pillow_file(gradient(200, 200), "JPEG", JPEGBaseline8Bit)
    contradictory = data.replace(
        b"\x28\x00\x11\x00US\x02\x00\xc8\x00", b"\x28\x00\x11\x00US\x02\x00\xc9\x00"
    )
    assert contradictory != data
    with pytest.raises(UnreadableImage, match="differs in size"):
        read_image(contradictory)
