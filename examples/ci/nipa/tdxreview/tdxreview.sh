#!/bin/bash
# A test of NIPA, for tests/patch/: HEAD is the patch, and its tree is the folder that this runs in.
# NIPA takes 0 for success, 250 for a warning and all else for a failure; the line goes to DESC_FD.
tdxreview review --output "json=$RESULTS_DIR/tdxreview.json" --format concise HEAD >"$RESULTS_DIR/tdxreview.txt"
case $? in
0 | 3) echo "tdxreview: nothing wrong" >&"$DESC_FD" ;;
1) echo "tdxreview: $(head -n 1 "$RESULTS_DIR/tdxreview.txt")" >&"$DESC_FD"; exit 1 ;;
4) echo "tdxreview: not everything was examined" >&"$DESC_FD"; exit 250 ;;
*) echo "tdxreview: did not run" >&"$DESC_FD"; exit 250 ;;
esac
