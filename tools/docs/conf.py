"""How Sphinx builds the site and the manual page; `make docs` copies this beside the pages."""

project = "tdxreview"
author = "the authors of tdxreview"
project_copyright = "GPL-2.0-or-later"
extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
root_doc = "index"
html_theme = "alabaster"
html_theme_options = {"description": "Reviews SEAMCALL patches", "page_width": "1000px"}
html_show_sphinx = False
html_show_copyright = False
html_copy_source = False
myst_heading_anchors = 3
myst_enable_extensions = ["deflist"]
man_pages = [
    ("commands", "tdxreview", "review Linux kernel patches that make SEAMCALLs", author, 1)
]
