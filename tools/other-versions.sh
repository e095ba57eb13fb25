#!/bin/sh
# other-versions.sh newest|lowest: the checks in an environment of its own, against other versions
# of what we use than the locked ones. Tests run in random order, on all cores.
set -eu

cd "$(dirname "$0")/.."
kind=$1
venv=.venv-$kind
rm -rf "$venv"
./tools/install.sh "$venv" "--$kind"
"$venv/bin/python" -m pip list --format freeze --disable-pip-version-check | tr 'A-Z_' 'a-z-' | sort >"$venv/versions"
sed 's/ *;.*//' requirements.lock | sort >"$venv/locked"
echo "$kind: what differs from requirements.lock:"
join -t = -o 1.1,1.3,2.3 "$venv/locked" "$venv/versions" | awk -F= '$2 != $3 {print "  " $1 " " $2 " -> " $3}'

broken=
try() {
	what=$1
	shift
	"$@" || broken="$broken $what"
}
if [ "$kind" = newest ]; then
	try lint "$venv/bin/ruff" check .
	try format "$venv/bin/ruff" format --check .
	try types "$venv/bin/mypy" --cache-dir "$venv/mypy"
fi
try tests "$venv/bin/pytest" -q -n auto --random-order -o cache_dir="$venv/pytest"
if [ -n "$broken" ]; then
	echo "$kind: broken:$broken"
	exit 1
fi
echo "$kind: nothing is broken"
