"""What the READMEs say of the command agrees with its help, and what they and the docs link to or name exists."""

import re
import tomllib

import pytest
import typer

from index.config import Settings
from rag.cli import app
from rag.cli.reference import reference

from .conftest import ROOT

READMES = ("README.md", "README.zh.md")
EXTRAS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
COMMANDS = typer.main.get_command(app).commands
OPTION = re.compile(r"(?<![\w-])--?[a-z][a-z0-9-]*")
PAGES = sorted(
    path.relative_to(ROOT) for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("benchmarks/*.md"))
)
# Histories name what was there then: CHANGELOG.md, benchmarks/trials.md.
CURRENT = sorted((*ROOT.glob("README*.md"), *ROOT.glob("docs/*.md"), ROOT / "benchmarks" / "README.md"))
FOLDERS = ("benchmarks", "index", "rag", "tests", "training")
FILES = {"app.py", "baowen.py"} | {
    path.relative_to(ROOT).as_posix() for name in FOLDERS for path in (ROOT / name).rglob("*.py")
}


def lines(readme):
    """The command lines of its sections, without the program's name: (commands, the rest)."""
    text = (ROOT / readme).read_text(encoding="utf-8")
    found = re.findall(r"^baowen ([a-z]+(?: \| [a-z]+)*)\b(.*)$", text, re.MULTILINE)
    return [(names.split(" | "), rest) for names, rest in found]


def options(command):
    return {option for parameter in COMMANDS[command].params for option in parameter.opts} | {"--help"}


@pytest.mark.parametrize("readme", READMES)
def test_every_command_is_in_the_readme_and_no_other(readme):
    assert {name for names, _ in lines(readme) for name in names} == set(COMMANDS)


@pytest.mark.parametrize("readme", READMES)
def test_options_in_the_readme_are_options_of_that_command(readme):
    said = {(name, option) for names, rest in lines(readme) for name in names for option in OPTION.findall(rest)}
    assert ("search", "-k") in said
    assert [(name, option) for name, option in sorted(said) if option not in options(name)] == []


@pytest.mark.parametrize("readme", READMES)
def test_settings_in_the_readme_are_settings(readme):
    named = re.findall(
        r"^\| (`[a-z_.]+`(?:, `[a-z_.]+`)*) \|", (ROOT / readme).read_text(encoding="utf-8"), re.MULTILINE
    )
    keys = [key for cell in named for key in re.findall(r"[a-z_.]+", cell)]
    assert "generator.model" in keys
    assert [key for key in keys if not is_setting(key.split(".")) and key not in EXTRAS] == []


def is_setting(names):
    model = Settings
    for name in names:
        field = getattr(model, "model_fields", {}).get(name)
        if field is None:
            return False
        model = field.annotation
    return True


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_says_what_it_is_for_in_both_languages(command):
    told = COMMANDS[command].get_short_help_str(200)
    assert re.search(r"[\u4e00-\u9fff].* · [a-z]", told)


def test_the_page_of_the_command_is_as_its_help_says():
    assert (ROOT / "docs" / "cli.md").read_text(encoding="utf-8") == reference(), "run make docs"


def test_every_argument_and_option_is_on_the_page_of_the_command():
    sections = dict(re.findall(r"^## baowen (\w+)(.*?)(?=^## |\Z)", reference(), re.MULTILINE | re.DOTALL))
    assert sections.keys() == COMMANDS.keys()
    for name, command in COMMANDS.items():
        for parameter in command.params:
            assert all(f"`{option}" in sections[name] for option in parameter.opts if option.startswith("-"))
            assert parameter.help, (name, parameter.name)


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_links_lead_somewhere(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    targets = [target.split("#")[0] for target in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in target]
    assert [target for target in targets if target and not (ROOT / page).parent.joinpath(target).exists()] == []


@pytest.mark.parametrize("readme", READMES)
def test_the_tests_command_lints_and_checks_types(readme):
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert "\nmake test " in (ROOT / readme).read_text(encoding="utf-8")
    assert "\ntest: lint\n" in makefile
    assert {"ruff", "mypy", "lint-imports"} <= set(re.findall(r"^\t\$\(BIN\)/([\w-]+)", makefile, re.MULTILINE))


def test_files_named_by_the_architecture_are_there():
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:rag|index|training|tests|benchmarks|docs)/[\w./]*)`", text))
    assert len(named) > 20
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []


def named_by_the_docs(pattern):
    texts = {page.relative_to(ROOT).as_posix(): page.read_text("utf-8") for page in CURRENT}
    return sorted({(page, name) for page, text in texts.items() for name in re.findall(pattern, text)})


def test_python_files_named_by_the_docs_are_there():
    """A page about one package names its files without the package: ``content/dumps.py`` in docs/reading.md."""
    named = named_by_the_docs(r"(?:[\w.-]+/)*[\w-]+\.py\b")
    assert len(named) > 100
    assert [one for one in named if not any(f"/{path}".endswith(f"/{one[1]}") for path in FILES)] == []


def test_modules_that_the_docs_say_to_run_are_there():
    named = named_by_the_docs(rf"python3? -m ((?:{'|'.join(FOLDERS)})\b[\w.]*)")
    assert ("benchmarks/README.md", "benchmarks.fresh_clone") in named
    paths = [(page, module.rstrip(".").replace(".", "/")) for page, module in named]
    assert [one for one in paths if not {f"{one[1]}.py", f"{one[1]}/__main__.py"} & FILES] == []


def named_by_the_tree():
    """What the tree of docs/architecture.md names, as paths; what a folder's description names lies in that folder."""
    name = re.compile(r"(?<![\w/.])[\w./]*\w(?:/|\.py)(?![\w/])")
    tree = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8").partition("```")[0]
    folders, named = [], set()
    for indent, line in re.findall(r"^    ( *)(\S.*)$", tree, re.MULTILINE):
        folders = [(width, folder) for width, folder in folders if width < len(indent)]
        above = folders[-1][1] if folders else ""
        items, _, description = line.partition("  ")
        own = [above + item for item in name.findall(items)]
        if own and own[0].endswith("/"):
            folders.append((len(indent), own[0]))
            own += [own[0] + item for item in name.findall(description)]
        named.update(own)
    return named


def test_every_package_and_top_level_module_is_in_the_tree_and_no_other():
    named = named_by_the_tree()
    ours = [path for path in FILES if path.startswith(("rag/", "index/"))]
    packages = {path.removesuffix("__init__.py") for path in ours if path.endswith("/__init__.py")}
    modules = {path for path in ours if path.count("/") == 1 and not path.endswith("__.py")}
    assert len(packages) > 30
    assert sorted((packages | modules) - named) == []
    assert [path for path in sorted(named) if not (ROOT / path).exists()] == []
