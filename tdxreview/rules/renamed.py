"""Facts and values that had another name: a rule that asks for an old one is told the new one."""

FACTS = {
    "ownership": "vmx",
    "order": "needed",
    "clearing": "cleared",
    "feature": "asked",
}
"""Old names of facts, with the new one; told only for kinds that have the new one."""

VALUES = {
    ("section", "left"): "noinstr_section: left",
    ("needs", "flush"): "needs: caches-flushed",
    ("needs", "teardown"): "needs: td-*",
    ("needs", "leaf"): "needs: module-*",
    ("vmx", "partly"): "vmx: on-other-paths",
    ("vmx", "unchecked"): "vmx: tried",
    ("vmx", "after-disable"): "vmx: turned-off",
    ("vmx", "wrong-cpu"): "vmx: on` with `cpu: [each, another]",
    ("vmx", "tolerated"): "vmx: may-be-off` with `warned: quiet",
    ("vmx", "not-tolerated"): "vmx: may-be-off` with `warned: loud",
    ("vmx", "migrated"): "vmx: [on, seen-on]` with `cpu: maybe-another",
    ("vmx", "hotplug-window"): "cpu: [each, another]` with `hotplug: open",
    ("reset", "reset"): "reset: done",
    ("reset", "stale"): "reset: not-seen",
    ("reset", "ahead"): "reset: set-before",
    ("reset", "lost"): "reset: taken-away",
}
"""Old values of a fact, with what says the same now."""


def value_now(fact: str, value: str) -> str:
    """Return what an old value of a fact is now, as the end of a sentence; empty if it is none."""
    now = VALUES.get((fact, value), "")
    return f"`{fact}: {value}` is now `{now}`" if now else ""
