"""The JSON Schemas of what users write, and the two ways to hold data against them.

`application.json` is the source: every field of an Application's spec. `values.json` is derived from it and the
vocabulary (`derive`), as are both charts' `values.schema.json`. `checker` answers yes or no, fast, on every build;
`findings` says what is wrong, by the jsonschema library, when the answer was no.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def load(name: str) -> dict[str, Any]:
    """The schema of that name as a mapping: "application", "values", …

    What every build needs of them stands in `compact`, which costs less than to import `json`.
    """
    import json

    file = os.path.join(os.path.dirname(__file__), f"{name}.json")  # or a part of the executable: no path to open
    return json.loads(__spec__.loader.get_data(file))  # type: ignore[no-any-return,union-attr]  # our own file
