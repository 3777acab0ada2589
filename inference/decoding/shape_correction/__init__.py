"""Correct corners that do not fit the shape of their body and of its neighbours."""
