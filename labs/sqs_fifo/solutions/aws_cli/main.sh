# Both queues, then what each has to know of the other.
set -eu

dead=$(aws sqs create-queue --queue-name "$LAB_DEAD_LETTER_QUEUE" \
    --attributes FifoQueue=true,MessageRetentionPeriod=$((LAB_DEAD_LETTER_RETENTION_DAYS * 86400)) \
    --query QueueUrl --output text)
orders=$(aws sqs create-queue --queue-name "$LAB_QUEUE" \
    --attributes FifoQueue=true,ContentBasedDeduplication=true,VisibilityTimeout="$LAB_VISIBILITY_TIMEOUT" \
    --query QueueUrl --output text)

arn_of() {
    aws sqs get-queue-attributes --queue-url "$1" --attribute-names QueueArn --query Attributes.QueueArn --output text
}

dead_arn=$(arn_of "$dead")
cat > orders.json <<END
{
  "ReceiveMessageWaitTimeSeconds": "$LAB_RECEIVE_WAIT_SECONDS",
  "RedrivePolicy": "{\"deadLetterTargetArn\":\"$dead_arn\",\"maxReceiveCount\":$LAB_MAX_RECEIVE_COUNT}"
}
END
aws sqs set-queue-attributes --queue-url "$orders" --attributes file://orders.json

orders_arn=$(arn_of "$orders")
cat > dead.json <<END
{"RedriveAllowPolicy": "{\"redrivePermission\":\"byQueue\",\"sourceQueueArns\":[\"$orders_arn\"]}"}
END
aws sqs set-queue-attributes --queue-url "$dead" --attributes file://dead.json
