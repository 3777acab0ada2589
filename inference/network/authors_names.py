"""Translate tensor names between VerteRead and checkpoints of the VerteNet authors."""

from __future__ import annotations

import re
from typing import Final

# Tensor names of the authors -> VerteRead. Each pattern is replaced once, in this order.
_FROM_AUTHORS: Final[tuple[tuple[str, str], ...]] = (
    (r"^base_network\.", "encoder."),
    (r"^dec_net\.dec_c([234])\.", r"fuse\1."),
    (r"^dec_net\.(hm|reg|wh)\.0\.", r"heads.\1.conv1."),
    (r"^dec_net\.(hm|reg|wh)\.2\.", r"heads.\1.conv2."),
    (r"\.t_drsa_decoder_block_\.", ".self_low."),
    (r"\.t_drsa_skip_block_\.", ".self_skip."),
    (r"\.t_drca_decoder_block_\.", ".cross_low."),
    (r"\.t_drca_skip_block_\.", ".cross_skip."),
    (r"\.channel_transformer\.", ".channels."),
    (r"\.cat_conv\.", ".join."),
    (r"\.(norm[12])\.body\.", r".\1."),
    (r"\.attn\.([qkv])_Hi\.", r".attn.high.\1."),
    (r"\.attn\.([qkv])_Lo\.", r".attn.low.\1."),
    (r"\.attn\.convTranspose\.", ".attn.enlarge."),
)


# Tensor names of VerteRead -> the authors, in this order.
# Regular expressions cannot be inverted, so both directions are written out; a test converts a
# checkpoint both ways.
_TO_AUTHORS: Final[tuple[tuple[str, str], ...]] = (
    (r"\.(norm[12])\.", r".\1.body."),
    (r"\.attn\.high\.([qkv])\.", r".attn.\1_Hi."),
    (r"\.attn\.low\.([qkv])\.", r".attn.\1_Lo."),
    (r"\.attn\.enlarge\.", ".attn.convTranspose."),
    (r"\.self_low\.", ".t_drsa_decoder_block_."),
    (r"\.self_skip\.", ".t_drsa_skip_block_."),
    (r"\.cross_low\.", ".t_drca_decoder_block_."),
    (r"\.cross_skip\.", ".t_drca_skip_block_."),
    (r"\.channels\.", ".channel_transformer."),
    (r"\.join\.", ".cat_conv."),
    (r"^heads\.(hm|reg|wh)\.conv1\.", r"dec_net.\1.0."),
    (r"^heads\.(hm|reg|wh)\.conv2\.", r"dec_net.\1.2."),
    (r"^fuse([234])\.", r"dec_net.dec_c\1."),
    (r"^encoder\.", "base_network."),
)


def from_authors_name(name: str) -> str:
    """Translate a tensor name of an authors' checkpoint to the VerteRead name.

    A ``module.`` prefix, which ``torch.nn.DataParallel`` adds, is removed.

    Examples
    --------
    >>> from_authors_name("dec_net.dec_c4.t_drsa_skip_block_.attn.q_Hi.weight")
    'fuse4.self_skip.attn.high.q.weight'
    """
    return _rename(name.removeprefix("module."), _FROM_AUTHORS)


def to_authors_name(name: str) -> str:
    """Translate a VerteRead tensor name to that of an authors' checkpoint.

    This is the inverse of :func:`from_authors_name`.

    Examples
    --------
    >>> to_authors_name("fuse4.self_skip.attn.high.q.weight")
    'dec_net.dec_c4.t_drsa_skip_block_.attn.q_Hi.weight'
    """
    return _rename(name, _TO_AUTHORS)


def _rename(name: str, table: tuple[tuple[str, str], ...]) -> str:
    for pattern, replacement in table:
        name = re.sub(pattern, replacement, name, count=1)
    return name
