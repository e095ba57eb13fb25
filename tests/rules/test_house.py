"""Folders of house rules: their manifest, and data that lies over ours."""

import pytest

from tdxreview.config.model import NO_SETTINGS, Pair, Settings, Source
from tdxreview.data.bundled import bundled_folder
from tdxreview.errors import RuleError
from tdxreview.kernel.abi_loader import load_abi
from tdxreview.rules.compiled import load_compiled, rules_digest
from tdxreview.rules.folders import overlays
from tdxreview.rules.house import with_house

WRAPPERS = """\
sources: {house: our tree}
wrappers:
  - {name: house_call, leaf-argument: 0, returns: status, source: house}
  - {name: seamcall_saved_ret, leaf-argument: 0, returns: errno, source: house}
"""
LEAVES = """\
sources: {house: our tree}
leaves:
  - {name: TDH.HOUSE, number: 900, macros: [TDH_HOUSE], source: house}
"""
PROTOCOL = """\
sources: {house: our tree}
contracts:
  - {function: house_on, ensures: [vmx-on], source: house}
entry-points:
  - {name: house entry, functions: [house_main], states: [vmx-on], source: house}
"""
PRINTS = "sources: {house: our tree}\nprints:\n  - {name: house_say, source: house}\n"


@pytest.fixture
def house(tmp_path):
    """Give a function that makes a folder of house rules."""

    def made(files):
        for name, text in {"tdx-rules.yml": "format: 1\n", **files}.items():
            file = tmp_path / "tdx-rules" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        return tmp_path / "tdx-rules"

    return made


def test_data_is_added_and_takes_the_place_of_its_like(house):
    folder = house(
        {
            "abi/wrappers.yml": WRAPPERS,
            "abi/leaves.yml": LEAVES,
            "protocol.yml": PROTOCOL,
            "kernel/calls.yml": PRINTS,
        }
    )
    ours, theirs = load_abi(bundled_folder()), load_abi(bundled_folder(), (folder,))

    assert theirs.wrapper_of_name["house_call"].source == "our tree"
    assert theirs.wrapper_of_name["seamcall_saved_ret"].returns.value == "errno"
    assert ours.wrapper_of_name["seamcall_saved_ret"].returns.value == "status"
    assert theirs.leaf_of_number[900].name == "TDH.HOUSE"
    assert "TDH.HOUSE" in theirs.contract_of_leaf
    assert theirs.contract_of_function["house_on"].source == "our tree"
    assert "house_main" in {f for each in theirs.entry_points for f in each.functions}
    assert ("house_say" in ours.names.calls.prints, "house_say" in theirs.names.calls.prints) == (
        False,
        True,
    )
    assert set(ours.wrapper_of_name) < set(theirs.wrapper_of_name)


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        (
            "abi/wrappers.yml",
            "sources: {}\nwrappers:\n  - {name: a, leaf-argument: 0, returns: status, source: b}\n",
            "abi/wrappers.yml:3: `sources` has no `b`; known are: none",
        ),
        ("abi/wrappers.yml", "sources: {}\nwraps: []\n", "abi/wrappers.yml:2: the file has no key"),
        (
            "abi/leaves.yml",
            LEAVES.replace("900", "0"),
            f"abi/leaves.yml:3: `number` 0 is taken by {bundled_folder()}/abi/leaves.yml:",
        ),
    ],
)
def test_wrong_data_is_refused_with_file_and_line(house, name, text, problem):
    folder = house({name: text})

    with pytest.raises(RuleError) as refused:
        load_abi(bundled_folder(), (folder,))

    assert str(refused.value).startswith(f"{folder}/{problem}")


def test_data_needs_a_manifest_and_a_name_that_is_read(house):
    folder = house({"abi/wrappers.yml": WRAPPERS})
    assert overlays([folder]) == (folder,)
    (folder / "abi" / "wrapers.yml").write_text(WRAPPERS)
    with pytest.raises(RuleError, match=r"wrapers\.yml: would not be read; known are abi/known"):
        overlays([folder])
    (folder / "abi" / "wrapers.yml").unlink()
    (folder / "tdx-rules.yml").unlink()

    with pytest.raises(RuleError, match=r"wrappers\.yml: lies over our data; say `format: 1` in"):
        overlays([folder])


def test_a_folder_without_rules_that_has_a_manifest_is_one(house):
    folder = house({"abi/wrappers.yml": WRAPPERS})
    rules, abi = load_compiled((folder,), None)

    assert {rule.id for rule in rules.rules} == {r.id for r in load_compiled((), None)[0].rules}
    assert "house_call" in abi.wrapper_of_name
    load_compiled((), None)


def test_the_digest_tells_of_data_and_manifest(house):
    folder = house({"abi/wrappers.yml": WRAPPERS})
    digests = [rules_digest((folder,))]
    (folder / "abi" / "wrappers.yml").write_text(WRAPPERS + "# more\n")
    digests.append(rules_digest((folder,)))
    (folder / "tdx-rules.yml").write_text("format: 1\nignore: [args]\n")
    digests.append(rules_digest((folder,)))

    assert len(set(digests)) == 3


def test_the_manifest_shapes_our_rules_and_the_user_outweighs_it(house):
    folder = house(
        {
            "tdx-rules.yml": "format: 1\nversion: 2\nignore: [series]\n"
            "severity:\n  args: note\n  ctx: note\nignore-in:\n  drivers: [args, life]\n"
        }
    )
    file = str(folder / "tdx-rules.yml")
    user = Settings(severity=(Pair("ctx", ("warning",), Source("option", "--severity")),))

    found = with_house(user, [folder])

    assert {each.name: each.words for each in found.severity} == {
        "args": ("note",),
        "ctx": ("warning",),
    }
    assert [(each.text, str(each.source)) for each in found.ignore] == [("series", f"{file}:3")]
    assert [(each.name, each.words) for each in found.ignore_in] == [("drivers", ("args", "life"))]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("version: 1\n", ":1: the manifest lacks `format`;"),
        ("format: 2\n", ":1: the format 2 is not known; this version reads 1"),
        ("format: 1\nseverity:\n  args: grave\n", ":3: `severity` is never `grave`;"),
    ],
)
def test_a_wrong_manifest_is_refused_with_its_line(house, text, problem):
    folder = house({"tdx-rules.yml": text})

    with pytest.raises(RuleError) as refused:
        with_house(NO_SETTINGS, [folder])

    assert str(refused.value).startswith(f"{folder}/tdx-rules.yml{problem}")
