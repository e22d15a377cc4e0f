#!/usr/bin/env bash
# A bucket, and its tag, with the AWS CLI.
set -euo pipefail

aws s3 mb "s3://$LAB_BUCKET"
aws s3api put-bucket-tagging --bucket "$LAB_BUCKET" --tagging 'TagSet=[{Key=course,Value=labgrade}]'
