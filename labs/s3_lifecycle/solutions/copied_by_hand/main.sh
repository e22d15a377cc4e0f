#!/usr/bin/env bash
# The reports travel through local files; the rules are in the CLI's own shorthand.
set -euo pipefail

aws s3api create-bucket --bucket "$LAB_BUCKET"
aws s3api put-bucket-versioning --bucket "$LAB_BUCKET" --versioning-configuration Status=Enabled

clean="ID=clean,Status=Enabled,Filter={Prefix=''},Expiration={ExpiredObjectDeleteMarker=true}"
clean+=",NoncurrentVersionExpiration={NoncurrentDays=$LAB_NONCURRENT_DAYS}"
clean+=",AbortIncompleteMultipartUpload={DaysAfterInitiation=$LAB_ABORT_DAYS}"
age="ID=age,Status=Enabled,Filter={Prefix=logs/},Expiration={Days=$LAB_EXPIRE_DAYS}"
age+=",Transitions=[{Days=$LAB_IA_DAYS,StorageClass=STANDARD_IA},{Days=$LAB_GLACIER_DAYS,StorageClass=GLACIER}]"
aws s3api put-bucket-lifecycle-configuration --bucket "$LAB_BUCKET" \
  --lifecycle-configuration "Rules=[{$clean},{$age}]"

fetch() { # key, place among its versions, the newest being 0
  version=$(aws s3api list-object-versions --bucket "$LAB_RECOVERY_BUCKET" --prefix "$1" \
    --query "Versions[$2].VersionId" --output text)
  aws s3api get-object --bucket "$LAB_RECOVERY_BUCKET" --key "$1" --version-id "$version" report.csv > /dev/null
  aws s3 cp report.csv "s3://$LAB_RECOVERY_BUCKET/$1" --only-show-errors
}
fetch reports/q1.csv 0
fetch reports/prices.csv 1
