#!/usr/bin/env bash
# What an instructor without labgrade would write: a server, the starting state, the student's script, a look, the end.
# usage: run.sh PYTHON MAIN_PY FOLDER     with prepare.py (where the lab has a scenario) and look.py in FOLDER
set -eu
python=$1 main=$2 folder=$3
port=$("$python" -S -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
"$(dirname "$python")/moto_server" -H 127.0.0.1 -p "$port" >/dev/null 2>&1 &
server=$!
trap 'kill "$server"' EXIT
until (: >"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do sleep 0.02; done

export AWS_ENDPOINT_URL=http://127.0.0.1:$port AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test
export AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1
[ ! -e "$folder/prepare.py" ] || "$python" "$folder/prepare.py"
"$python" "$main"
"$python" "$folder/look.py"
