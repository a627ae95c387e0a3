"""Compile requirements.txt from the .in files, or check that it follows.

`compile` keeps every pin that still fits, `compile --upgrade` takes the newest. `check`
also starts from the pins, so it depends on what we wrote and not on what was published
this morning.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
COMPILED = HERE.parents[1] / "requirements.txt"
SOURCES = ("base.in", "test.in", "dev.in")
HEADER = "# Made by `make requirements` from config/requirements/*.in, not by hand.\n"


def compile_into(target: Path, *options: str) -> None:
    """Resolve the .in files for Python 3.11 and newer, starting from target's pins."""
    command = [sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--universal"]
    command += ["--python-version", "3.11", "--no-header", "--no-emit-index-url"]
    command += ["--no-emit-find-links", *options, "--output-file", str(target)]
    sources = [str((HERE / name).relative_to(COMPILED.parent)) for name in SOURCES]
    subprocess.run([*command, *sources], check=True, cwd=COMPILED.parent)  # noqa: S603
    target.write_text(HEADER + target.read_text())


def check() -> int:
    """Refuse a compiled file that its own pins and the .in files do not give."""
    with tempfile.TemporaryDirectory() as folder:
        again = Path(folder) / COMPILED.name
        again.write_text(COMPILED.read_text())
        compile_into(again)
        if again.read_text() == COMPILED.read_text():
            return 0
    sys.stderr.write(
        "requirements.txt does not follow from config/requirements/*.in. "
        "Run `make requirements` and commit the result.\n"
    )
    return 1


def main(arguments: list[str]) -> int:
    """Run `compile [--upgrade]` or `check`; 2 on anything else."""
    if arguments == ["check"]:
        return check()
    if arguments in (["compile"], ["compile", "--upgrade"]):
        compile_into(COMPILED, *arguments[1:])
        return 0
    sys.stderr.write("usage: python -m config.requirements check|compile [--upgrade]\n")
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
