#!/usr/bin/env python3
"""tests/slt/corpus.py: runs slt_runner on the part of the sqllogictest corpus that is ours to pass.

corpus.py RUNNER [RUNNER'S OPTIONS]

The corpus lies beside the checkout, or where TUPELO_SLT or TUPELO_CORPUS says, and is only read: its
archive is unpacked into build/corpus. Without the corpus this says so and succeeds. `--list` in
place of RUNNER prints the files.
"""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / "build" / "corpus"
WHOLE = [
    "test/select1.test",
    "test/select3.test",
    "test/select5.test",
    "test/evidence/slt_lang_dropindex.test",
    "test/evidence/slt_lang_droptable.test",
]
INDEX_FILES = 60


def chosen(listing: Path) -> list[str]:
    """Those named, and the first files on indexes; none on views."""
    names = listing.read_text().split()
    index = [name for name in names if name.startswith("test/index/")]
    return WHOLE + [name for name in index if "/view/" not in name][:INDEX_FILES]


def unpack(archive: Path) -> None:
    if (CACHE / "complete").exists():
        return
    CACHE.mkdir(parents=True, exist_ok=True)
    with subprocess.Popen(
        ["zstd", "-d", "--long=27", "-q", "-c", str(archive)], stdout=subprocess.PIPE
    ) as zstd:
        subprocess.run(["tar", "-x", "-C", str(CACHE)], stdin=zstd.stdout, check=True)
    if zstd.returncode != 0:
        raise SystemExit(f"corpus: {archive} cannot be unpacked")
    (CACHE / "complete").touch()


def main() -> int:
    if len(sys.argv) < 2:
        print(__doc__, file=sys.stderr)
        return 2
    place = os.environ.get("TUPELO_SLT") or os.environ.get("TUPELO_CORPUS")
    corpus = Path(place or ROOT.parent / "shared" / "slt")
    archive = corpus / "visible.tar.zst"
    if not archive.exists():
        print(f"corpus: skipped, as it is not there: {archive}")
        return 0
    unpack(archive)
    files = [str(CACHE / name) for name in chosen(corpus / "visible.txt")]
    if sys.argv[1] == "--list":
        print("\n".join(files))
        return 0
    rules = ROOT / "tests" / "slt" / "corpus_rules.tsv"
    return subprocess.call([sys.argv[1], "--skips", str(rules), *sys.argv[2:], *files])


if __name__ == "__main__":
    sys.exit(main())
