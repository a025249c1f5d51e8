"""Tasks: runs of templates that are kept, so that they can be watched, cancelled, retried and recovered.

The engine is here, beside the runner that it drives, and knows the registry only as the protocol `TaskStore`:
scaffolder and registry are neighbours that do not import each other. What both know, the task itself, is in
`shiftdown.model.tasks`; `shiftdown.app` puts engine and registry together.

What holds, whatever is killed, frozen or cut off:

- A task is held by one process under a lease, which it renews while it lives. Every write is conditional on the
  lease, so who lost it changes nothing any more. After the lease any process may take the task over.
- A step's completion, its last event and its progress are one transaction. Who takes over goes on after the last
  completed step, with the workspace as it was then.
- What an action does under `ActionContext.checkpoint` is done once per task: its result is written before the
  action goes on. If the process dies in the instant between the effect and that write, the effect is asked for
  again; therefore actions find what is there before they create it.
- Secrets are in memory and, only under the operator's key, sealed in the registry; both end with the task. What a
  step makes of a secret, and all after it, is stored under that key only, and only while the task runs; without a
  key, and by a retry, these steps are done again.
"""

from shiftdown.scaffolder.tasks.engine import TaskEngine
from shiftdown.scaffolder.tasks.errors import SecretsNeededError, TaskConflictError
from shiftdown.scaffolder.tasks.options import TaskOptions
from shiftdown.scaffolder.tasks.sealing import Sealer
from shiftdown.scaffolder.tasks.store import TaskStore

__all__ = ["Sealer", "SecretsNeededError", "TaskConflictError", "TaskEngine", "TaskOptions", "TaskStore"]
