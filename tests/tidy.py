"""tests/tidy.py: checks what a compiler does not: layers, line one, lengths, who calls the system.

`tidy.py` checks this tree, `tidy.py --self-test` shows that each rule fails on a violation.
Needs nothing but Python's standard library.
"""

import re
import sys
import tempfile
from pathlib import Path

MAX_COLUMNS = 100
MAX_LINES = 400

# Longer than MAX_LINES with a reason: path -> (most lines allowed, why).
LONG_FILES: dict[str, tuple[int, str]] = {}

# What python/ext may include beside its own headers and the C and C++ ones.
EXTENSION_SEES = {"engine", "types", "tupelo", "ext"}

# What the public headers may include; what these reach is installed with them.
PUBLIC_HEADERS_SEE = {"engine", "types", "base", "tupelo"}

LAYER = re.compile(r"^layer\((\w+)((?:\s+\w+)*)\s*\)")
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^">]+)[">]')
LEFT_FOR_LATER = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|HA" + r"CK)\b")
SYSTEM_HEADERS = re.compile(
    r"^(sys/.*|linux/.*|unistd\.h|fcntl\.h|pthread\.h|sched\.h|dirent\.h|poll\.h|signal\.h|csignal)$"
)


def read_layers(cmake: str) -> dict[str, set[str]]:
    """Layer -> all layers that it may include: itself, those it names, and theirs."""
    visible: dict[str, set[str]] = {}
    for line in cmake.splitlines():
        match = LAYER.match(line)
        if not match:
            continue
        name, below = match[1], match[2].split()
        unknown = [layer for layer in below if layer not in visible]
        if unknown:
            raise SystemExit(f"CMakeLists.txt: layer({name}) names {unknown[0]}, declared below it")
        visible[name] = {name}.union(*(visible[layer] for layer in below))
    return visible


def check_first_line(path: str, first: str) -> list[str]:
    """Line one of src/<layer>/<file> is `// <layer>/<file>: purpose.`; elsewhere the whole
    path will do too."""
    short = re.sub(r"^(src|python|include|tests)/", "", path)
    for name in {short} if path.startswith("src/") else {short, path}:
        if first.startswith(f"// {name}: ") and len(first) > len(f"// {name}: "):
            return []
    return [f"{path}:1: line one is not '// {short}: purpose.'"]


def check_lines(path: str, lines: list[str]) -> list[str]:
    """No line too long, no file too long, nothing left for later."""
    found = []
    for number, line in enumerate(lines, 1):
        if len(line) > MAX_COLUMNS:
            found.append(f"{path}:{number}: {len(line)} columns, more than {MAX_COLUMNS}")
        if "\t" in line or line != line.rstrip():
            found.append(f"{path}:{number}: a tab, or space at the end of the line")
        left = LEFT_FOR_LATER.search(line)
        if left:
            found.append(f"{path}:{number}: something left for later: {left[1]}")
    most = LONG_FILES.get(path, (MAX_LINES, ""))[0]
    if len(lines) > most:
        found.append(f"{path}: {len(lines)} lines, more than {most}")
    return found


def check_includes(path: str, lines: list[str], layers: dict[str, set[str]]) -> list[str]:
    """A layer includes what it may see; only base calls the operating system."""
    parts = path.split("/")
    if parts[0] == "src":
        home, allowed = parts[1], layers.get(parts[1], set())
        if home == "engine":
            allowed = allowed | {"tupelo"}
    elif path.startswith("python/ext/"):
        home, allowed = "python/ext", EXTENSION_SEES
    elif parts[0] == "include":
        home, allowed = "include", PUBLIC_HEADERS_SEE
    else:
        return []
    found = []
    for number, line in enumerate(lines, 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        quoted, name = match[1] == '"', match[2]
        layer = name.split("/")[0] if "/" in name else ""
        known = layer in layers or layer in EXTENSION_SEES
        if known and layer not in allowed:
            found.append(f"{path}:{number}: {home} may not include {name}")
        elif quoted and not known:
            found.append(f'{path}:{number}: not of the form "layer/file.h": {name}')
        elif not quoted and home != "base" and SYSTEM_HEADERS.match(name):
            found.append(f"{path}:{number}: only base calls the operating system: {name}")
        if name == "Python.h" and home != "python/ext":
            found.append(f"{path}:{number}: only python/ext includes Python.h")
    return found


def check_tree(root: Path) -> list[str]:
    """All violations in the tree, a line each."""
    layers = read_layers((root / "CMakeLists.txt").read_text())
    found = []
    files = [
        path
        for top in ("src", "python/ext", "include", "tests/slt", "examples")
        for path in sorted((root / top).rglob("*"))
        if path.suffix in (".h", ".cpp")
    ]
    for file in files:
        path = file.relative_to(root).as_posix()
        lines = file.read_text(encoding="utf-8").split("\n")
        if lines[-1]:
            found.append(f"{path}: no newline at the end of the file")
        else:
            lines.pop()
        if path.startswith("src/") and path.split("/")[1] not in layers:
            found.append(f"{path}: CMakeLists.txt declares no such layer")
        found += check_first_line(path, lines[0] if lines else "")
        found += check_lines(path, lines)
        found += check_includes(path, lines, layers)
        if file.suffix == ".h" and "#pragma once" not in lines:
            found.append(f"{path}: no #pragma once")
    for path in sorted(set(LONG_FILES) - {f.relative_to(root).as_posix() for f in files}):
        found.append(f"tests/tidy.py: LONG_FILES names a file that does not exist: {path}")
    return found


SELF_TEST_CMAKE = "layer(base)  # errors\nlayer(types base)\nlayer(sql types)\nlayer(engine sql)\n"
GOOD = {
    "src/base/file.h": "// base/file.h: files.\n#pragma once\n#include <unistd.h>\n",
    "src/sql/lexer.cpp": '// sql/lexer.cpp: words.\n#include "base/file.h"\n#include <string>\n',
    "python/ext/row.cpp": '// ext/row.cpp: rows.\n#include <Python.h>\n#include "ext/row.h"\n',
    "python/ext/row.h": '// ext/row.h: rows.\n#pragma once\n#include "engine/result.h"\n',
}
# A file, its text, and what the complaint must say.
BAD = [
    ("src/base/up.cpp", '// base/up.cpp: a.\n#include "types/type.h"\n', "may not include types"),
    ("src/types/py.cpp", "// types/py.cpp: a.\n#include <Python.h>\n", "only python/ext"),
    ("src/sql/os.cpp", "// sql/os.cpp: a.\n#include <unistd.h>\n", "operating system: unistd"),
    ("src/sql/os.cpp", "// sql/os.cpp: a.\n#include <sys/mman.h>\n", "operating system: sys/mman"),
    ("src/sql/plain.cpp", '// sql/plain.cpp: a.\n#include "lexer.h"\n', "not of the form"),
    ("src/sql/head.cpp", "#include <string>\n", "line one is not"),
    ("src/sql/head.cpp", "// sql/head.cpp:\n", "line one is not"),
    ("src/sql/wide.cpp", "// sql/wide.cpp: a.\n// " + "x" * 98 + "\n", "101 columns"),
    ("src/sql/long.cpp", "// sql/long.cpp: a.\n" + "int a;\n" * 400, "401 lines"),
    ("src/sql/later.cpp", "// sql/later.cpp: a.\n// TO" + "DO: it\n", "left for later"),
    ("src/sql/space.cpp", "// sql/space.cpp: a.\nint a; \n", "space at the end"),
    ("src/sql/open.cpp", "// sql/open.cpp: a.", "no newline"),
    ("src/sql/twice.h", "// sql/twice.h: a.\nint a;\n", "no #pragma once"),
    ("src/other/file.cpp", "// other/file.cpp: a.\n", "no such layer"),
    ("python/ext/deep.cpp", '// ext/deep.cpp: a.\n#include "sql/ast.h"\n', "may not include sql"),
]


def self_test() -> int:
    """Each rule lets a good tree pass and fails on a bad file. Returns the exit status."""
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        (root / "CMakeLists.txt").write_text(SELF_TEST_CMAKE)
        for path, text in GOOD.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text)
        complaints = check_tree(root)
        failed = [f"a good tree is refused: {line}" for line in complaints]
        for path, text, expected in BAD:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text)
            complaints = check_tree(root)
            if len(complaints) != 1 or expected not in complaints[0]:
                failed.append(f"{path} should give one '{expected}', gave {complaints}")
            (root / path).unlink()
    try:
        read_layers("layer(types base)\nlayer(base)\n")
        failed.append("a layer that names a later one is accepted")
    except SystemExit:
        pass
    print("\n".join(failed) or f"tidy: {len(BAD) + 2} self-tests passed")
    return 1 if failed else 0


def main() -> int:
    """Prints the violations; the exit status says whether there are any."""
    if "--self-test" in sys.argv[1:]:
        return self_test()
    found = check_tree(Path(__file__).resolve().parent.parent)
    print("\n".join(found) or "tidy: nothing to complain about")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
