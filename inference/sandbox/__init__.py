"""Parse untrusted bytes in processes with limited memory, time and output."""
