"""The GraphQL documents: one request tells all about a project's change requests.

GitLab adds up what a document may cost and takes at most 250 (docs.gitlab.com, "GraphQL API", "Max query complexity"),
so that connections are kept short. Every field is of GitLab 15.6 or older, but for those that bring forks up to
date, which came with 15.11.
"""

_CHANGE = """
fragment Change on MergeRequest {
  iid webUrl title description state draft createdAt updatedAt mergedAt
  sourceBranch targetBranch sourceProjectId diffHeadSha mergeCommitSha
  detailedMergeStatus conflicts squash autoMergeEnabled
  diffRefs { baseSha startSha }
  author { username }
  milestone { title }
  headPipeline { status }
  labels(first: 50) { nodes { title } }
  assignees(first: 20) { nodes { id username } }
  reviewers(first: 20) { nodes { id username mergeRequestInteraction { reviewState } } }
  approvedBy(first: 20) { nodes { username } }
  notes(last: 50) { nodes { system body createdAt author { username } } }
}
"""
_HEAD = "currentUser { username } project(fullPath: $path) { id userPermissions { pushCode }"

BY_NUMBER = f"""
query($path: ID!, $number: String!) {{
  {_HEAD} mergeRequest(iid: $number) {{ ...Change }} }}
}}
{_CHANGE}
"""
"""One change request by its number."""

BY_BRANCH = f"""
query($path: ID!, $branch: String!) {{
  {_HEAD} mergeRequests(sourceBranches: [$branch], first: 20, sort: CREATED_DESC) {{ nodes {{ ...Change }} }} }}
}}
{_CHANGE}
"""
"""The newest change requests of a branch."""

ALL = f"""
query($path: ID!, $after: String) {{
  {_HEAD} mergeRequests(first: 50, after: $after, sort: CREATED_ASC) {{
    nodes {{ ...Change }} pageInfo {{ hasNextPage endCursor }}
  }} }}
}}
{_CHANGE}
"""
"""All change requests, oldest first, a page at a time."""

MANY = f"""
query($paths: [String!]!, $numbers: [String!]!) {{
  currentUser {{ username }}
  projects(fullPaths: $paths, first: 30) {{
    nodes {{ id fullPath mergeRequests(iids: $numbers) {{ nodes {{ ...Change }} }} }}
  }}
}}
{_CHANGE}
"""
"""Change requests of several projects; those with any of the numbers."""

RIGHTS = f"""
query($path: ID!) {{ {_HEAD} }} }}
"""
"""What we may do."""

USERS = """
query($names: [String!]!) { users(usernames: $names, first: 100) { nodes { id username } } }
"""
"""People by their user names."""

NEEDING = """
query($path: ID!, $branch: String!) {
  project(fullPath: $path) {
    from: mergeRequests(sourceBranches: [$branch], state: opened, first: 20) { nodes { iid sourceProjectId } }
    into: mergeRequests(targetBranches: [$branch], state: opened, first: 1) { nodes { iid } }
  }
}
"""
"""The open change requests that need a branch."""

TEXTS = """
query($path: ID!, $commit: String!, $files: [String!]!) {
  project(fullPath: $path) {
    repository { blobs(ref: $commit, paths: $files, first: 50) { nodes { path rawTextBlob } } }
  }
}
"""
"""The texts of files at a commit."""

FILES = """
query($path: ID!, $commit: String!, $files: [String!]!) {
  project(fullPath: $path) {
    repository { blobs(ref: $commit, paths: $files, first: 100) { nodes { path mode oid } } }
  }
}
"""
"""Files of a commit, by their paths."""

SYNC = """
mutation($input: ProjectSyncForkInput!) {
  projectSyncFork(input: $input) { errors details { ahead behind isSyncing hasConflicts } }
}
"""
"""Bring a branch of a fork up to date."""

SYNCED = """
query($path: ID!, $branch: String!) {
  project(fullPath: $path) { forkDetails(ref: $branch) { ahead behind isSyncing hasConflicts } }
}
"""
"""How a branch of a fork stands to that of its upstream."""
