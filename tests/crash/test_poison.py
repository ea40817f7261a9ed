"""A message that its recipient dies of, process after process."""

import subprocess
import sys
from collections import Counter
from pathlib import Path

POISONED = Path(__file__).with_name("poisoned.py")


def test_it_is_delivered_so_often_and_then_put_aside_and_harms_no_other(tmp_path):
    said = Counter[str]()
    codes: list[int] = []
    while len(codes) < 6 and codes[-1:] != [0]:
        ran = subprocess.run(
            [sys.executable, str(POISONED), str(tmp_path / "store.db")],
            capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        codes.append(ran.returncode)
        said.update(ran.stdout.splitlines())
    assert codes == [9, 9, 9, 0], "sent once, and delivered again twice"
    assert said["dead 9"] == 1
    assert {line for line in said if line.startswith("handled")} == {
        f"handled {number}" for number in range(9)
    }
