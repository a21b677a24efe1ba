"""Makes `.venv` with exactly the locked packages: `python3 deploy/local/bootstrap.py`.

It runs on a machine's own Python before anything is installed, so it imports the standard library
alone. When the lock and the project file have not changed since, it does nothing.
"""

import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VAR = ROOT / "var"
ENVIRONMENT = ROOT / ".venv"
UV = "uv==0.13.9"
OLDEST = (3, 11)


def main() -> None:
    """Bring the environment up to date."""
    if sys.version_info < OLDEST:
        sys.exit(
            "Wraparound needs Python 3.11 or newer: install it and run `make PYTHON=python3.11`."
        )
    VAR.mkdir(exist_ok=True)
    with (VAR / "bootstrap.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two makes at once: the second finds it done
        stamp, fingerprint = ENVIRONMENT / "installed", fingerprint_of_the_locks()
        if not (stamp.exists() and stamp.read_text() == fingerprint):
            install(find_uv() or install_uv())
            stamp.write_text(fingerprint)


def fingerprint_of_the_locks() -> str:
    """Changes when what is to be installed, or how, changes."""
    files = (ROOT / "requirements.lock", ROOT / "pyproject.toml", Path(__file__))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


def install(uv: str) -> None:
    """Fill the environment; hashes are required, nothing is built but the project itself.

    Packages are compiled at once: else each process compiles a thousand modules when it begins, or,
    where PYTHONDONTWRITEBYTECODE is set as in many containers, every process does.
    """
    python = ENVIRONMENT / "bin" / "python"
    if not works(str(python)):
        shutil.rmtree(ENVIRONMENT, ignore_errors=True)
        run(uv, "venv", "--quiet", "--python", sys.executable, str(ENVIRONMENT))
    pip = (uv, "pip")
    how = ("--require-hashes", "--compile-bytecode")
    run(*pip, "sync", "--python", str(python), *how, "requirements.lock")
    project = ("--no-deps", "--no-build-isolation", "--editable", ".")
    run(*pip, "install", "--quiet", "--python", str(python), *project)


def find_uv() -> "str | None":
    """A uv that runs: on the path, or installed here before."""
    for candidate in (shutil.which("uv"), *map(str, places_of_uv())):
        if candidate and works(candidate):
            return candidate
    return None


def places_of_uv() -> "tuple[Path, ...]":
    """Where `install_uv` puts it."""
    return (VAR / "uv" / "bin" / "uv",)


def install_uv() -> str:
    """Install uv by pip under `var`, leaving the machine's own Python as it is."""
    folder = VAR / "uv"
    shutil.rmtree(folder, ignore_errors=True)
    if not has_installer() and os.geteuid() == 0 and shutil.which("apt-get"):
        run("apt-get", "-qq", "update")
        run("apt-get", "-qq", "-y", "install", "--no-install-recommends", "python3-venv")
        importlib.invalidate_caches()
    if importlib.util.find_spec("ensurepip"):
        run(sys.executable, "-m", "venv", str(folder))
        run(str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", UV)
    elif importlib.util.find_spec("pip"):
        run(sys.executable, "-m", "pip", "install", "--quiet", "--target", str(folder), UV)
    else:
        sys.exit(
            "This Python has neither venv nor pip: run `apt-get install python3-venv` and again."
        )
    return str(places_of_uv()[0])


def has_installer() -> bool:
    """Whether this Python can install anything; Debian packs both ways apart."""
    return any(map(importlib.util.find_spec, ("ensurepip", "pip")))


def works(program: str) -> bool:
    """Whether it can be run; a shim on the path may point to nothing."""
    try:
        return (
            subprocess.run((program, "--version"), capture_output=True, check=False).returncode == 0
        )
    except OSError:
        return False


def run(*command: str) -> None:
    """Run a command; end with a sentence if it fails, its own words standing above."""
    quiet = {**os.environ, "UV_PYTHON_DOWNLOADS": "never", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    if subprocess.run(command, cwd=ROOT, env=quiet, check=False).returncode:
        sys.exit(
            f"`{Path(command[0]).name} {command[1]}` failed for the reason above: check the "
            "network and the disk, and run the command again."
        )


if __name__ == "__main__":
    main()
