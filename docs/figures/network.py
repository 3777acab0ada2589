"""Draw the figure of docs/vertenet.md.

python -m docs.figures.network > docs/figures/network.svg
"""

from __future__ import annotations

import sys

from docs.figures.svg import BLUE, GREEN, GREY, INK, ORANGE, PALE, SKY, VERMILION, Drawing

# tests/docs/test_figures.py compares these numbers with the network's configuration.
INPUT = (1024, 512)
CHANNELS = {4: 48, 8: 64, 16: 160, 32: 256}
HEADS = {
    "hm": (1, "centre of a body"),
    "reg": (2, "sub-cell offset"),
    "wh": (8, "centre minus each corner"),
}
STAGES = {
    4: "stem, stages 0 and 1",
    8: "stage 2",
    16: "stages 3 and 4",
    32: "stage 5",
}
ROWS = {4: 110, 8: 200, 16: 290, 32: 380}
ENCODER, FUSION, HEAD = 60, 430, 740
BLUE_PALE, ORANGE_PALE, GREEN_PALE = "#E3EFF7", "#FCF1DC", "#DFF2EC"


def draw() -> str:
    """Return the figure: the whole network, one fusion block, attention at two resolutions."""
    drawing = Drawing(1180, 990, "VerteNet: encoder, fusion blocks, heads")
    _draw_network(drawing)
    _draw_fusion_block(drawing)
    _draw_attention(drawing)
    return str(drawing)


def _draw_network(drawing: Drawing) -> None:
    drawing.text((24, 34), "A  The whole network", size=16, bold=True)
    drawing.text((ENCODER, 66), "Encoder: EfficientNetV2-S", colour=GREY)
    drawing.text((FUSION, 66), "Decoder: three fusion blocks", colour=BLUE)
    drawing.text((HEAD, 66), "Heads", colour=ORANGE)
    drawing.text((ENCODER + 110, 93), f"image, 3 x {INPUT[0]} x {INPUT[1]}", size=12)
    drawing.line([(ENCODER + 95, 78), (ENCODER + 95, ROWS[4])], arrow=True)
    for stride, y in ROWS.items():
        size = f"{CHANNELS[stride]} x {INPUT[0] // stride} x {INPUT[1] // stride}"
        drawing.box((ENCODER, y), (190, 50), size, sub=STAGES[stride], fill=PALE)
        drawing.text((ENCODER - 12, y + 30), f"1/{stride}", anchor="end", size=11, colour=GREY)
        if stride < 32:
            drawing.line([(ENCODER + 95, y + 50), (ENCODER + 95, ROWS[2 * stride])], arrow=True)
            drawing.line([(ENCODER + 190, y + 25), (FUSION, y + 25)], arrow=True)
            drawing.text((ENCODER + 215, y + 18), "skip", size=11, colour=GREY)
            drawing.box(
                (FUSION, y), (190, 50), "fusion block", sub=size, colour=BLUE, fill=BLUE_PALE
            )
    drawing.line(
        [
            (ENCODER + 190, ROWS[32] + 25),
            (FUSION + 95, ROWS[32] + 25),
            (FUSION + 95, ROWS[16] + 50),
        ],
        arrow=True,
    )
    drawing.text((ENCODER + 215, ROWS[32] + 18), "low", size=11, colour=GREY)
    for stride in (8, 16):
        drawing.line(
            [(FUSION + 95, ROWS[stride]), (FUSION + 95, ROWS[stride // 2] + 50)], arrow=True
        )
        drawing.text((FUSION + 103, ROWS[stride] - 14), "low", size=11, colour=GREY)
    size = f"{INPUT[0] // 4} x {INPUT[1] // 4}"
    for number, (name, (channels, meaning)) in enumerate(HEADS.items()):
        y = ROWS[4] + 70 * number
        drawing.line(
            [
                (FUSION + 190, ROWS[4] + 25),
                (HEAD - 50, ROWS[4] + 25),
                (HEAD - 50, y + 25),
                (HEAD, y + 25),
            ],
            arrow=True,
        )
        drawing.box(
            (HEAD, y),
            (170, 50),
            f"{name}: {channels} x {size}",
            sub=meaning,
            colour=ORANGE,
            fill=ORANGE_PALE,
        )
        drawing.line([(HEAD + 170, y + 25), (HEAD + 215, y + 25)], arrow=number == 1)
    drawing.line([(HEAD + 215, ROWS[4] + 25), (HEAD + 215, ROWS[4] + 165)], colour=INK)
    for line, text in enumerate(
        (
            "six strongest peaks of hm,",
            "shifted by reg, minus wh:",
            "six centres, 24 corners,",
            "times 4, sorted by height",
        )
    ):
        drawing.text((HEAD + 226, ROWS[4] + 72 + 19 * line), text, size=12.5)


def _draw_fusion_block(drawing: Drawing) -> None:
    top = 490
    drawing.text((24, top), "B  One fusion block (MCFB)", size=16, bold=True)
    upper, lower, height = top + 40, top + 130, 46
    drawing.box((60, upper), (100, height), "skip", sub="finer map", fill=PALE)
    drawing.box((60, lower), (100, height), "low", sub="coarser map", fill=PALE)
    drawing.box((195, lower), (155, height), "resize, 3x3 conv", sub="to skip's size and channels")
    for y in (upper, lower):
        drawing.box(
            (385, y), (130, height), "DRSA", sub="self-attention", colour=BLUE, fill=BLUE_PALE
        )
        drawing.box(
            (590, y), (140, height), "DRCA", sub="cross-attention", colour=GREEN, fill=GREEN_PALE
        )
        drawing.line([(515, y + height / 2), (590, y + height / 2)], arrow=True)
        baseline = y + height / 2 + (-6 if y == upper else 15)
        drawing.text((522, baseline), "Q", size=11, colour=GREY)
    drawing.line([(160, upper + height / 2), (385, upper + height / 2)], arrow=True)
    drawing.line([(160, lower + height / 2), (195, lower + height / 2)], arrow=True)
    drawing.line([(350, lower + height / 2), (385, lower + height / 2)], arrow=True)
    for start, end in ((upper, lower), (lower, upper)):
        beside = 9 if start < end else -9
        leaves, arrives = start + height / 2 + beside, end + height / 2 - beside
        way = [(515.0, leaves), (548, leaves), (566, arrives), (590, arrives)]
        drawing.line(way, colour=GREEN, dash="4 3", arrow=True)
    drawing.text((640, (upper + lower + height) / 2 + 4), "dashed: K, V", size=11, colour=GREEN)
    middle = (upper + lower) / 2
    for y in (upper, lower):
        drawing.line(
            [(730, y + height / 2), (758, y + height / 2), (758, middle + height / 2)],
            arrow=False,
        )
    drawing.line([(758, middle + height / 2), (785, middle + height / 2)], arrow=True)
    drawing.box((785, middle), (130, height), "concat, 1x1 conv", sub="skip first, then low")
    drawing.line([(915, middle + height / 2), (950, middle + height / 2)], arrow=True)
    drawing.box(
        (950, middle),
        (140, height),
        "CSA",
        sub="channel attention",
        colour=VERMILION,
        fill="#FBE7DC",
    )
    drawing.line([(1090, middle + height / 2), (1135, middle + height / 2)], arrow=True)


def _draw_attention(drawing: Drawing) -> None:
    top = 735
    drawing.text((24, top), "C  Attention at two resolutions (DRSA, DRCA)", size=16, bold=True)
    _draw_grid(drawing, (60, top + 30), 88, "the map", "8 x 8 patches")
    _draw_grid(drawing, (82, top + 165), 44, "2x2 max-pooled", "the same 8 x 8 patches")
    for y in (top + 74, top + 187):
        drawing.line([(298, y), (330, y)], arrow=True)
        drawing.box(
            (330, y - 27),
            (190, 54),
            "64 tokens per position",
            sub="one from each patch (dots)",
            colour=SKY,
        )
        drawing.line([(520, y), (560, y)], arrow=True)
        drawing.box(
            (560, y - 27), (210, 54), "softmax(t cos(Q, K)) V", sub="64 x 64 scores, t learned"
        )
    drawing.line([(770, top + 74), (950, top + 74)], arrow=True)
    drawing.line([(770, top + 187), (805, top + 187)], arrow=True)
    drawing.box((805, top + 160), (105, 54), "upsampled", sub="2x2 transposed")
    drawing.line([(910, top + 187), (930, top + 187), (930, top + 92), (950, top + 92)], arrow=True)
    drawing.box((950, top + 52), (140, 60), "concat, 1x1 conv", sub="back to C channels")
    drawing.line([(1090, top + 82), (1135, top + 82)], arrow=True)
    drawing.text(
        (330, top + 243),
        "Wq, Wk, Wv are 64 x 64: each position attends to the same position in the other patches",
        size=12,
        colour=GREY,
    )


def _draw_grid(drawing: Drawing, at: tuple[float, float], side: float, text: str, sub: str) -> None:
    """Draw 8 x 8 patches with a dot at the same position of each."""
    (x, y), cell = at, side / 8
    for number in range(9):
        at_y, at_x = y + number * cell, x + number * cell
        drawing.line([(x, at_y), (x + side, at_y)], colour="#BBBBBB", width=0.8)
        drawing.line([(at_x, y), (at_x, y + side)], colour="#BBBBBB", width=0.8)
    for row in range(8):
        for column in range(8):
            drawing.dot((x + (column + 0.3) * cell, y + (row + 0.6) * cell), cell / 7, BLUE)
    drawing.text((156, y + side / 2 - 2), text, size=12)
    drawing.text((156, y + side / 2 + 14), sub, size=11, colour=GREY)


if __name__ == "__main__":
    sys.stdout.write(draw())
