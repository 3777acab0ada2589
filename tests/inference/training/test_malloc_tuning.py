import platform
import subprocess
import sys

CODE = """
from inference.training.malloc_tuning import retain_freed_memory

print(retain_freed_memory(), len(bytes(10**8)))
"""


def test_large_blocks_can_be_taken_afterwards() -> None:
    """In a process of its own, for it cannot be taken back."""
    kept = str(platform.libc_ver()[0] == "glibc")
    said = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
    assert said.stdout.split() == [kept, "100000000"]
