"""The instructions of the open demonstration study, in Markdown."""

INSTRUCTIONS = """
# Welcome

You read 24 phantoms in this demonstration: computer-generated images, not patients. Score all
eight cells of each image, even if you are unsure.

- Read in a dark room, and adjust the window whenever you need to.
- Take a break after about 20 images. Press `p` to pause; paused time is not counted.
- Do not discuss cases with other readers.

Press `h` at any time to see this text and the **scoring guide** again. To try the scale first,
choose *Instructions and practice* under *My studies*: after each practice case you see the
reference grades.
"""

GUIDED_INSTRUCTIONS = """
In this arm, blue lines show where the network expects the boundaries of L1 to L4.

- The lines may be wrong. If a level is clearly mislabelled, score what you see and write a comment.
- The thin lines divide a level into thirds. Use them as a ruler: add up the calcified lengths,
  wherever they lie.
- Press `g` to hide the lines or show them again.
"""
