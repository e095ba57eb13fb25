#!/bin/sh
# Builds the wheel, installs it into an empty environment, and reviews an example from outside the
# checkout: what users get has to work without the tree beside it.
set -eu

cd "$(dirname "$0")/.."
root=$(pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

.venv/bin/python -m build --wheel --no-isolation --outdir "$work/dist" . >"$work/build.log" 2>&1 ||
	{ cat "$work/build.log" >&2; exit 1; }
.venv/bin/python -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check \
	--constraint requirements.lock "$work"/dist/*.whl

cd "$work"
status=0
./venv/bin/tdxreview review "$root/examples/risky.mbox" --format json >review.json || status=$?
if [ "$status" -ne 1 ]; then
	echo "wheel: the review of examples/risky.mbox ended with $status, not 1" >&2
	exit 1
fi
./venv/bin/python - "$work/review.json" <<'PY'
import json, sys
review = json.load(open(sys.argv[1]))
families = {finding["family"] for finding in review["findings"] if finding["severity"] == "error"}
missing = {"vmx", "trap", "status"} - families
sys.exit(f"wheel: no error of the families {sorted(missing)}" if missing else 0)
PY
./venv/bin/tdxreview rules list >/dev/null
echo "wheel: $(basename dist/*.whl) works in an empty environment"
