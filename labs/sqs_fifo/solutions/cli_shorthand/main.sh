# One call a queue: each policy is text within JSON, so its quotes are escaped twice.
set -eu

of="arn:aws:sqs:$LAB_REGION:$LAB_ACCOUNT"
allow="{\\\"redrivePermission\\\":\\\"byQueue\\\",\\\"sourceQueueArns\\\":[\\\"$of:$LAB_QUEUE\\\"]}"
redrive="{\\\"deadLetterTargetArn\\\":\\\"$of:$LAB_DEAD_LETTER_QUEUE\\\",\\\"maxReceiveCount\\\":\\\"$LAB_MAX_RECEIVE_COUNT\\\"}"
seconds=$((LAB_DEAD_LETTER_RETENTION_DAYS * 24 * 60 * 60))

aws sqs create-queue --queue-name "$LAB_DEAD_LETTER_QUEUE" --tags team=orders \
    --attributes "{\"FifoQueue\":\"true\",\"MessageRetentionPeriod\":\"$seconds\",\"RedriveAllowPolicy\":\"$allow\"}"
aws sqs create-queue --queue-name "$LAB_QUEUE" --attributes "{
    \"FifoQueue\": \"true\",
    \"ContentBasedDeduplication\": \"true\",
    \"VisibilityTimeout\": \"$LAB_VISIBILITY_TIMEOUT\",
    \"ReceiveMessageWaitTimeSeconds\": \"$LAB_RECEIVE_WAIT_SECONDS\",
    \"RedrivePolicy\": \"$redrive\"
}"
