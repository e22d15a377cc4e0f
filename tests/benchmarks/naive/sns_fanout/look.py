import os

import boto3

sns = boto3.client("sns")
topics = [topic["TopicArn"] for topic in sns.list_topics()["Topics"]]
arn = next(topic for topic in topics if topic.endswith(f":{os.environ['LAB_TOPIC']}"))
assert len(sns.list_subscriptions_by_topic(TopicArn=arn)["Subscriptions"]) >= 3
