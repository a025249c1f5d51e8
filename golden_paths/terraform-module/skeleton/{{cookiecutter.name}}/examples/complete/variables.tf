variable "region" {
  description = "AWS region."
  type        = string
  default     = "{{ cookiecutter.region }}"
}
