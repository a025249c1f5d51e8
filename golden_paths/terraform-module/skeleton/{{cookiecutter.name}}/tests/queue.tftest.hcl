# No account is needed: the provider is mocked.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  name = "orders"
}

run "defaults" {
  assert {
    condition     = aws_sqs_queue.this.name == "orders" && aws_sqs_queue.dead_letter.name == "orders-dlq"
    error_message = "the queues are called ${aws_sqs_queue.this.name} and ${aws_sqs_queue.dead_letter.name}"
  }

  assert {
    condition     = alltrue([for q in [aws_sqs_queue.this, aws_sqs_queue.dead_letter] : q.kms_master_key_id == aws_kms_key.this[0].arn])
    error_message = "messages are not encrypted"
  }

  assert {
    condition     = jsondecode(aws_sqs_queue.this.redrive_policy).deadLetterTargetArn == aws_sqs_queue.dead_letter.arn
    error_message = "messages that fail do not go to the dead-letter queue"
  }

  assert {
    condition     = aws_sqs_queue.dead_letter.message_retention_seconds > aws_sqs_queue.this.message_retention_seconds
    error_message = "dead letters must outlive messages: their age counts from the first queue"
  }

  assert {
    condition = alltrue([
      for p in [aws_sqs_queue_policy.this, aws_sqs_queue_policy.dead_letter] :
      [for s in jsondecode(p.policy).Statement : s.Effect] == ["Deny"]
    ])
    error_message = "without principals, the policies must hold nothing but the refusal of insecure transport"
  }

  assert {
    condition     = output.url == aws_sqs_queue.this.id && output.dead_letter_arn == aws_sqs_queue.dead_letter.arn
    error_message = "the outputs are those of other resources"
  }
}

run "fifo" {
  variables {
    fifo = true
  }

  assert {
    condition     = output.name == "orders.fifo" && aws_sqs_queue.dead_letter.name == "orders-dlq.fifo"
    error_message = "names of FIFO queues must end with .fifo"
  }

  assert {
    condition     = aws_sqs_queue.this.fifo_queue && aws_sqs_queue.dead_letter.fifo_queue
    error_message = "the dead-letter queue of a FIFO queue must be one, too"
  }
}

run "principals" {
  variables {
    producer_arns = ["arn:aws:iam::123456789012:role/shop"]
    consumer_arns = ["arn:aws:iam::123456789012:role/warehouse", "arn:aws:iam::123456789012:role/archive"]
  }

  assert {
    condition = {
      for s in jsondecode(aws_sqs_queue_policy.this.policy).Statement : s.Sid => s.Principal.AWS if s.Effect == "Allow"
      } == {
      AllowProducers = ["arn:aws:iam::123456789012:role/shop"]
      AllowConsumers = ["arn:aws:iam::123456789012:role/archive", "arn:aws:iam::123456789012:role/warehouse"]
    }
    error_message = "other principals are allowed: ${aws_sqs_queue_policy.this.policy}"
  }

  assert {
    condition = !anytrue([
      for s in jsondecode(aws_sqs_queue_policy.this.policy).Statement :
      contains(s.Action, "sqs:*") if s.Effect == "Allow"
    ])
    error_message = "principals are allowed everything"
  }

  assert {
    condition = {
      for s in jsondecode(aws_kms_key.this[0].policy).Statement : s.Sid => s.Action
      } == {
      AllowWhatPoliciesOfTheAccountAllow = ["kms:*"]
      AllowProducers                     = ["kms:Decrypt", "kms:GenerateDataKey"]
      AllowConsumers                     = ["kms:Decrypt"]
    }
    error_message = "principals may do other things with the key: ${aws_kms_key.this[0].policy}"
  }
}

run "key_of_your_own" {
  variables {
    kms_key_arn = "arn:aws:kms:{{ cookiecutter.region }}:123456789012:key/66666666-7777-8888-9999-000000000000"
  }

  assert {
    condition     = aws_sqs_queue.this.kms_master_key_id == var.kms_key_arn && output.kms_key_arn == var.kms_key_arn
    error_message = "messages are encrypted with another key"
  }

  assert {
    condition     = length(aws_kms_key.this) + length(aws_kms_alias.this) == 0
    error_message = "a key is made that nobody uses"
  }
}

run "alarms" {
  variables {
    alarm_actions           = ["arn:aws:sns:{{ cookiecutter.region }}:123456789012:alarms"]
    max_message_age_seconds = 60
  }

  assert {
    condition = alltrue([
      for a in [aws_cloudwatch_metric_alarm.message_age, aws_cloudwatch_metric_alarm.dead_letters] :
      a.alarm_actions == var.alarm_actions && a.ok_actions == var.alarm_actions
    ])
    error_message = "nobody is told of an alarm"
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.message_age.threshold == 60
    error_message = "the age of the oldest message is not what was asked for"
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.dead_letters.dimensions == tomap({ QueueName = aws_sqs_queue.dead_letter.name })
    error_message = "the alarm watches another queue"
  }
}

run "refuses_what_sqs_would_refuse" {
  command = plan

  variables {
    name                       = "orders.fifo"
    visibility_timeout_seconds = 43201
    message_retention_seconds  = 59
    max_receive_count          = 0
    kms_key_arn                = "alias/aws/sqs"
    producer_arns              = ["*"]
    consumer_arns              = ["arn:aws:s3:::bucket"]
    max_message_age_seconds    = 0
  }

  expect_failures = [
    var.name,
    var.visibility_timeout_seconds,
    var.message_retention_seconds,
    var.max_receive_count,
    var.kms_key_arn,
    var.producer_arns,
    var.consumer_arns,
    var.max_message_age_seconds,
  ]
}
