"""Judges files of the state by the schemas that they name in their first line, as an editor does."""

import json
import pathlib
import sys
import tomllib

from jsonschema import Draft7Validator


def plain(value):
    """Dates of TOML are texts in the schemas."""
    if isinstance(value, dict):
        return {name: plain(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return value


def judged(path):
    text = path.read_text()
    directive = text.splitlines()[0]
    assert directive.startswith("#:schema "), f"{path}: {directive}"
    schema = json.loads((path.parent / directive.removeprefix("#:schema ")).read_text())
    Draft7Validator.check_schema(schema)
    errors = Draft7Validator(schema).iter_errors(plain(tomllib.loads(text)))
    return [f"{error.json_path}: {error.message}" for error in errors]


root = pathlib.Path(sys.argv[1])
files = [root / name for name in sys.argv[2:]] or sorted(root.glob("*.toml")) + sorted(root.glob("*/*.toml"))
print(json.dumps({str(path.relative_to(root)): judged(path) for path in files}))
