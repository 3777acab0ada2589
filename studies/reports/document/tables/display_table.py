"""Table and text on the size of the image and the display checks of the readers."""

from __future__ import annotations

from studies.formats.numbers import NO_VALUE
from studies.reports.document.formatting import when
from studies.reports.document.summary.display import DisplaySummary, ReaderDisplaySummary
from studies.reports.document.tables.text_table import TextTable

SOURCE = (
    "The check is modelled on the low-contrast letters of the TG18-QC test pattern (AAPM On-Line "
    "Report No. 03, 2005), but its results cannot be compared with those of that pattern."
)


def display_table(display: DisplaySummary) -> TextTable | None:
    """Return one row per reader with reading sessions; None if the study had no display check."""
    if not display.readers:
        return None
    return TextTable(
        title="Display checks",
        caption=(
            "Display checks by reader: reading sessions, sessions with a check, sessions in which "
            "the last check was passed, and the largest contrast needed at either end."
        ),
        header=("Reader", "Sessions", "Checked", "Passed", "Dark", "Bright", "Waiver"),
        rows=tuple(_row(reader) for reader in display.readers),
        note=(
            "Dark and bright: smallest difference from black and from white at which all letters "
            "were read, in grey levels of 0 to 255; the largest value of the reader’s sessions. "
            "None: in at least one session, the letters of the highest contrast were not all read. "
            "Displays were not calibrated."
        ),
    )


def describe_display(display: DisplaySummary) -> str:
    """Return the paragraph of the methods on image size and display."""
    sentences = []
    if display.minimum_image_px:
        sentences.append(
            "Cases could be scored only while the image area was at least "
            f"{display.minimum_image_px} device pixels high; phones were not permitted."
        )
    else:
        sentences.append("No minimum size of the image was required; phones were not permitted.")
    if display.check == "off":
        sentences.append("The readers’ displays were not checked.")
        return " ".join(sentences)
    manner = {
        "recommended": "Readers were asked, but not obliged, to check their display",
        "required": "Readers had to pass a check of their display",
    }[display.check]
    sentences.append(
        f"{manner} at the start of each reading session: they typed random letters at five "
        "contrasts just above black and just below white. To pass, all letters down to a "
        f"difference of {display.contrast} of 255 grey levels had to be read at both ends. "
        f"{SOURCE} Displays were not calibrated."
    )
    return " ".join(sentences)


def _row(reader: ReaderDisplaySummary) -> tuple[str, ...]:
    checked = bool(reader.checked)
    return (
        reader.reader,
        str(reader.sessions),
        str(reader.checked),
        str(reader.passed),
        _contrast(reader.dark, checked),
        _contrast(reader.bright, checked),
        NO_VALUE if reader.waived_at is None else f"{when(reader.waived_at)}: {reader.waiver}",
    )


def _contrast(contrast: int | None, checked: bool) -> str:
    if not checked:
        return NO_VALUE
    return "none" if contrast is None else str(contrast)
