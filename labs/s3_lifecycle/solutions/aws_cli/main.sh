#!/usr/bin/env bash
# The AWS CLI, with the configuration as JSON.
set -euo pipefail

aws s3 mb "s3://$LAB_BUCKET"
aws s3api put-bucket-versioning --bucket "$LAB_BUCKET" --versioning-configuration Status=Enabled

cat > rules.json <<JSON
{
  "Rules": [
    {
      "ID": "logs",
      "Status": "Enabled",
      "Filter": {"Prefix": "logs/"},
      "Transitions": [
        {"Days": $LAB_IA_DAYS, "StorageClass": "STANDARD_IA"},
        {"Days": $LAB_GLACIER_DAYS, "StorageClass": "GLACIER"}
      ],
      "Expiration": {"Days": $LAB_EXPIRE_DAYS}
    },
    {
      "ID": "all",
      "Status": "Enabled",
      "Filter": {},
      "NoncurrentVersionExpiration": {"NoncurrentDays": $LAB_NONCURRENT_DAYS},
      "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": $LAB_ABORT_DAYS},
      "Expiration": {"ExpiredObjectDeleteMarker": true}
    }
  ]
}
JSON
aws s3api put-bucket-lifecycle-configuration --bucket "$LAB_BUCKET" --lifecycle-configuration file://rules.json

# q1.csv: take the delete marker away.
marker=$(aws s3api list-object-versions --bucket "$LAB_RECOVERY_BUCKET" --prefix reports/q1.csv \
  --query 'DeleteMarkers[?IsLatest].VersionId' --output text)
aws s3api delete-object --bucket "$LAB_RECOVERY_BUCKET" --key reports/q1.csv --version-id "$marker"

# prices.csv: the second newest version on top again.
version=$(aws s3api list-object-versions --bucket "$LAB_RECOVERY_BUCKET" --prefix reports/prices.csv \
  --query 'Versions[1].VersionId' --output text)
aws s3api copy-object --bucket "$LAB_RECOVERY_BUCKET" --key reports/prices.csv --metadata-directive REPLACE \
  --copy-source "$LAB_RECOVERY_BUCKET/reports/prices.csv?versionId=$version"
