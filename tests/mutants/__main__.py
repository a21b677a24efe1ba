"""`make mutants`: each guarantee is taken out of a copy of the project, and its test must notice.

`python -m tests.mutants [NAME …]` plays some of them. First all their tests pass on the copy as it
is; then each breakage alone must make its own fail, and for the reason that the table names. Wants
Kafka and MongoDB in `KAFKA_SERVERS` and `MONGO_URL`: `deploy.local.with_servers` starts them.
"""

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from deploy.local import paths
from deploy.local.failure import Failure, said_in_one_sentence
from tests.mutants.mutant import Mutant, table

LINKED: Final = (".venv", "var")  # what is installed
LONGEST_SECONDS: Final = 300.0
PASSED, FAILED = 0, 1  # pytest's exit codes; any other says that no test was played
LAST_LINES: Final = 40


def main(names: Sequence[str], mutants: Sequence[Mutant]) -> int:
    """Play mutants, all or those named; 0 if every one is caught.

    Raises:
        Failure: a name is none of them, or the tests fail as things are.
        OutOfDate: the code has changed beneath a mutant.
    """
    chosen = [each for each in mutants if not names or each.name in names]
    if unknown := set(names) - {each.name for each in mutants}:
        raise Failure(f"No mutant is called {', '.join(sorted(unknown))}: see tests/mutants.")
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        copy = copied(Path(folder))
        must_pass(copy, sorted({test for each in chosen for test in each.tests}))
        caught = sum([is_caught(copy, each) for each in chosen])
    say(f"{caught} of {len(chosen)} mutants caught in {time.monotonic() - began:.0f} s")
    return 0 if caught == len(chosen) else 1


def copied(folder: Path) -> Path:
    """The project as it stands, uncommitted changes too; what is installed is linked."""
    listed = subprocess.run(
        ["/usr/bin/env", "git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=paths.ROOT,
        capture_output=True,
        check=True,
    )
    for name in listed.stdout.decode().split("\0"):
        if name and (paths.ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(paths.ROOT / name, folder / name)
    for name in LINKED:
        (folder / name).symlink_to(paths.ROOT / name)
    return folder


def must_pass(copy: Path, tests: Sequence[str]) -> None:
    """The tests pass as things are.

    Raises:
        Failure: they do not, so they could not tell a mutant.
    """
    code, said = played(copy, tests)
    if code != PASSED:
        raise Failure(f"The tests fail without any mutant:\n{last_lines(said)}")


def is_caught(copy: Path, mutant: Mutant) -> bool:
    """Whether a mutant's tests fail, and say why."""
    began = time.monotonic()
    with breaking(copy, mutant):
        code, said = played(copy, mutant.tests)
    caught = code == FAILED and mutant.says in said
    verdict = "caught  " if caught else "SURVIVED"
    say(f"{verdict} {mutant.name:<42} {time.monotonic() - began:6.1f} s")
    if not caught:
        say(f"  {mutant.harm}\n  exit code {code}:\n{last_lines(said)}")
    return caught


@contextmanager
def breaking(copy: Path, mutant: Mutant) -> Iterator[None]:
    """The copy with this breakage, until the block ends."""
    broken = mutant.broken(copy)
    before = {path: path.read_text(encoding="utf-8") for path in broken}
    try:
        _write(broken)
        yield
    finally:
        _write(before)


def _write(texts: dict[Path, str]) -> None:
    for path, text in texts.items():
        path.write_text(text, encoding="utf-8")


def played(copy: Path, tests: Sequence[str]) -> tuple[int | None, str]:
    """Pytest's exit code and words; None if it did not end in time."""
    command = [sys.executable, "-B", "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider"]
    try:
        done = subprocess.run(  # noqa: S603 - our own tests
            [*command, "-m", "", *tests],
            cwd=copy,
            capture_output=True,
            text=True,
            timeout=LONGEST_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return None, f"not within {LONGEST_SECONDS:.0f} s"
    return done.returncode, done.stdout + done.stderr


def say(line: str) -> None:
    """One line of progress or of the result, at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def last_lines(said: str) -> str:
    """The end of what was said, indented."""
    return "\n".join(f"  | {line}" for line in said.rstrip().splitlines()[-LAST_LINES:])


if __name__ == "__main__":
    with said_in_one_sentence():
        sys.exit(main(sys.argv[1:], table()))
