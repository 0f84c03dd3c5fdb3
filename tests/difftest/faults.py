"""difftest/faults.py: how many planted faults the fuzzer finds: `./dev difftest --faults`.

Each patch of `faults/` puts one small bug into a copy of the sources, which is built and fuzzed,
with a fixed seed, until the first difference. A difference that the sources without the fault have
at the same query does not count; that query is left out then.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from .__main__ import server
from .tree import ENGINES

ROOT = Path(__file__).resolve().parents[2]
PATCHES = Path(__file__).with_name("faults")
WORK = ROOT / "build" / "faults"
SOURCE = WORK / "source"
# As deep below the sources as the usual one, so that ccache knows the compiler's arguments.
BUILD = SOURCE / "build"
SHARE_TO_FIND = 0.95
# Time for one fault, after which the fuzzer hangs.
MOST_SECONDS = 3600
FOUND = re.compile(r"^difference at --seed \S+ --at (\d+/\d+): (.*)$", re.MULTILINE)
TOTAL = re.compile(r"^(\d+) queries in (\d+) s", re.MULTILINE)


class Broken(Exception):
    """What is no answer: a patch that does not apply, or a build or fuzzer that fails."""


@dataclass
class Fuzzed:
    """How a run of the fuzzer ended, and what it printed."""

    status: int
    output: str


@dataclass
class Result:
    """check: which one found the fault, at the query `place`; "" when none did."""

    name: str
    check: str = ""
    place: str = ""
    queries: int = 0
    seconds: float = 0
    skipped: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        if not self.check:
            text = f"NOT FOUND in {self.queries} queries ({self.seconds:.0f} s)"
        else:
            text = f"{self.queries:6} queries ({self.seconds:4.0f} s)  {self.check} at {self.place}"
        also = f"; left out: {', '.join(self.skipped)}" if self.skipped else ""
        return f"{self.name:28} {text}{also}"


def run(command: list[str], log: TextIO, where: Path, environment: dict[str, str]) -> None:
    done = subprocess.run(command, cwd=where, env=environment, stdout=log, stderr=log)
    if done.returncode != 0:
        raise Broken(f"{' '.join(command)} failed; see {log.name}")


def git_apply(patch: Path, where: Path, *options: str) -> str:
    """What git says against it. A copy in a directory that git ignores is none of git's trees."""
    environment = {**os.environ, "GIT_CEILING_DIRECTORIES": str(where.parent)}
    done = subprocess.run(["git", "apply", *options, str(patch)], cwd=where, env=environment,
                          capture_output=True, text=True)  # fmt: skip
    return done.stderr.strip() if done.returncode != 0 else ""


def misplaced(patch: Path, where: Path) -> list[str]:
    """Files whose text has nothing that a hunk of the patch begins from; without git."""
    missing = []
    for part in patch.read_text().split("\n--- a/")[1:]:
        name = part.split("\n", 1)[0]
        source = (where / name).read_text()
        for hunk in part.split("\n@@ ")[1:]:
            lines = hunk.split("\n")[1:]
            before = [line[1:] for line in lines if line.startswith((" ", "-"))]
            if "\n".join(before) not in source:
                missing.append(name)
    return missing


def patches(names: list[str]) -> list[Path]:
    known = {path.stem: path for path in sorted(PATCHES.glob("*.patch"))}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise Broken(f"no such fault: {', '.join(unknown)}; there are {', '.join(known)}")
    return [known[name] for name in names] if names else list(known.values())


def copy_sources() -> None:
    """What is the same is left alone, so that it need not be built again."""
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT,
                            capture_output=True)  # fmt: skip
    if listed.returncode != 0:
        raise Broken("the sources are copied from a git checkout, which this is not")
    wanted = {Path(name) for name in listed.stdout.decode().split("\0") if name}
    wanted = {path for path in wanted if (ROOT / path).is_file() and path.parts[0] != "tests"}
    for path in wanted:
        text, target = (ROOT / path).read_bytes(), SOURCE / path
        if not target.is_file() or target.read_bytes() != text:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(text)
            shutil.copymode(ROOT / path, target)
    for found in list((SOURCE / "src").rglob("*")):
        if found.is_file() and found.relative_to(SOURCE) not in wanted:
            found.unlink()


class Builds:
    """The copy's build, and the packages made of it: `WORK/NAME/tupelo`."""

    def __init__(self, log: TextIO) -> None:
        self.log = log
        self.environment = {**os.environ, "CCACHE_NOHASHDIR": "1"}

    def configure(self) -> None:
        command = [
            "cmake", "-S", str(SOURCE), "-B", str(BUILD), "-G", "Ninja",
            "-DCMAKE_BUILD_TYPE=RelWithDebInfo", "-DTUPELO_WERROR=ON", "-DBUILD_TESTING=OFF",
            f"-DPython3_EXECUTABLE={sys.executable}",
        ]  # fmt: skip
        run(command, self.log, SOURCE, self.environment)

    def build(self, name: str) -> None:
        run(["ninja", "-C", str(BUILD), "_tupelo"], self.log, SOURCE, self.environment)
        package = WORK / name
        shutil.rmtree(package, ignore_errors=True)
        shutil.copytree(SOURCE / "python" / "tupelo", package / "tupelo")
        install = ["cmake", "--install", str(BUILD), "--prefix", str(package)]
        run([*install, "--component", "python"], self.log, SOURCE, self.environment)


class Fuzzer:
    """`python -m difftest` on one of the packages, with the server of all."""

    def __init__(self, options: argparse.Namespace, directory: str, log: TextIO) -> None:
        self.options = options
        self.directory = directory
        self.log = log

    def run(self, package: str, *arguments: str) -> Fuzzed:
        path = f"{WORK / package}{os.pathsep}{ROOT / 'tests'}"
        command = [
            sys.executable, "-m", "difftest", "--first", "--seed", self.options.seed,
            "--engines", self.options.engines, "--server", self.directory, *arguments,
        ]  # fmt: skip
        process = subprocess.Popen(
            command, env={**os.environ, "PYTHONPATH": path}, cwd=WORK, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        try:
            output, _ = process.communicate(timeout=MOST_SECONDS)
        except BaseException:  # its workers too, which may be where it hangs
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise
        self.log.write(output)
        self.log.flush()
        return Fuzzed(process.returncode, output)

    def hunt(self, name: str, package: str) -> Result:
        """Until a difference is found that is the fault's, or all queries were made."""
        result = Result(name)
        started = time.monotonic()
        while True:
            skip = [word for place in result.skipped for word in ("--skip", place)]
            done = self.run(package, "--queries", str(self.options.queries),
                            "--jobs", str(self.options.jobs), *skip)  # fmt: skip
            found, total = FOUND.search(done.output), TOTAL.search(done.output)
            if total is None or (found and re.search(r"died with \d", found[2])):
                raise Broken(f"the fuzzer failed; see {self.log.name}")
            result.queries, result.seconds = int(total[1]), time.monotonic() - started
            if found is None:
                return result
            if self.run("healthy", "--at", found[1]).status == 0:
                result.place, result.check = found[1], found[2]
                return result
            result.skipped.append(found[1])


def try_fault(patch: Path, builds: Builds, fuzzer: Fuzzer) -> Result:
    complaint = git_apply(patch, SOURCE)
    if complaint:
        raise Broken(f"{patch.name} does not apply: {complaint}")
    try:
        builds.build("faulty")
    finally:
        git_apply(patch, SOURCE, "--reverse")
    try:
        return fuzzer.hunt(patch.stem, "faulty")
    except subprocess.TimeoutExpired:
        return Result(patch.stem, seconds=MOST_SECONDS)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./dev difftest --faults")
    parser.description = "Plants faults into a copy of the engine; says which the fuzzer finds."
    parser.add_argument("names", nargs="*", metavar="NAME", help="of tests/difftest/faults (all)")
    parser.add_argument("--queries", type=int, default=20_000, help="at most, for each (20000)")
    parser.add_argument("--seed", default="faults", help="a word (faults)")
    parser.add_argument("--engines", default=",".join(ENGINES[1:]), help="besides Tupelo (all)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes (cores)")
    return parser.parse_args()


def try_all(options: argparse.Namespace, log: TextIO) -> list[Result]:
    chosen = patches(options.names)
    builds = Builds(log)
    print(f"building {SOURCE}; what it says, and the fuzzer, goes to {log.name}", flush=True)
    copy_sources()
    builds.configure()
    builds.build("healthy")
    results = []
    with server(options.engines.split(",")) as running:
        fuzzer = Fuzzer(options, running.directory if running is not None else "", log)
        for patch in chosen:
            results.append(try_fault(patch, builds, fuzzer))
            print(results[-1], flush=True)
    return results


def main() -> int:
    options = arguments()
    WORK.mkdir(parents=True, exist_ok=True)
    try:
        with (WORK / "log").open("w") as log:
            results = try_all(options, log)
    except Broken as error:
        print(f"faults: {error}", file=sys.stderr)
        return 2
    found = sum(1 for result in results if result.check)
    print(f"{found} of {len(results)} faults found")
    return 0 if found >= SHARE_TO_FIND * len(results) else 1


if __name__ == "__main__":
    sys.exit(main())
