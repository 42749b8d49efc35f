#!/usr/bin/env bash
# Puts the jars of a real Kafka (tests/kafka/pom.xml) into .kafka/libs of this repository. Does nothing when they are there.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
libs=$root/.kafka/libs
mark=$libs/.fetched

if [ -f "$mark" ] && cmp -s "$here/pom.xml" "$mark"; then
    exit 0
fi
if ! command -v mvn >/dev/null; then
    echo "fetch_jars.sh: mvn not found; install Maven and a Java of 17 or newer (Debian: apt-get install maven)" >&2
    exit 1
fi

# The finished folder appears at once: a fetch that was cut off leaves nothing that looks whole.
mkdir -p "$root/.kafka"
fresh=$(mktemp -d "$root/.kafka/fetch.XXXXXX")
trap 'rm -rf "$fresh"' EXIT
mvn -q -B -f "$here/pom.xml" dependency:copy-dependencies -DoutputDirectory="$fresh/libs" -DincludeScope=runtime </dev/null
cp "$here/pom.xml" "$fresh/libs/.fetched"
rm -rf "$libs"
mv "$fresh/libs" "$libs"
echo "fetch_jars.sh: $(find "$libs" -name '*.jar' | wc -l) jars in $libs"
