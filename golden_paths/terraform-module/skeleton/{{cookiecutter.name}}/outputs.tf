output "arn" {
  description = "ARN of the queue."
  value       = aws_sqs_queue.this.arn
}

output "url" {
  description = "URL of the queue, for clients."
  value       = aws_sqs_queue.this.id
}

output "name" {
  description = "Name of the queue, with its suffix."
  value       = aws_sqs_queue.this.name
}

output "dead_letter_arn" {
  description = "ARN of the dead-letter queue."
  value       = aws_sqs_queue.dead_letter.arn
}

output "dead_letter_url" {
  description = "URL of the dead-letter queue."
  value       = aws_sqs_queue.dead_letter.id
}

output "kms_key_arn" {
  description = "ARN of the KMS key that encrypts messages."
  value       = local.kms_key_arn
}
