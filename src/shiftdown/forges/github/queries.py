"""The GraphQL documents: one request tells all about a repository's change requests."""

_CHANGE = """
fragment Change on PullRequest {
  id number url title body state isDraft createdAt updatedAt mergedAt mergeable
  headRefName headRefOid baseRefName baseRefOid isCrossRepository
  headRepositoryOwner { __typename login }
  author { __typename login }
  mergeCommit { oid }
  milestone { title }
  autoMergeRequest { mergeMethod }
  labels(first: 100) { nodes { name } }
  assignees(first: 100) { nodes { login } }
  reviewRequests(first: 100) {
    nodes { requestedReviewer { __typename ... on User { login } ... on Team { slug } } }
  }
  reviews(last: 100, states: [APPROVED, CHANGES_REQUESTED]) {
    nodes { state author { __typename login } commit { oid } }
  }
  comments(last: 20) { nodes { id body author { __typename login } } }
  commits(last: 1) { nodes { commit { oid statusCheckRollup { state } } } }
}
"""
_PLACE = """
fragment Place on Repository {
  nameWithOwner isArchived isDisabled viewerPermission
  mergeCommitAllowed squashMergeAllowed rebaseMergeAllowed
}
"""
_HEAD = "viewer { login } repository(owner: $owner, name: $name) { ...Place"

HOME = f"""
query($owner: String!, $name: String!) {{
  {_HEAD} defaultBranchRef {{ name }} }}
}}
{_PLACE}
"""
"""The repository alone."""

TREE = f"""
query($owner: String!, $name: String!, $commit: GitObjectID!) {{
  {_HEAD} id object(oid: $commit) {{ __typename ... on Commit {{ tree {{ oid }} }} }} }}
}}
{_PLACE}
"""
"""The repository, and the tree of one of its commits."""

_COMMIT = """
fragment Told on Commit {
  oid message tree { oid } parents(first: 100) { nodes { oid } } author { name email date }
}
"""

HEAD = f"""
query($owner: String!, $name: String!, $folder: String!) {{
  {_HEAD} defaultBranchRef {{ name target {{ __typename oid ...Told }} }}
    refs(refPrefix: $folder, first: 100) {{ nodes {{ name target {{ oid }} }} pageInfo {{ hasNextPage }} }}
  }}
}}
{_PLACE}{_COMMIT}
"""
"""The repository, the commit at the tip of its default branch, and the branches in a folder."""

COMMIT = f"""
query($owner: String!, $name: String!, $commit: GitObjectID!) {{
  {_HEAD} object(oid: $commit) {{ __typename ...Told }} }}
}}
{_PLACE}{_COMMIT}
"""
"""One of its commits."""


def texts(count: int) -> str:
    """The document for the texts of so many files, by the variables `o0`, `o1`, …"""
    names = "".join(f", $o{n}: GitObjectID!" for n in range(count))
    parts = " ".join(f"b{n}: object(oid: $o{n}) {{ __typename ...Content }}" for n in range(count))
    return f"""
query($owner: String!, $name: String!{names}) {{ {_HEAD} {parts} }} }}
fragment Content on Blob {{ text }}
{_PLACE}
"""


MOVE = """
mutation($input: UpdateRefsInput!) { updateRefs(input: $input) { clientMutationId } }
"""
"""Move references that are where they are expected."""

SIGNED = """
mutation($start: UpdateRefsInput!, $commit: CreateCommitOnBranchInput!) {
  updateRefs(input: $start) { clientMutationId }
  createCommitOnBranch(input: $commit) { commit { oid tree { oid } } }
}
"""
"""Put a branch somewhere, and one signed commit on top of it."""

BY_NUMBER = f"""
query($owner: String!, $name: String!, $number: Int!) {{
  {_HEAD} pullRequest(number: $number) {{ ...Change }} }}
}}
{_PLACE}{_CHANGE}
"""
"""One change request by its number."""

BY_BRANCH = f"""
query($owner: String!, $name: String!, $branch: String!, $reference: String!) {{
  {_HEAD} ref(qualifiedName: $reference) {{ name }}
  pullRequests(headRefName: $branch, first: 20, orderBy: {{field: CREATED_AT, direction: DESC}}) {{
    nodes {{ ...Change }}
  }} }}
}}
{_PLACE}{_CHANGE}
"""
"""The newest change requests of a branch."""

ALL = f"""
query($owner: String!, $name: String!, $after: String) {{
  {_HEAD} pullRequests(first: 50, after: $after, orderBy: {{field: CREATED_AT, direction: ASC}}) {{
    nodes {{ ...Change }} pageInfo {{ hasNextPage endCursor }}
  }} }}
}}
{_PLACE}{_CHANGE}
"""
"""All change requests, oldest first, a page at a time."""

SOURCE = """
query($owner: String!, $name: String!, $number: Int!, $branch: String!) {
  viewer { login }
  repository(owner: $owner, name: $name) {
    pullRequest(number: $number) {
      headRef {
        target { __typename oid }
        branchProtectionRule { pattern }
        refUpdateRule { pattern }
        associatedPullRequests(states: [OPEN], first: 1) { totalCount }
      }
      headRepository {
        id viewerPermission
        defaultBranchRef { name }
        pullRequests(baseRefName: $branch, states: [OPEN], first: 1) { totalCount }
      }
    }
  }
}
"""
"""The branch of a change request, where it is and who needs it."""

AUTO_MERGE = """
mutation($input: EnablePullRequestAutoMergeInput!) {
  enablePullRequestAutoMerge(input: $input) { pullRequest { number } }
}
"""
"""Merge as soon as the rules of the base allow it."""

READY = """
mutation($input: MarkPullRequestReadyForReviewInput!) {
  markPullRequestReadyForReview(input: $input) { pullRequest { number } }
}
"""
"""Make a draft ready."""

DRAFT = """
mutation($input: ConvertPullRequestToDraftInput!) {
  convertPullRequestToDraft(input: $input) { pullRequest { number } }
}
"""
"""Make it a draft again."""


def many(count: int) -> str:
    """A number of change requests, of any repositories: variables `owner0`, `name0`, `number0`, `owner1`, …"""
    numbers = range(count)
    variables = " ".join(f"$owner{n}: String! $name{n}: String! $number{n}: Int!" for n in numbers)
    parts = "\n".join(
        f"r{n}: repository(owner: $owner{n}, name: $name{n}) {{ pullRequest(number: $number{n}) {{ ...Change }} }}"
        for n in numbers
    )
    return f"query({variables}) {{\n  viewer {{ login }}\n{parts}\n}}\n{_CHANGE}"


_LISTED = """nodes {{ __typename ... on Repository {{
      id nameWithOwner isArchived isFork visibility pushedAt
      primaryLanguage {{ name }} defaultBranchRef {{ name }}
      repositoryTopics(first: 20) {{ nodes {{ topic {{ name }} }} }}
      {files}
    }} }}
    pageInfo {{ hasNextPage endCursor }}"""


def owned(files: int) -> str:
    """A page of an owner's repositories, and whether a number of files is there: variables `file0`, `file1`, …

    Those made last come last: whatever is made, renamed or pushed to meanwhile, no other one moves to another page.
    """
    return f"""
query($login: String!, $many: Int!, $after: String, $archived: Boolean, $fork: Boolean{_variables(files)}) {{
  repositoryOwner(login: $login) {{ __typename repositories(
    first: $many, after: $after, ownerAffiliations: OWNER, isArchived: $archived, isFork: $fork,
    orderBy: {{field: CREATED_AT, direction: ASC}}
  ) {{ {_LISTED.format(files=_objects(files))} }} }}
}}"""


def found(files: int) -> str:
    """A page of the repositories that a search finds, and whether a number of files is there."""
    return f"""
query($words: String!, $many: Int!, $after: String{_variables(files)}) {{
  search(type: REPOSITORY, query: $words, first: $many, after: $after) {{
    repositoryCount {_LISTED.format(files=_objects(files))}
  }}
}}"""


def _variables(files: int) -> str:
    return "".join(f", $file{n}: String!" for n in range(files))


def _objects(files: int) -> str:
    return " ".join(f"file{n}: object(expression: $file{n}) {{ __typename }}" for n in range(files))
