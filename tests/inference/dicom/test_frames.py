"""Compressed and plain frames are decoded exactly, and never truncated silently."""

import io

import gdcm
import jpeg_ls
import numpy as np
import PIL.Image
import pytest
from pydicom.encaps import encapsulate, generate_frames
from pydicom.uid import (
    JPEG2000,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLosslessSV1,
    JPEGLSLossless,
    RLELossless,
)

from inference.dicom.codestream import end_of_stream
from inference.dicom.dataset import open_dataset
from inference.dicom.pixels import decode_grey
from inference.image import read_image
from tests.dicom_files import gradient, lateral_dataset, lateral_file, to_bytes
from tests.inference.dicom.scans import hologic_scan, stream_file
from tests.inference.error_codes import code_of

DELIMITER = b"\xfe\xff\xdd\xe0\0\0\0\0"


def stored(data):
    return decode_grey(open_dataset(data)).stored


def j2k(pixels):
    out = io.BytesIO()
    PIL.Image.fromarray(pixels).save(out, "JPEG2000", no_jp2=True)
    return out.getvalue()


def jpeg(pixels):
    out = io.BytesIO()
    PIL.Image.fromarray(pixels).save(out, "JPEG", quality=95)
    return out.getvalue()


def jpeg_by_gdcm(pixels, folder, syntax, bits):
    """Return a code stream of JPEG Lossless or 12-bit JPEG Extended."""
    source, target = folder / "plain.dcm", folder / "packed.dcm"
    source.write_bytes(lateral_file(pixels, BitsStored=bits, HighBit=bits - 1))
    reader = gdcm.ImageReader()
    reader.SetFileName(str(source))
    assert reader.Read()
    change = gdcm.ImageChangeTransferSyntax()
    change.SetTransferSyntax(gdcm.TransferSyntax(syntax))
    change.SetInput(reader.GetImage())
    assert change.Change()
    writer = gdcm.ImageWriter()
    writer.SetFile(reader.GetFile())
    writer.SetImage(change.GetOutput())
    writer.SetFileName(str(target))
    assert writer.Write()
    packed = open_dataset(target.read_bytes())
    return next(generate_frames(packed.PixelData, number_of_frames=1))


@pytest.mark.parametrize(
    ("syntax", "pack"),
    [(JPEG2000Lossless, j2k), (JPEGLSLossless, lambda pixels: bytes(jpeg_ls.encode_array(pixels)))],
)
def test_compressed_value_of_4096_in_12_bits_is_preserved(syntax, pack):
    scan = hologic_scan()
    data = stream_file(pack(scan), scan.shape, syntax, BitsStored=12, HighBit=11)
    np.testing.assert_array_equal(stored(data), scan)


def test_lossless_jpeg_value_of_4096_in_12_bits_is_preserved(tmp_path):
    scan = hologic_scan()
    stream = jpeg_by_gdcm(scan, tmp_path, gdcm.TransferSyntax.JPEGLosslessProcess14_1, 16)
    data = stream_file(stream, scan.shape, JPEGLosslessSV1, BitsStored=12, HighBit=11)
    np.testing.assert_array_equal(stored(data), scan)


def test_run_length_encoded_value_of_4096_in_12_bits_is_preserved():
    scan = hologic_scan()
    dataset = lateral_dataset(scan)
    to_bytes(dataset)
    dataset.compress(RLELossless, generate_instance_uid=False)
    dataset.BitsStored, dataset.HighBit = 12, 11
    np.testing.assert_array_equal(stored(to_bytes(dataset, RLELossless)), scan)


def test_signed_values_in_an_unsigned_code_stream():
    scan = gradient(high=2000).astype(np.int16) - 1000
    stream = j2k(scan.view(np.uint16))
    data = stream_file(stream, scan.shape, JPEG2000Lossless, PixelRepresentation=1)
    np.testing.assert_array_equal(stored(data), scan)


def test_12_bit_jpeg_extended(tmp_path):
    scan = gradient(high=4000).astype(np.uint16)
    stream = jpeg_by_gdcm(scan, tmp_path, gdcm.TransferSyntax.JPEGExtendedProcess2_4, 12)
    data = stream_file(stream, scan.shape, JPEGExtended12Bit, BitsStored=12, HighBit=11)
    np.testing.assert_allclose(stored(data), scan, atol=40)


@pytest.mark.parametrize("tail", [b"", bytes(8), DELIMITER[:4], DELIMITER[:6]])
@pytest.mark.parametrize("kind", ["jpeg", "j2k"])
def test_missing_sequence_delimiter_is_accepted(tail, kind):
    scan = gradient()
    stream, syntax = (jpeg(scan), JPEGBaseline8Bit) if kind == "jpeg" else (j2k(scan), JPEG2000)
    data = stream_file(stream, scan.shape, syntax, BitsAllocated=8, BitsStored=8, HighBit=7)
    assert data.endswith(DELIMITER)
    np.testing.assert_allclose(stored(data[: -len(DELIMITER)] + tail), scan, atol=6)


@pytest.mark.parametrize("kind", ["jpeg", "j2k", "jls"])
@pytest.mark.parametrize("delimiter", [b"", DELIMITER])
def test_code_stream_without_its_end_is_truncated(kind, delimiter):
    scan = gradient()
    pack, syntax = {
        "jpeg": (jpeg, JPEGBaseline8Bit),
        "j2k": (j2k, JPEG2000),
        "jls": (lambda pixels: bytes(jpeg_ls.encode_array(pixels)), JPEGLSLossless),
    }[kind]
    stream = pack(scan)
    stream = stream[: len(stream) * 3 // 4]
    data = stream_file(stream, scan.shape, syntax, BitsAllocated=8, BitsStored=8, HighBit=7)
    assert code_of(data[: -len(DELIMITER)] + delimiter) == "truncated"


@pytest.mark.parametrize("pack", [jpeg, lambda pixels: bytes(jpeg_ls.encode_array(pixels))])
def test_fill_bytes_before_the_end_marker_belong_to_the_stream(pack):
    """Any number of 0xFF may precede a marker (ISO/IEC 10918-1, B.1.1.2)."""
    stream = pack(gradient())
    assert stream.endswith(b"\xff\xd9")
    filled = stream[:-2] + b"\xff\xff\xff\xd9"
    assert end_of_stream(filled + b"\0rest") == len(filled)


def test_code_stream_in_several_fragments():
    scan = gradient()
    stream = j2k(scan)
    parts = [stream[:100], stream[100:300], stream[300:]]
    data = stream_file(parts, scan.shape, JPEG2000, BitsAllocated=8, BitsStored=8, HighBit=7)
    np.testing.assert_array_equal(stored(data), scan)


@pytest.mark.parametrize("kind", ["jpeg", "j2k"])
def test_undeclared_second_frame_is_rejected(kind):
    scan = gradient()
    stream, syntax = (jpeg(scan), JPEGBaseline8Bit) if kind == "jpeg" else (j2k(scan), JPEG2000)
    data = stream_file(
        [stream, stream], scan.shape, syntax, BitsAllocated=8, BitsStored=8, HighBit=7
    )
    assert code_of(data) == "multi_frame"


def test_undeclared_second_run_length_frame_is_rejected():
    dataset = lateral_dataset()
    to_bytes(dataset)
    dataset.compress(RLELossless, generate_instance_uid=False)
    at = dataset.PixelData.index(b"\x01\0\0\0\x40\0\0\0")
    length = int.from_bytes(dataset.PixelData[at - 4 : at], "little")
    frame = dataset.PixelData[at : at + length]
    dataset.PixelData = encapsulate([frame, frame])
    dataset["PixelData"].is_undefined_length = True
    assert code_of(to_bytes(dataset, RLELossless)) == "multi_frame"


def test_colour_stream_in_a_file_declared_grey_is_rejected():
    colours = np.random.default_rng(0).integers(0, 255, (120, 80, 3), dtype=np.uint8)
    data = stream_file(
        jpeg(colours), (120, 80), JPEGBaseline8Bit, BitsAllocated=8, BitsStored=8, HighBit=7
    )
    assert code_of(data) == "colour"


@pytest.mark.parametrize("more", [1, 30])
@pytest.mark.parametrize("high", [252, 4000])
def test_more_rows_than_the_header_declares_are_rejected(more, high):
    scan = gradient(high=high)
    assert code_of(lateral_file(scan, Rows=scan.shape[0] - more)) == "more_pixels"


def test_more_rows_in_a_run_length_frame_are_rejected():
    dataset = lateral_dataset()
    to_bytes(dataset)
    dataset.compress(RLELossless, generate_instance_uid=False)
    dataset.Rows = 100
    assert code_of(to_bytes(dataset, RLELossless)) == "more_pixels"


def test_fewer_columns_than_the_pixels_need_are_rejected():
    assert code_of(lateral_file(Columns=76)) == "more_pixels"


def test_undeclared_second_plain_frame_is_rejected():
    two = np.concatenate([gradient(), gradient()])
    assert code_of(lateral_file(two, Rows=120)) == "multi_frame"


def test_padding_of_less_than_a_row_is_ignored():
    scan = gradient()
    data = lateral_file(scan, PixelData=scan.tobytes() + bytes(64))
    np.testing.assert_array_equal(read_image(data).stored, scan)
