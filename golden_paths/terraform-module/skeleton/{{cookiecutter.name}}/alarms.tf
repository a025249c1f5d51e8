resource "aws_cloudwatch_metric_alarm" "message_age" {
  alarm_name          = "${aws_sqs_queue.this.name}-message-age"
  alarm_description   = "The oldest message of ${aws_sqs_queue.this.name} waits for longer than ${var.max_message_age_seconds} seconds: consumers are too slow or gone."
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateAgeOfOldestMessage"
  statistic           = "Maximum"
  comparison_operator = "GreaterThanThreshold"
  threshold           = var.max_message_age_seconds
  period              = 60
  evaluation_periods  = 5
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_actions
  ok_actions          = var.alarm_actions
  dimensions          = { QueueName = aws_sqs_queue.this.name }
  tags                = var.tags
}

resource "aws_cloudwatch_metric_alarm" "dead_letters" {
  alarm_name          = "${aws_sqs_queue.dead_letter.name}-not-empty"
  alarm_description   = "There are messages in ${aws_sqs_queue.dead_letter.name}: consumers failed on each of them ${var.max_receive_count} times."
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateNumberOfMessagesVisible"
  statistic           = "Maximum"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  period              = 60
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_actions
  ok_actions          = var.alarm_actions
  dimensions          = { QueueName = aws_sqs_queue.dead_letter.name }
  tags                = var.tags
}
