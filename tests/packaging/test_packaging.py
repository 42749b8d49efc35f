"""What is built holds everything and works where it is installed."""

from __future__ import annotations

import re
import shutil
import site
import subprocess
import sys
import tarfile
import tomllib
import venv
import zipfile
from collections.abc import Iterable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
SETUPTOOLS = PROJECT["tool"]["setuptools"]
FOLDERS = ("streams", "agents", "service")
NEEDED = (*FOLDERS, "pyproject.toml", "README.md", "LICENSE", "NOTICE")
COMPILED = {".pyc", ".pyo"}


def _shipped(root: Path) -> set[str]:
    """Return every file of the source folders, as it is to be named in an installed copy."""
    files = (path for folder in FOLDERS for path in (root / folder).rglob("*") if path.is_file())
    return {f"tocsin/{path.relative_to(root).as_posix()}" for path in files if path.suffix not in COMPILED}


def _names(path: Path) -> set[str]:
    """Return the distributions that a lock file names."""
    return set(re.findall(r"^([a-z0-9._-]+)==", path.read_text(), re.MULTILINE))


def _wanted(requirements: Iterable[str]) -> set[str]:
    found = (re.match(r"[A-Za-z0-9._-]+", text) for text in requirements)
    return {re.sub(r"[-_.]+", "-", match[0]).lower() for match in found if match}


def test_the_list_of_packages_is_every_folder_with_an_init_and_no_other() -> None:
    there = {
        "tocsin." + ".".join(path.parent.relative_to(ROOT).parts)
        for folder in FOLDERS
        for path in (ROOT / folder).rglob("__init__.py")
    }
    assert sorted(SETUPTOOLS["packages"]) == sorted(there)


def test_every_python_file_stands_in_a_package() -> None:
    files = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")]
    assert [str(path) for path in files if not (path.parent / "__init__.py").exists()] == []


def test_every_other_file_matches_a_pattern_of_its_package_s_data() -> None:
    kinds: dict[str, list[str]] = SETUPTOOLS["package-data"]
    shipped = {
        path
        for package in SETUPTOOLS["packages"]
        for kind in kinds["*"] + kinds.get(package, [])
        for path in ROOT.joinpath(*package.split(".")[1:]).glob(kind)
    }
    others = {path for folder in FOLDERS for path in (ROOT / folder).rglob("*") if path.is_file()} - shipped
    assert sorted(str(path) for path in others if path.suffix not in COMPILED | {".py"}) == []


def test_each_package_says_that_it_is_typed() -> None:
    assert [folder for folder in FOLDERS if not (ROOT / folder / "py.typed").exists()] == []


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-run.lock"])
def test_a_lock_has_hashes_for_everything_and_names_no_index(lock: str) -> None:
    text = (ROOT / lock).read_text()
    assert "://" not in text
    assert not re.search(r"^\s*-", text.replace("--hash=", ""), re.MULTILINE)
    blocks = re.split(r"\n(?=[a-z])", text)
    assert [block.splitlines()[0] for block in blocks if "--hash=sha256:" not in block] == []


def test_the_locks_name_every_dependency_and_agree() -> None:
    every, run = ROOT / "requirements.lock", ROOT / "requirements-run.lock"
    groups = PROJECT["dependency-groups"]
    wanted = _wanted(PROJECT["project"]["dependencies"] + groups["build"])
    assert wanted <= _names(run)
    assert wanted | _wanted(text for text in groups["dev"] if isinstance(text, str)) <= _names(every)
    pins = re.compile(r"^[a-z0-9._-]+==[^ ;\\]+", re.MULTILINE)
    assert set(pins.findall(run.read_text())) <= set(pins.findall(every.read_text()))


@pytest.fixture(scope="session")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the sources, so that nothing that was built before comes along."""
    root = tmp_path_factory.mktemp("tree")
    for name in NEEDED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, root / name)
    return root


@pytest.fixture(scope="session")
def built(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The sdist, and the wheel that is built from it."""
    out = tmp_path_factory.mktemp("dist")
    _run(sys.executable, "-m", "build", "--no-isolation", "--outdir", str(out), str(tree))
    [wheel], [sdist] = out.glob("*.whl"), out.glob("*.tar.gz")
    return wheel, sdist


def _run(*command: str, cwd: Path | None = None) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=cwd)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}{done.stderr}"
    return done.stdout


def _install(place: Path, *what: str) -> Path:
    """Install into a new environment that sees this one's dependencies, without a network; return its programs."""
    venv.create(place, with_pip=False)
    [packages] = place.glob("lib/python*/site-packages")
    # Only the folder itself: what its .pth files point at (this very tree) stays out of sight.
    (packages / "dependencies.pth").write_text("\n".join(site.getsitepackages()) + "\n")
    pip = [sys.executable, "-m", "pip", "--python", str(place / "bin/python"), "install", "--quiet", "--no-index"]
    _run(*pip, "--no-deps", "--no-build-isolation", "--ignore-installed", *what)
    return place / "bin"


def _works(programs: Path, place: Path) -> None:
    version = PROJECT["project"]["version"]
    assert _run(str(programs / "tocsin"), "--version", cwd=place) == f"tocsin, version {version}\n"
    settings = place / "written.toml"
    _run(str(programs / "tocsin"), "init", str(settings), cwd=place)  # needs a data file
    assert settings.read_text()
    where = _run(str(programs / "python"), "-c", "import tocsin.streams as s; print(s.__file__)", cwd=place)
    assert str(place) in where


@pytest.mark.packaging
def test_the_wheel_holds_every_source_and_data_file_and_nothing_else(built: tuple[Path, Path], tree: Path) -> None:
    inside = set(zipfile.ZipFile(built[0]).namelist())
    assert {name for name in inside if ".dist-info/" not in name} == _shipped(tree)
    assert all(any(name.endswith(f"licenses/{one}") for name in inside) for one in ("LICENSE", "NOTICE"))


@pytest.mark.packaging
def test_the_sdist_holds_what_it_takes_to_build(built: tuple[Path, Path], tree: Path) -> None:
    with tarfile.open(built[1]) as archive:
        inside = {name.partition("/")[2] for name in archive.getnames()}
    assert {name.removeprefix("tocsin/") for name in _shipped(tree)} <= inside
    assert {"pyproject.toml", "README.md", "LICENSE", "NOTICE"} <= inside


@pytest.mark.packaging
@pytest.mark.parametrize("kind", [0, 1], ids=["wheel", "sdist"])
def test_an_installed_distribution_works(built: tuple[Path, Path], tmp_path: Path, kind: int) -> None:
    _works(_install(tmp_path / "env", str(built[kind])), tmp_path)


@pytest.mark.packaging
def test_type_checkers_see_an_editable_install(tree: Path, tmp_path: Path) -> None:
    copy = tmp_path / "tree"
    shutil.copytree(tree, copy)
    python = str(_install(tmp_path / "env", "--editable", str(copy)) / "python")
    (tmp_path / "use.py").write_text(
        "from tocsin.streams.topics import ARTICLES\n\nname: str = ARTICLES.name\nwrong: int = ARTICLES.name\n"
    )
    (tmp_path / "pyrightconfig.json").write_text('{"include": ["use.py"]}')
    mypy = ["-m", "mypy", "--python-executable", python, "--config-file=", "--follow-imports=silent", "use.py"]
    pyright = ["-m", "pyright", "--pythonpath", python, "use.py"]
    for tool in (mypy, pyright):
        done = subprocess.run([sys.executable, *tool], capture_output=True, text=True, check=False, cwd=tmp_path)
        # It knows the type of what it imports, so it names the wrong line and that one alone.
        assert re.findall(r"use\.py:(\d+)", done.stdout) == ["4"], done.stdout + done.stderr
        assert done.returncode == 1
