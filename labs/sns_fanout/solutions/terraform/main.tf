variable "topic" { type = string }
variable "billing_queue" { type = string }
variable "shipping_queue" { type = string }
variable "audit_queue" { type = string }
variable "undelivered_queue" { type = string }
variable "goods_kind" { type = string }

locals {
  queues = {
    billing     = var.billing_queue
    shipping    = var.shipping_queue
    audit       = var.audit_queue
    undelivered = var.undelivered_queue
  }
}

resource "aws_sns_topic" "orders" {
  name = var.topic
}

resource "aws_sqs_queue" "all" {
  for_each = local.queues
  name     = each.value
}

resource "aws_sqs_queue_policy" "all" {
  for_each  = local.queues
  queue_url = aws_sqs_queue.all[each.key].id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "sns.amazonaws.com" }
      Action    = "sqs:SendMessage"
      Resource  = aws_sqs_queue.all[each.key].arn
      Condition = { ArnEquals = { "aws:SourceArn" = aws_sns_topic.orders.arn } }
    }]
  })
}

resource "aws_sns_topic_subscription" "billing" {
  topic_arn = aws_sns_topic.orders.arn
  protocol  = "sqs"
  endpoint  = aws_sqs_queue.all["billing"].arn
}

resource "aws_sns_topic_subscription" "shipping" {
  topic_arn      = aws_sns_topic.orders.arn
  protocol       = "sqs"
  endpoint       = aws_sqs_queue.all["shipping"].arn
  filter_policy  = jsonencode({ kind = [var.goods_kind] })
  redrive_policy = jsonencode({ deadLetterTargetArn = aws_sqs_queue.all["undelivered"].arn })
}

resource "aws_sns_topic_subscription" "audit" {
  topic_arn            = aws_sns_topic.orders.arn
  protocol             = "sqs"
  endpoint             = aws_sqs_queue.all["audit"].arn
  raw_message_delivery = true
}
