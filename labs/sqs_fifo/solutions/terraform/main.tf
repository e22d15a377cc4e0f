# The two policies are resources of their own, as each names the other queue.
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

variable "queue" { type = string }
variable "dead_letter_queue" { type = string }
variable "max_receive_count" { type = number }
variable "visibility_timeout" { type = number }
variable "receive_wait_seconds" { type = number }
variable "dead_letter_retention_days" { type = number }

resource "aws_sqs_queue" "orders" {
  name                        = var.queue
  fifo_queue                  = true
  content_based_deduplication = true
  visibility_timeout_seconds  = var.visibility_timeout
  receive_wait_time_seconds   = var.receive_wait_seconds
}

resource "aws_sqs_queue" "dead_letters" {
  name                      = var.dead_letter_queue
  fifo_queue                = true
  message_retention_seconds = var.dead_letter_retention_days * 86400
}

resource "aws_sqs_queue_redrive_policy" "orders" {
  queue_url = aws_sqs_queue.orders.id
  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead_letters.arn
    maxReceiveCount     = var.max_receive_count
  })
}

resource "aws_sqs_queue_redrive_allow_policy" "dead_letters" {
  queue_url = aws_sqs_queue.dead_letters.id
  redrive_allow_policy = jsonencode({
    redrivePermission = "byQueue"
    sourceQueueArns   = [aws_sqs_queue.orders.arn]
  })
}
