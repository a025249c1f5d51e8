provider "aws" {
  region = var.region
}

data "aws_caller_identity" "current" {}

resource "aws_sns_topic" "alarms" {
  name              = "orders-alarms"
  kms_master_key_id = "alias/aws/sns"
}

module "queue" {
  source = "../.."

  name                       = "orders"
  fifo                       = true
  visibility_timeout_seconds = 120
  message_retention_seconds  = 1209600
  max_receive_count          = 3
  producer_arns              = ["arn:aws:iam::${data.aws_caller_identity.current.account_id}:role/shop"]
  consumer_arns              = ["arn:aws:iam::${data.aws_caller_identity.current.account_id}:role/warehouse"]
  max_message_age_seconds    = 300
  alarm_actions              = [aws_sns_topic.alarms.arn]

  tags = {
    service = "orders"
  }
}
