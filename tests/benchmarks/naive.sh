#!/usr/bin/env bash
# What an instructor without labgrade would write: a server, a bucket, the student's script, one look, the end.
# usage: naive.sh PYTHON MAIN_PY
set -eu
python=$1 main=$2
port=$("$python" -S -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
"$(dirname "$python")/moto_server" -H 127.0.0.1 -p "$port" >/dev/null 2>&1 &
server=$!
trap 'kill "$server"' EXIT
until (: >"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do sleep 0.02; done

export AWS_ENDPOINT_URL=http://127.0.0.1:$port AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test
export AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1
"$python" - <<'PY'
import os
import boto3
s3, bucket = boto3.client("s3"), os.environ["LAB_RECOVERY_BUCKET"]
s3.create_bucket(Bucket=bucket)
s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
s3.put_object(Bucket=bucket, Key="reports/q1.csv", Body=b"good")
s3.delete_object(Bucket=bucket, Key="reports/q1.csv")
for body in (b"old", b"good", b"rubbish"):
    s3.put_object(Bucket=bucket, Key="reports/prices.csv", Body=body)
PY
"$python" "$main"
"$python" - <<'PY'
import os
import boto3
s3, bucket = boto3.client("s3"), os.environ["LAB_BUCKET"]
assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
assert s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
PY
