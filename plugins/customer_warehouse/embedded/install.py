"""Bring `.venv` to what a lock file says: `python3 -I install.py requirements.txt`.

Runs with any Python 3, before anything is installed, so it uses the standard library only and looks for a Python that
fits. Packages come from whatever index pip is configured for, by uv when it can be had and else by pip, with the
lock's hashes either way. A stamp in `.venv` keyed on the lock's content makes the next call a matter of milliseconds.
"""

import ast
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[3]
VENV = PROJECT / ".venv"
STAMP = VENV / "installed.json"
OLDEST = (3, 11)
TOO_NEW = (3, 14)
SUPERSETS = {"requirements-dev.txt": ["requirements.txt"]}
"""A lock that contains another one: installing it installs both."""


class InstallError(Exception):
    """One sentence: what is missing and what to do."""


def version_of(python: str) -> "tuple[int, ...] | None":
    """(major, minor) of an interpreter, or None when it does not run."""
    command = [python, "-I", "-c", "import sys; print(*sys.version_info[:2])"]
    try:
        answer = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return None
    return tuple(int(part) for part in answer.split())


def fits(version: "tuple[int, ...] | None") -> bool:
    """Whether this (major, minor) can run the warehouse."""
    return version is not None and OLDEST <= version < TOO_NEW


def suitable_python() -> str:
    """The Python that runs this, or the newest on PATH that fits. Raises InstallError when there is none."""
    if fits(sys.version_info[:2]):
        return sys.executable
    for name in ("python3.13", "python3.12", "python3.11"):
        found = shutil.which(name)
        if found and fits(version_of(found)):
            return found
    raise InstallError(
        f"Python 3.11, 3.12 or 3.13 is needed and {sys.executable} is {sys.version_info[0]}.{sys.version_info[1]}:"
        " install one of them, or name it with PYTHON=/path/to/python3."
    )


def digest(lock: Path) -> str:
    """What the stamp keeps of a lock: its content and the Python it was installed for."""
    return hashlib.sha256(lock.read_bytes()).hexdigest()


def is_installed(lock: Path) -> bool:
    """Whether `.venv` works and already holds this very lock."""
    try:
        stamp = json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return bool(stamp.get(lock.name) == digest(lock) and os.access(str(VENV / "bin" / "python"), os.X_OK))


def make_venv() -> None:
    """Create `.venv` unless a working one of a Python that fits is there."""
    if fits(version_of(str(VENV / "bin" / "python"))):
        return
    python = suitable_python()
    result = subprocess.run([python, "-m", "venv", "--clear", str(VENV)], stdout=subprocess.PIPE, check=False)
    if result.returncode != 0:
        raise InstallError(
            f"{python} could not make a virtual environment; on Debian and Ubuntu install its package python3-venv."
        )


def uv_program() -> "str | None":
    """uv from PATH, or from the index into `.venv`; None when it cannot be had."""
    found = shutil.which("uv")
    if found:
        return found
    own = VENV / "bin" / "uv"
    if not own.exists():
        pip("install", "-qq", "uv")
    return str(own) if own.exists() else None


def pip(*arguments: str) -> int:
    """Run the virtual environment's pip; returns its exit code."""
    command = [str(VENV / "bin" / "python"), "-m", "pip", *arguments, "--disable-pip-version-check", "--no-input"]
    return subprocess.run(command, check=False).returncode


def uv_environment() -> "dict[str, str]":
    """The environment for uv, which does not read pip's configuration: the same indexes, certificates and wheels."""
    environment = dict(os.environ, VIRTUAL_ENV=str(VENV), UV_NO_PROGRESS="1")
    command = [str(VENV / "bin" / "python"), "-m", "pip", "config", "list"]
    listing = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False).stdout.decode()
    configured: dict[str, str] = {}
    entries = [line.partition("=") for line in listing.splitlines()]
    # As pip does: a variable of the environment wins over a file, and `install` over `global`.
    for section in ("global", "install", ":env:"):
        for name, _, value in entries:
            if name.rpartition(".")[0] == section:
                configured[name.rpartition(".")[2]] = " ".join(ast.literal_eval(value).split())
    for option, variable in (
        ("index-url", "UV_DEFAULT_INDEX"),
        ("extra-index-url", "UV_INDEX"),
        ("find-links", "UV_FIND_LINKS"),
        ("cert", "SSL_CERT_FILE"),
        ("trusted-host", "UV_INSECURE_HOST"),
    ):
        if configured.get(option) and variable not in environment:
            environment[variable] = configured[option]
    return environment


def install(lock: Path) -> str:
    """Install the lock by uv, or by pip when uv is not to be had or fails. Raises InstallError when both fail."""
    arguments = ["--require-hashes", "-r", str(lock)]
    uv = uv_program()
    if uv:
        # A night is some thirty processes: without bytecode each compiles what it imports, up to five seconds.
        command = [uv, "pip", "install", "--quiet", "--compile-bytecode"]
        command += ["--python", str(VENV / "bin" / "python"), *arguments]
        # An index that lists a package first need not be the one that has the locked file.
        command += ["--index-strategy", "unsafe-best-match"]
        if subprocess.run(command, env=uv_environment(), check=False).returncode == 0:
            return "uv"
        print("uv could not install the lock; trying pip, which takes longer.", flush=True)
    if pip("install", "--quiet", *arguments) != 0:
        raise InstallError(
            f"The packages of {lock.name} could not be installed; pip's message above says why (is a package index"
            " reachable?)."
        )
    return "pip"


def main(name: str) -> None:
    """Install the lock file `name` of the project unless that has been done."""
    lock = PROJECT / name
    if is_installed(lock):
        return
    started = time.monotonic()
    make_venv()
    print(f"Installing {name} into .venv …", flush=True)
    tool = install(lock)
    try:
        stamp = json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        stamp = {}
    for done in [name, *SUPERSETS.get(name, [])]:
        stamp[done] = digest(PROJECT / done)
    STAMP.write_text(json.dumps(stamp, indent=2), encoding="utf-8")
    print(f"Installed by {tool} in {time.monotonic() - started:.0f} s.", flush=True)


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except InstallError as error:
        sys.exit(str(error))
