# A topic and four queues with the AWS CLI; the filter tells goods by how their kind begins.
set -euo pipefail

topic=$(aws sns create-topic --name "$LAB_TOPIC" --query TopicArn --output text)

queue() { # its ARN
    local arn="arn:aws:sqs:$LAB_REGION:$LAB_ACCOUNT:$1"
    cat >policy.json <<JSON
{
  "Version": "2012-10-17",
  "Statement": [{
    "Effect": "Allow",
    "Principal": {"Service": "sns.amazonaws.com"},
    "Action": "sqs:SendMessage",
    "Resource": "$arn",
    "Condition": {"ArnEquals": {"aws:SourceArn": "$topic"}}
  }]
}
JSON
    python3 -c 'import json; print(json.dumps({"Policy": open("policy.json").read()}))' >attributes.json
    aws sqs create-queue --queue-name "$1" --attributes file://attributes.json >/dev/null
    echo "$arn"
}

billing=$(queue "$LAB_BILLING_QUEUE")
shipping=$(queue "$LAB_SHIPPING_QUEUE")
audit=$(queue "$LAB_AUDIT_QUEUE")
undelivered=$(queue "$LAB_UNDELIVERED_QUEUE")

aws sns subscribe --topic-arn "$topic" --protocol sqs --notification-endpoint "$billing"
aws sns subscribe --topic-arn "$topic" --protocol sqs --notification-endpoint "$audit" --attributes RawMessageDelivery=true

cat >shipping.json <<JSON
{
  "FilterPolicy": "{\"kind\": [{\"prefix\": \"${LAB_GOODS_KIND:0:3}\"}]}",
  "RedrivePolicy": "{\"deadLetterTargetArn\": \"$undelivered\"}"
}
JSON
aws sns subscribe --topic-arn "$topic" --protocol sqs --notification-endpoint "$shipping" --attributes file://shipping.json
