#!/bin/sh
# The JSON Schema against the documents, by python3-jsonschema. 77 = skipped.
python=${PYTHON:-/usr/bin/python3}
if ! "$python" -c 'import jsonschema' 2>/dev/null; then
    echo "SKIPPED: needs python3-jsonschema"
    exit 77
fi
exec "$python" "$(dirname "$0")/schema_check.py"
