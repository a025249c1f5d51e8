"""What tests of playbooks share."""

from datetime import UTC, datetime

START = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)

SMALL = """\
name: tidy-up
phases:
  - name: First
    phase_type: SECURITY_AUTOMATION
    duration: 10 days
    transformations: [ADD_SECRET_SCANNING, ADD_OUR_OWN_THING]
    activities:
      - Tell everybody
  - name: Second
    phase_type: OBSERVABILITY
    duration: 1-2 months
    stack: [Loki]
    deliverable: Logs in one place
"""
