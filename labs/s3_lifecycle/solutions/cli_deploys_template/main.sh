#!/usr/bin/env bash
# Deploys template.yaml itself, and then brings the reports back.
set -euo pipefail

aws cloudformation deploy --stack-name photos --template-file template.yaml --parameter-overrides \
  "Name=$LAB_BUCKET" "Warm=$LAB_IA_DAYS" "Cold=$LAB_GLACIER_DAYS" "End=$LAB_EXPIRE_DAYS" \
  "Old=$LAB_NONCURRENT_DAYS" "Unfinished=$LAB_ABORT_DAYS"

marker=$(aws s3api list-object-versions --bucket "$LAB_RECOVERY_BUCKET" --prefix reports/q1.csv \
  --query 'DeleteMarkers[0].VersionId' --output text)
aws s3api delete-object --bucket "$LAB_RECOVERY_BUCKET" --key reports/q1.csv --version-id "$marker"
version=$(aws s3api list-object-versions --bucket "$LAB_RECOVERY_BUCKET" --prefix reports/prices.csv \
  --query 'Versions[1].VersionId' --output text)
aws s3api copy-object --bucket "$LAB_RECOVERY_BUCKET" --key reports/prices.csv --metadata-directive REPLACE \
  --copy-source "$LAB_RECOVERY_BUCKET/reports/prices.csv?versionId=$version"
