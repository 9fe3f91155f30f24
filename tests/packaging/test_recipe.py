"""The sample's recipe names only steps that exist. No step is taken."""

import re
import subprocess
import sys
from pathlib import Path

RECIPE = Path(__file__).resolve().parents[2] / "packaging" / "sample"


def test_every_step_that_is_named_exists_and_the_help_tells_them_all() -> None:
    done = subprocess.run(
        [sys.executable, RECIPE / "build.py", "--help"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    choices = re.search(r"\{([a-z,-]+)\}", done.stdout)
    assert choices is not None
    steps = choices[1].split(",")
    told, _, _ = done.stdout.partition("positional arguments:")
    assert [step for step in steps if f"`{step}`" not in told] == []

    build = (RECIPE / "build.py").read_text(encoding="utf-8")
    assert [step for step in steps if f"def {step.replace('-', '_')}(self)" not in build] == []

    sources = {path.name: path.read_text(encoding="utf-8") for path in RECIPE.glob("*.py")}
    named = {
        (name, step)
        for name, text in sources.items()
        for step in re.findall(r"`build\.py\s+([a-z-]+)`", text)
    }
    assert len(named) > 3
    assert {(name, step) for name, step in named if step not in steps} == set()


def test_every_file_that_is_named_exists() -> None:
    missing = [
        (path.name, named)
        for path in RECIPE.glob("*.py")
        for named in re.findall(r"`([a-z_]+\.(?:py|toml))`", path.read_text(encoding="utf-8"))
        if not (RECIPE / named).exists()
    ]
    assert missing == []
