"""Rules and sites that are made up, as for the rules themselves."""

from tests.rules.conftest import folder, make_rules, make_site, write_rule
