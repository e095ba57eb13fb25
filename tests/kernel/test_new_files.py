"""Files that a driver author would add beside upstream's code: defects, and what is right."""

from pathlib import Path

import pytest
import yaml

from tests.kernel.mutation import alarms, new_file_findings

TABLE = yaml.safe_load(Path(__file__).with_name("new-files.yml").read_text("utf-8"))["files"]
DRIVER = "drivers/virt/coco/tdx-host/host.c"
INCLUDES = "#include <linux/cpu.h>\n#include <linux/module.h>\n#include <asm/tdx.h>\n\n"
WRONG = [pytest.param(each, id=each["name"]) for each in TABLE if "rule" in each]
RIGHT = [pytest.param(each, id=each["name"]) for each in TABLE if "rule" not in each]


@pytest.mark.parametrize("each", WRONG)
def test_a_defect_in_a_new_file_is_flagged_where_it_stands(kernel, each):
    text = INCLUDES + each["code"]
    found = alarms(new_file_findings(kernel, each.get("path", DRIVER), text))
    lines = text.split("\n")

    assert [(each["rule"], True)] == [
        (finding.rule, each["at"] in lines[finding.place.line - 1]) for finding in found
    ]


@pytest.mark.parametrize("each", RIGHT)
def test_a_new_file_that_is_right_raises_nothing(kernel, each):
    text = INCLUDES + each["code"]

    assert alarms(new_file_findings(kernel, each.get("path", DRIVER), text)) == []
