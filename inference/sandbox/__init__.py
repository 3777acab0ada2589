"""Untrusted bytes are parsed in processes of limited memory, time and output."""
