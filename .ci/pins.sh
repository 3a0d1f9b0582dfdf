#!/bin/bash
# Resolves all dependencies anew in a throw-away environment and writes their versions to .ci/constraints.txt.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"${PYTHON:-python3}" -m venv "$work/venv"
pip() { "$work/venv/bin/python" -m pip --disable-pip-version-check --quiet "$@"; }

# What builds our package (and those that come as source) on each machine is pinned too.
build_tools=$("$work/venv/bin/python" - <<'PYTHON'
import tomllib
from pathlib import Path

print(*tomllib.loads(Path("pyproject.toml").read_text())["build-system"]["requires"], "editables", "setuptools", sep="\n")
PYTHON
)
mapfile -t build_tools <<<"$build_tools"
pip install --upgrade pip
pip install --upgrade --editable '.[test,bench]' "${build_tools[@]}"
{
    echo '# Versions of the whole tree, so that installs are the same everywhere. Written by `make pins`.'
    pip freeze --all --exclude-editable
} >"$work/constraints.txt"
mv "$work/constraints.txt" .ci/constraints.txt
