"""A kubeconfig for the emulated cluster, so that kubectl and client libraries find it."""


def kubeconfig(url: str) -> str:
    """The YAML text of a minimal kubeconfig for the server at `url`, with a bearer token (any is accepted)."""
    return f"""\
apiVersion: v1
kind: Config
clusters:
- name: galileo
  cluster:
    server: {url}
users:
- name: galileo
  user:
    token: galileo
contexts:
- name: galileo
  context:
    cluster: galileo
    user: galileo
    namespace: default
current-context: galileo
"""
