"""The distribution as it is built: a wheel and an sdist, made from a copy of the checkout."""

import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

SOURCES = ("core", "plugins", "storage", "console", "plugin_template")
RUBBISH = ("__pycache__", "*.egg-info", ".*_cache", ".venv*", "build", "dist")


@dataclass(frozen=True)
class Distribution:
    """What was built, and what is inside."""

    wheel: Path
    wheel_files: frozenset[str]
    sdist_files: frozenset[str]
    """Without the leading `dataagents-VERSION/`."""
    sources: frozenset[str]
    """The files of the rooms and of the template, as they stand in the checkout."""


@pytest.fixture(scope="session")
def project(repository: Path) -> dict[str, Any]:
    """The content of pyproject.toml."""
    return tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def distribution(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Distribution:
    """Build the wheel and the sdist, each from the sources as the other build tools do."""
    copy = tmp_path_factory.mktemp("sources")
    for name in SOURCES:
        ignore = shutil.ignore_patterns(*RUBBISH)
        shutil.copytree(repository / name, copy / name, ignore=ignore)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(repository / name, copy / name)
    sources = [path for name in SOURCES for path in (copy / name).rglob("*") if path.is_file()]
    built = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(built), str(copy)]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    (wheel,) = built.glob("*.whl")
    (sdist,) = built.glob("*.tar.gz")
    with zipfile.ZipFile(wheel) as archive:
        wheel_files = frozenset(archive.namelist())
    with tarfile.open(sdist) as archive:
        members = [member.name for member in archive.getmembers() if member.isfile()]
    return Distribution(
        wheel,
        wheel_files,
        frozenset(name.partition("/")[2] for name in members),
        frozenset(path.relative_to(copy).as_posix() for path in sources),
    )
