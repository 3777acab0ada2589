"""VerteNet: encoder, fusion with attention, and heads."""
