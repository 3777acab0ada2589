"""Fit the correction of corners by the shape of the column to phantoms, and judge it on others."""
