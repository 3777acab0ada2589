"""Detect the column of vertebral bodies in an image and locate the corners of its bodies."""
