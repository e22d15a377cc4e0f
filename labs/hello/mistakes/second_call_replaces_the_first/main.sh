#!/usr/bin/env bash
# Each tag gets a call of its own.
set -euo pipefail

aws s3 mb "s3://$LAB_BUCKET"
aws s3api put-bucket-tagging --bucket "$LAB_BUCKET" --tagging 'TagSet=[{Key=course,Value=labgrade}]'
aws s3api put-bucket-tagging --bucket "$LAB_BUCKET" --tagging 'TagSet=[{Key=owner,Value=ada}]'
