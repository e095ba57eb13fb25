#!/bin/sh
# install.sh VENV: makes a virtual environment with us and all that the tests need in it, at the
# versions of requirements.lock. With --newest at the newest ones that the index has; with --lowest
# at the oldest that pyproject.toml allows of what the tool needs, and the locked ones of all else.
set -eu

cd "$(dirname "$0")/.."
venv=$1
python=${PYTHON:-python3}
kind=${2:---locked}

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
	echo 'tdxreview needs Python 3.11 or newer; name one: make PYTHON=python3.12' >&2
	exit 1
}
"$python" -m venv "$venv"
case "$kind" in
--locked) set -- --constraint requirements.lock ;;
--newest) set -- --upgrade ;;
--lowest)
	sed 's/==.*/==/; /^#/d' requirements.lowest |
		grep --invert-match --fixed-strings --file=- requirements.lock |
		cat - requirements.lowest >"$venv/lowest"
	set -- --constraint "$venv/lowest"
	;;
esac
pip() { "$venv/bin/python" -m pip --quiet --disable-pip-version-check "$@"; }
pip install "$@" pip 'setuptools>=70.1' hatchling editables
pip install "$@" --no-build-isolation --editable '.[prove]' --group dev
