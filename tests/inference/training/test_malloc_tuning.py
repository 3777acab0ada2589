import platform
import subprocess
import sys

CODE = """
from inference.training.malloc_tuning import retain_freed_memory

print(retain_freed_memory(), len(bytes(10**8)))
"""


def test_large_blocks_can_be_allocated_afterwards() -> None:
    """In a separate process, because the setting cannot be reverted."""
    applied = str(platform.libc_ver()[0] == "glibc")
    command = [sys.executable, "-c", CODE]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    assert result.stdout.split() == [applied, "100000000"]
