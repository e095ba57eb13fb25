"""A flag that is reset on one way behind a shutdown, and stays set on another."""

import pytest

from tdxreview.facts.life.schema import Reset, StateFlag

CODE = """\
static int stop(void)
{{
	struct tdx_module_args args = {{}};

	return seamcall_prerr(TDH_SYS_SHUTDOWN, &args);
}}

int renew(struct own *own)
{{
	int ret;

	ret = stop();
	if (ret)
		return ret;
	ret = install_one(own);
{}	return ret;
}}
"""


@pytest.fixture
def stale(subjects):
    """Give line and name of each flag that stays set after the module was shut down."""

    def stale(way):
        found = subjects(StateFlag, CODE.format(way))
        return [(each.place.line, each.flag) for each in found if each.reset is Reset.NOT_SEEN]

    return stale


@pytest.mark.parametrize(
    ("way", "flag"),
    [
        ("\tif (!ret)\n\t\town_status = OWN_UNINITIALIZED;\n", "own_status"),
        (
            "\tif (!ret) {\n\t\town_initialized = false;\n\t\tstart_one(own);\n\t}\n",
            "own_initialized",
        ),
        ("\tif (ret)\n\t\treturn ret;\n\tmodule.ready = 0;\n", "module.ready"),
    ],
)
def test_a_flag_that_a_failure_leaves_set_is_told_where_the_module_went_down(stale, way, flag):
    assert stale(way) == [(12, flag)]


@pytest.mark.parametrize(
    "way",
    [
        pytest.param("\town_status = OWN_UNINITIALIZED;\n", id="on every way"),
        pytest.param("\tif (ret)\n\t\town->status = OWN_FAILED;\n", id="how it ended"),
        pytest.param("\tif (!ret)\n\t\town->status = 0;\n", id="an answer for others"),
        pytest.param(
            "\tif (!ret)\n\t\town_status = OWN_UNINITIALIZED;\n\telse\n\t\tgive_up_on(own);\n",
            id="a call out of view on the other way",
        ),
        pytest.param(
            "\tif (!ret)\n\t\town_status = OWN_UNINITIALIZED;\n\tsettle_all(own);\n",
            id="a call out of view behind both",
        ),
        pytest.param(
            "\tif (!ret)\n\t\town_status = OWN_UNINITIALIZED;\n"
            "\telse\n\t\town_status = OWN_NOT_READY;\n",
            id="by another word",
        ),
    ],
)
def test_a_flag_that_is_reset_or_may_be_on_each_way_is_left_alone(stale, way):
    assert stale(way) == []


def test_a_shutdown_that_failed_leaves_the_flag_as_it_is(stale):
    assert stale("\town_status = OWN_UNINITIALIZED;\n\tret = 0;\n") == []
