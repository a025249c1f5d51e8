variable "name" {
  description = "Name of the queue, without the suffix `.fifo`. The dead-letter queue is called the same with `-dlq` behind it."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,71}$", var.name))
    error_message = "The name must have 1 to 71 letters, digits, dashes and underscores."
  }
}

variable "fifo" {
  description = "Whether messages are delivered in order and once (FIFO)."
  type        = bool
  default     = false
  nullable    = false
}

variable "visibility_timeout_seconds" {
  description = "How long a message is hidden after it was received: longer than a consumer works on it."
  type        = number
  default     = 60
  nullable    = false

  validation {
    condition     = var.visibility_timeout_seconds >= 0 && var.visibility_timeout_seconds <= 43200
    error_message = "The visibility timeout must be 0 to 43200 seconds."
  }
}

variable "message_retention_seconds" {
  description = "How long a message is kept that nobody deletes. In the dead-letter queue it is always 14 days."
  type        = number
  default     = 345600
  nullable    = false

  validation {
    condition     = var.message_retention_seconds >= 60 && var.message_retention_seconds <= 1209600
    error_message = "The retention must be 60 to 1209600 seconds."
  }
}

variable "max_receive_count" {
  description = "How often a message is received before it goes to the dead-letter queue."
  type        = number
  default     = 5
  nullable    = false

  validation {
    condition     = var.max_receive_count >= 1 && var.max_receive_count <= 1000
    error_message = "The count must be 1 to 1000."
  }
}

variable "kms_key_arn" {
  description = "ARN of the KMS key that encrypts messages. Without one the module makes a key of its own, which is rotated every year."
  type        = string
  default     = null

  validation {
    condition     = var.kms_key_arn == null || can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/", var.kms_key_arn))
    error_message = "The key must be the ARN of a KMS key, not an id or alias."
  }
}

variable "producer_arns" {
  description = "ARNs of the principals that may send messages, beside what IAM policies of the account allow."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.producer_arns : can(regex("^arn:[a-z-]+:(iam|sts)::[0-9]{12}:", arn))])
    error_message = "Each producer must be the ARN of a principal in IAM or STS."
  }
}

variable "consumer_arns" {
  description = "ARNs of the principals that may receive and delete messages, beside what IAM policies of the account allow."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.consumer_arns : can(regex("^arn:[a-z-]+:(iam|sts)::[0-9]{12}:", arn))])
    error_message = "Each consumer must be the ARN of a principal in IAM or STS."
  }
}

variable "max_message_age_seconds" {
  description = "How old the oldest message may become before the alarm goes off."
  type        = number
  default     = 900
  nullable    = false

  validation {
    condition     = var.max_message_age_seconds >= 1
    error_message = "The age must be at least 1 second."
  }
}

variable "alarm_actions" {
  description = "ARNs of what is told when an alarm goes off and when it is over, such as SNS topics."
  type        = set(string)
  default     = []
  nullable    = false
}

variable "tags" {
  description = "Tags for all resources."
  type        = map(string)
  default     = {}
  nullable    = false
}
