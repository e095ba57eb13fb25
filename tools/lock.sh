#!/bin/sh
# Writes requirements.lock anew: the newest version of everything that we use, directly or not, that
# fits pyproject.toml on every Python from 3.11 on; and requirements.lowest: the oldest version that
# pyproject.toml allows of what the tool itself needs. Names and versions only. Read the difference,
# run `make check` and `make lowest`, and commit it.
set -eu

cd "$(dirname "$0")/.."
python=${PYTHON:-python3}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$python" -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check uv

# write FILE OPTION...
write() {
	file=$1
	shift
	{
		echo '# Written by `make lock`. Each line is a name and a version, and where it counts.'
		"$work/venv/bin/uv" pip compile --quiet --universal --python-version 3.11 --extra prove \
			--no-header --no-annotate --no-emit-index-url --no-emit-find-links "$@" pyproject.toml
	} >"$work/new"
	cp "$work/new" "$file"
	echo "$file: $(grep -c == "$file") packages"
}

write requirements.lock --group dev --group docs
write requirements.lowest --resolution lowest-direct
