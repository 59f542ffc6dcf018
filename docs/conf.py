"""How Sphinx makes a site of these pages: ``make docs``."""

import importlib.metadata

project = "Thresh"
author = copyright = "The Thresh authors"
release = importlib.metadata.version("thresh-hdl")
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx.ext.viewcode"]
exclude_patterns = ["results/*"]
myst_heading_anchors = 3
suppress_warnings = ["ref.python"]  # several classes have a member of one name

autodoc_default_options = {"members": True, "member-order": "bysource"}
autodoc_mock_imports = ["torch"]
autodoc_typehints = "none"  # the docstrings give shapes, units and formats instead
napoleon_numpy_docstring = True
napoleon_use_rtype = False
default_role = "py:obj"  # `Name` in a docstring is that name, where the page knows it

html_theme = "furo"
html_title = f"Thresh {release}"
html_theme_options = {"navigation_with_keys": True, "top_of_page_buttons": []}
