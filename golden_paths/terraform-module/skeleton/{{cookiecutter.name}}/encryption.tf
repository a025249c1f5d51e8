data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

resource "aws_kms_key" "this" {
  count = var.kms_key_arn == null ? 1 : 0

  description             = "Encrypts the messages of ${var.name}${local.suffix}"
  deletion_window_in_days = 30
  enable_key_rotation     = true
  tags                    = var.tags

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [
        {
          Sid       = "AllowWhatPoliciesOfTheAccountAllow"
          Effect    = "Allow"
          Principal = { AWS = ["arn:${data.aws_partition.current.partition}:iam::${data.aws_caller_identity.current.account_id}:root"] }
          Action    = ["kms:*"]
          Resource  = "*"
        },
      ],
      [
        for sid, grant in local.grants : {
          Sid       = sid
          Effect    = "Allow"
          Principal = { AWS = sort(grant.principals) }
          Action    = grant.key_actions
          Resource  = "*"
        } if length(grant.principals) > 0
      ],
    )
  })
}

resource "aws_kms_alias" "this" {
  count = var.kms_key_arn == null ? 1 : 0

  name          = "alias/${var.name}"
  target_key_id = aws_kms_key.this[0].key_id
}
